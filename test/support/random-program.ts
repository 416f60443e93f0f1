import { ProgramBuilder } from '../../src/program/builder.ts';
import type { LocationId, Program, Step } from '../../src/program/program.ts';
import type { Subject } from '../../src/program/question.ts';
import { TermFactory } from '../../src/terms/factory.ts';
import { arraySort, intSort } from '../../src/terms/sort.ts';
import type { SymbolTerm, Term } from '../../src/terms/term.ts';
import { ArrayValue } from '../../src/terms/value.ts';

/**
 * Random flat programs, small enough for explicit-state search: a few integer variables, either wrapping in a few bits or
 * unbounded, perhaps an array, structured loops, branches, inputs and one check.
 */
export interface RandomProgramOptions {
  readonly seed: number;
  readonly variables: number;
  readonly statements: number;
  /** Bits of the wrapping variables; 0 leaves them unbounded. */
  readonly widthBits: number;
  readonly inputs: boolean;
  /** With an array `m`, all zero at first, that is written and read at indices from 0 to 3. Needs `widthBits`. */
  readonly array?: boolean;
}

/** Park and Miller's minimal standard generator. */
export function randomNumbers(seed: number): (below: number) => number {
  let state = (seed % 2147483646) + 1;
  return (below) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
}

export const randomSubject: Subject = { path: 'random', language: 'its' };

export function randomProgram(options: RandomProgramOptions): Program {
  const below = randomNumbers(options.seed);
  const t = new TermFactory();
  const b = new ProgramBuilder(t);
  const p = b.procedure('main');
  const w = options.widthBits;
  const half = w > 0 ? 1n << BigInt(w - 1) : 0n;
  const variables: SymbolTerm[] = [];
  for (let i = 0; i < options.variables; i++) {
    const range = w > 0 ? { range: { low: -half, high: half - 1n } } : {};
    variables.push(
      p.declare({ name: 'xyzuvw'[i]!, role: i === 0 && w > 0 ? 'parameter' : 'local', ...range }, intSort),
    );
  }
  const array = options.array ? p.declare({ name: 'm', role: 'local' }, arraySort(intSort, intSort)) : undefined;
  const place = (): Term =>
    below(2) === 0 ? t.int(below(4)) : t.apply('mod', [t.add(variable(), t.int(below(3))), t.int(4)]);
  const variable = (): SymbolTerm => variables[below(variables.length)]!;
  const constant = (): Term => t.int(below(7) - 3);
  const inRange = (term: Term): Term => (w > 0 ? t.wrapSigned(term, w) : term);
  const expression = (): Term => {
    if (array && below(3) === 0) return t.add(t.apply('select', [array, place()]), t.int(below(3) - 1));
    switch (below(w > 0 ? 8 : 6)) {
      case 0:
        return constant();
      case 1:
        return t.add(variable(), constant());
      case 2:
        return t.add(variable(), variable());
      case 3:
        return t.subtract(variable(), variable());
      case 4:
        return t.ite(condition(), t.add(variable(), t.int(1)), t.subtract(variable(), t.int(1)));
      case 5:
        return t.subtract(variable(), t.int(below(3)));
      case 6:
        return t.apply(below(2) === 0 ? 'quot' : 'mod', [variable(), t.int(below(3) + 1)]);
      default:
        return t.multiply(variable(), below(2) === 0 ? constant() : variable());
    }
  };
  const condition = (): Term => {
    const left = variable();
    const right = below(2) === 0 ? variable() : constant();
    const op = (['<', '<=', '>', '>=', '='] as const)[below(5)]!;
    const made = t.apply(op, [left, right]);
    return below(5) === 0 ? t.not(made) : below(6) === 0 ? t.and(made, t.less(variable(), constant())) : made;
  };
  let remaining = options.statements;
  const block = (from: LocationId, depth: number): LocationId => {
    let at = from;
    const length = 1 + below(3);
    for (let i = 0; i < length && remaining > 0; i++) {
      remaining--;
      at = statement(at, depth);
    }
    return at;
  };
  const statement = (at: LocationId, depth: number): LocationId => {
    const kind = below(depth < 3 ? 7 : 3);
    if (kind <= 2) {
      const next = p.location();
      if (array && below(3) === 0) {
        const value = t.apply('store', [array, place(), inRange(expression())]);
        p.edge(at, next, [{ kind: 'assign', target: array, value }]);
        return next;
      }
      const target = variable();
      const step: Step =
        options.inputs && below(4) === 0
          ? { kind: 'havoc', target, input: 'nondet' }
          : { kind: 'assign', target, value: inRange(expression()) };
      p.edge(at, next, [step]);
      return next;
    }
    if (kind <= 4) {
      const c = condition();
      const then = p.location();
      const other = p.location();
      p.edge(at, then, [{ kind: 'assume', condition: c }]);
      p.edge(at, other, [{ kind: 'assume', condition: t.not(c) }]);
      const thenEnd = block(then, depth + 1);
      const otherEnd = below(2) === 0 ? block(other, depth + 1) : other;
      const join = p.location();
      p.edge(thenEnd, join, []);
      p.edge(otherEnd, join, []);
      return join;
    }
    const head = p.location({ loop: { keyword: 'while' } });
    p.edge(at, head, []);
    const c = condition();
    const body = p.location();
    const out = p.location();
    p.edge(head, body, [{ kind: 'assume', condition: c }]);
    p.edge(head, out, [{ kind: 'assume', condition: t.not(c) }]);
    p.edge(block(body, depth + 1), head, []);
    return out;
  };
  const start = p.location();
  p.edge(
    p.entry,
    start,
    variables
      .filter((v) => b.variable(v).role === 'local')
      .map((v): Step => ({ kind: 'assign', target: v, value: inRange(t.int(below(5) - 2)) }))
      .concat(array ? [{ kind: 'assign', target: array, value: t.value(new ArrayValue(0n), array.sort) }] : []),
  );
  const end = block(start, 0);
  const property = array && below(2) === 0 ? t.less(t.apply('select', [array, place()]), t.int(1)) : condition();
  b.check({ kind: 'assertion', at: end, property, text: 'the property holds', failure: 'the property fails' });
  p.edge(end, p.exit, [{ kind: 'assume', condition: property }]);
  p.finish();
  return b.build('main');
}
