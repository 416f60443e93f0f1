import { type Edge, mainProcedure, type Program, type Variable } from '../program/program.ts';
import type { SymbolTerm } from '../terms/term.ts';
import type { Value } from '../terms/value.ts';
import { objectAt } from './value-words.ts';

/**
 * What a pointer parameter of the function that was asked about leads to. The front end gives it an object of its own: null
 * or not, a number of elements, and what is in them are inputs of the run, chosen on its first edge.
 */
export interface PointerArgument {
  readonly parameter: SymbolTerm;
  readonly name: string;
  /** null: it is the null pointer. */
  readonly elements: bigint | null;
  /** What is in the object: arrays over its elements, or single cells, by the paths of their names behind `*name`. */
  readonly contents: readonly Content[];
}

export interface Content {
  /** `` for the elements themselves, `.next` for a member of each, `[0].next` for one cell. */
  readonly path: string;
  readonly symbol: SymbolTerm;
  readonly variable: Variable;
  readonly value: Value;
}

/** `state` is the one after the first edge of the run. */
export function pointerArguments(
  program: Program,
  state: ReadonlyMap<SymbolTerm, Value>,
): ReadonlyMap<SymbolTerm, PointerArgument> {
  const found = new Map<SymbolTerm, PointerArgument>();
  for (const parameter of mainProcedure(program).params) {
    const variable = program.variables.get(parameter)!;
    const address = state.get(parameter);
    if (!variable.pointer || typeof address !== 'bigint') continue;
    const { name } = variable;
    if (address === 0n) {
      found.set(parameter, { parameter, name, elements: null, contents: [] });
      continue;
    }
    const own = `*${name}`;
    if (objectAt(program, address)?.range.name !== own) continue;
    const contents: Content[] = [];
    let elements: bigint | undefined;
    for (const [symbol, about] of program.variables) {
      const value = state.get(symbol);
      if (value === undefined) continue;
      if (about.internal) {
        if (about.name === elementsOf(name) && typeof value === 'bigint') elements = value;
        continue;
      }
      const path = about.name.startsWith(own) ? about.name.slice(own.length) : undefined;
      if (path !== undefined && (path === '' || /^[.[]/.test(path))) {
        contents.push({ path, symbol, variable: about, value });
      }
    }
    if (elements !== undefined) found.set(parameter, { parameter, name, elements, contents });
  }
  return found;
}

const elementsOf = (name: string): string => `elements of *${name}`;

/** Whether an input is part of what a pointer parameter is, and said with it. */
export const isPartOf = (input: string, argument: PointerArgument): boolean =>
  input === elementsOf(argument.name) || input === `${argument.name} is null`;

/** A cell behind the last element is looked at by nobody: the run has failed before. */
export function isInside({ path }: Content, { elements }: PointerArgument): boolean {
  const index = /^\[(\d+)\]/.exec(path)?.[1];
  return index === undefined || (elements !== null && BigInt(index) < elements);
}

/**
 * The user's static objects that may hold any value when the run begins: those that its first edge does not set, or sets to
 * anything. requires: `first` is that edge.
 */
export function freeStatics(
  program: Program,
  first: Edge | undefined,
  pointers: ReadonlyMap<SymbolTerm, PointerArgument>,
): readonly SymbolTerm[] {
  const parts = new Set([...pointers.values()].flatMap((p) => p.contents.map((c) => c.symbol)));
  const set = new Set<SymbolTerm>();
  for (const step of first?.steps ?? []) {
    if (step.kind === 'assign') set.add(step.target);
    else if (step.kind === 'havoc') set.delete(step.target);
  }
  return program.globals.filter((g) => {
    const { internal, name } = program.variables.get(g)!;
    return !internal && !set.has(g) && !parts.has(g) && /^[A-Za-z_][\w.[\]]*$/.test(name);
  });
}
