import { operators } from './operator.ts';
import { formatSort } from './sort.ts';
import { children, type SymbolTerm, type Term } from './term.ts';
import type { Value } from './value.ts';

/** Gives symbols their values; undefined means that the symbol has none. */
export type Environment = (symbol: SymbolTerm) => Value | undefined;

export class UnboundSymbol extends Error {
  readonly symbol: SymbolTerm;
  constructor(symbol: SymbolTerm) {
    super(`no value for ${symbol.name}: ${formatSort(symbol.sort)}`);
    this.symbol = symbol;
  }
}

export class NotEvaluable extends Error {}

/**
 * The value of a term under an environment. Only the chosen branch of `ite`, and of `and`/`or`/`implies` only what is
 * needed, is evaluated: so a symbol without value in a branch not taken does no harm.
 * Throws UnboundSymbol, EvaluationLimit (an integer too large), NotEvaluable (a quantifier).
 */
export function evaluate(root: Term, environment: Environment): Value {
  if (root.kind === 'value') return root.value;
  const known = new Map<number, Value>();
  const stack: Term[] = [root];
  while (stack.length > 0) {
    const term = stack[stack.length - 1]!;
    if (known.has(term.id)) {
      stack.pop();
      continue;
    }
    const value = attempt(term, environment, known, stack);
    if (value !== undefined) {
      known.set(term.id, value);
      stack.pop();
    }
  }
  return known.get(root.id)!;
}

/** The value if all that is needed is known; otherwise undefined, with what is missing pushed. */
function attempt(term: Term, environment: Environment, known: Map<number, Value>, stack: Term[]): Value | undefined {
  if (term.kind === 'value') return term.value;
  if (term.kind === 'symbol') {
    const value = environment(term);
    if (value === undefined) throw new UnboundSymbol(term);
    return value;
  }
  if (term.kind !== 'apply') throw new NotEvaluable(`cannot evaluate a quantifier (${term.kind})`);
  const lookup = (t: Term): Value | undefined => (t.kind === 'value' ? t.value : known.get(t.id));
  const { op, args } = term;
  if (op === 'ite') {
    const condition = lookup(args[0]!);
    if (condition === undefined) return push(stack, args[0]!);
    const branch = condition ? args[1]! : args[2]!;
    return lookup(branch) ?? push(stack, branch);
  }
  if (op === 'and' || op === 'or' || op === 'implies') {
    for (let i = 0; i < args.length; i++) {
      const value = lookup(args[i]!);
      if (value === undefined) return push(stack, args[i]!);
      if (op === 'and' && !value) return false;
      if (op === 'or' && value) return true;
      if (op === 'implies' && i === 0 && !value) return true;
      if (op === 'implies' && i === 1) return value;
    }
    return op === 'and';
  }
  const values: Value[] = [];
  for (const arg of children(term)) {
    const value = lookup(arg);
    if (value === undefined) return push(stack, arg);
    values.push(value);
  }
  return operators[op].evaluate(values, term.index);
}

function push(stack: Term[], term: Term): undefined {
  stack.push(term);
  return undefined;
}
