import { mainProcedure, type Program } from '../../program/program.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { freeSymbols, substitute, subterms } from '../../terms/traversal.ts';
import { isIntArray } from './samples.ts';

/**
 * What a program's text suggests about objects that are handed out one after another: variables that begin at a constant and
 * only ever grow by one step (the next free address), so that the objects are the multiples of the step between; and
 * conditions that hold of what is stored into an object, as conditions on its fields. Guesses only.
 */
export interface Handout {
  /** The next free address. */
  readonly next: SymbolTerm;
  readonly base: bigint;
  readonly step: bigint;
  /** Variables that addresses may come to, and arrays whose elements may hold them. */
  readonly holders: ReadonlySet<SymbolTerm>;
}

export function handoutsOf(program: Program): Handout[] {
  const bases = new Map<SymbolTerm, Set<bigint>>();
  const steps = new Map<SymbolTerm, Set<bigint>>();
  const others = new Set<SymbolTerm>();
  const note = (map: Map<SymbolTerm, Set<bigint>>, s: SymbolTerm, value: bigint): void => {
    map.set(s, (map.get(s) ?? new Set()).add(value));
  };
  for (const edge of mainProcedure(program).edges) {
    for (const step of edge.steps) {
      if (step.kind === 'havoc') others.add(step.target);
      if (step.kind !== 'assign' || step.target.sort.kind !== 'int') continue;
      const { target, value } = step;
      const [a, b] = value.kind === 'apply' && value.op === '+' && value.args.length === 2 ? value.args : [];
      if (value.kind === 'value') note(bases, target, value.value as bigint);
      else if (a === target && b?.kind === 'value') note(steps, target, b.value as bigint);
      else others.add(target);
    }
  }
  const result: Handout[] = [];
  for (const [next, base] of bases) {
    const step = steps.get(next);
    if (others.has(next) || base.size !== 1 || step?.size !== 1) continue;
    const [size] = step;
    if (size! > 1n) result.push({ next, base: [...base][0]!, step: size!, holders: holdersOf(program, next) });
  }
  return result.slice(0, mostHandouts);
}

/** Where the values of a variable may go, by assignments. */
function holdersOf(program: Program, from: SymbolTerm): ReadonlySet<SymbolTerm> {
  const flows = new Map<SymbolTerm, Set<SymbolTerm>>();
  for (const edge of mainProcedure(program).edges) {
    for (const step of edge.steps) {
      if (step.kind !== 'assign') continue;
      for (const source of sourcesOf(step.value)) flows.set(source, (flows.get(source) ?? new Set()).add(step.target));
    }
  }
  const reached = new Set([from]);
  for (const s of reached) for (const to of flows.get(s) ?? []) reached.add(to);
  return reached;
}

/** The symbols whose value, or an element of which, a term may hand on as it is. */
function sourcesOf(value: Term): Set<SymbolTerm> {
  const found = new Set<SymbolTerm>();
  const stack = [value];
  for (let term = stack.pop(); term; term = stack.pop()) {
    if (term.kind === 'symbol') found.add(term);
    if (term.kind !== 'apply') continue;
    const { op, args } = term;
    if (op === 'ite') stack.push(args[1]!, args[2]!);
    else if (op === 'select') stack.push(args[0]!);
    else if (op === 'store') stack.push(args[0]!, args[2]!);
    else if (op === 'wrap.unsigned' || op === 'wrap.signed') stack.push(args[0]!);
  }
  return found;
}

const mostHandouts = 4;
const mostFieldConditions = 40;

/** x is the address of an object that was handed out. */
export function isHandedOut(program: Program, { next, base, step }: Handout, x: Term): Term {
  const t = program.terms;
  const rest = ((base % step) + step) % step;
  const aligned = t.equal(t.apply('mod', [x, t.int(step)]), t.int(rest));
  return t.all([t.lessEqual(t.int(base), x), t.less(x, next), aligned]);
}

export const holdsHandedOut = ({ base, step }: Handout, next: bigint, x: bigint): boolean =>
  base <= x && x < next && (x - base) % step === 0n;

/** Conditions of the program on variables whose values are stored into arrays, as conditions on the elements at `k`. */
export function fieldConditions(program: Program, k: SymbolTerm): ReadonlyMap<SymbolTerm, readonly Term[]> {
  const t = program.terms;
  const { edges } = mainProcedure(program);
  const stored = new Map<SymbolTerm, SymbolTerm>();
  const copies: [SymbolTerm, SymbolTerm][] = [];
  const conditions = new Set<Term>();
  for (const edge of edges) {
    for (const step of edge.steps) {
      if (step.kind === 'assume') {
        for (const part of subterms([step.condition])) if (part.sort.kind === 'bool') conditions.add(part);
        conditions.add(t.not(step.condition));
      }
      if (step.kind !== 'assign') continue;
      if (step.value.kind === 'symbol' && step.target.sort.kind === 'int') copies.push([step.target, step.value]);
      if (!isIntArray(step.target)) continue;
      for (const part of subterms([step.value])) {
        const element = part.kind === 'apply' && part.op === 'store' ? part.args[2]! : undefined;
        if (element?.kind === 'symbol') stored.set(element, step.target);
      }
    }
  }
  for (let round = 0; round < 3; round++) {
    for (const [to, from] of copies) {
      const array = stored.get(to);
      if (array && !stored.has(from)) stored.set(from, array);
    }
  }
  const elements = new Map<Term, Term>([...stored].map(([v, a]) => [v, t.apply('select', [a, k])]));
  const result = new Map<SymbolTerm, Term[]>();
  let count = 0;
  for (const condition of conditions) {
    const symbols = freeSymbols([condition]);
    const first = symbols.find((s) => stored.has(s));
    if (!first || symbols.some((s) => s.sort.kind === 'array') || count++ >= mostFieldConditions) continue;
    const array = stored.get(first)!;
    const body = substitute(t, condition, elements);
    result.set(array, [...(result.get(array) ?? []), body]);
  }
  return result;
}
