import { type Environment, evaluate, UnboundSymbol } from './evaluate.ts';
import { operators } from './operator.ts';
import type { Term } from './term.ts';
import { subterms } from './traversal.ts';
import type { Value } from './value.ts';

/**
 * Terms as functions, for what is evaluated many times: one closure for each operator, the same meaning and laziness as
 * `evaluate`. Terms that are deep, or large when their shared parts are written out, are left to `evaluate`.
 */
export type Evaluator = (environment: Environment) => Value;

const deepest = 200;
const largest = 2_000;

export function evaluator(root: Term): Evaluator {
  if (root.depth > deepest) return (environment) => evaluate(root, environment);
  const made = new Map<Term, Evaluator>();
  const sizes = new Map<Term, number>();
  for (const term of subterms([root])) {
    const parts = term.kind === 'apply' ? term.args : [];
    sizes.set(
      term,
      parts.reduce((sum, p) => sum + sizes.get(p)!, 1),
    );
    made.set(
      term,
      make(
        term,
        parts.map((p) => made.get(p)!),
      ),
    );
  }
  return sizes.get(root)! > largest ? (environment) => evaluate(root, environment) : made.get(root)!;
}

function make(term: Term, args: readonly Evaluator[]): Evaluator {
  if (term.kind === 'value') return () => term.value;
  if (term.kind === 'symbol') {
    return (environment) => {
      const value = environment(term);
      if (value === undefined) throw new UnboundSymbol(term);
      return value;
    };
  }
  if (term.kind !== 'apply') return (environment) => evaluate(term, environment);
  const [a, b, c] = args as [Evaluator, Evaluator, Evaluator];
  const { index, op } = term;
  switch (op) {
    case 'ite':
      return (environment) => (a(environment) ? b(environment) : c(environment));
    case 'and':
      return (environment) => args.every((f) => f(environment));
    case 'or':
      return (environment) => args.some((f) => f(environment));
    case 'implies':
      return (environment) => !a(environment) || b(environment);
    default: {
      const apply = operators[op].evaluate;
      if (args.length === 1) return (environment) => apply([a(environment)], index);
      if (args.length === 2) return (environment) => apply([a(environment), b(environment)], index);
      return (environment) => {
        const values: Value[] = [];
        for (const f of args) values.push(f(environment));
        return apply(values, index);
      };
    }
  }
}
