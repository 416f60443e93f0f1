import { type Edge, mainProcedure, type Procedure, type Program } from '../../program/program.ts';
import type { Interval } from '../../terms/interval.ts';
import type { Sort } from '../../terms/sort.ts';
import type { SymbolTerm } from '../../terms/term.ts';
import type { Value } from '../../terms/value.ts';
import { floatRepresentation } from './float-code.ts';

/**
 * Where the compiled runner keeps the variables of a program: one numbered slot each, and one number for every call that
 * can push a frame. Nothing of the user's text goes into generated code, only these numbers.
 */

/**
 * How a value is held at run time: `number` is a JavaScript number that is an integer of at most 53 bits, exactly;
 * `float32` and `float64` are JavaScript numbers that are the float; `value` is a terms Value as it is (arrays, rationals).
 */
export type Representation = 'number' | 'bigint' | 'boolean' | 'float32' | 'float64' | 'value';

export const largestExact = BigInt(Number.MAX_SAFE_INTEGER);

export const fits = (i: Interval, low: bigint, high: bigint): boolean =>
  i.low !== undefined && i.high !== undefined && i.low >= low && i.high <= high;
export const isExact = (i: Interval): boolean => fits(i, -largestExact, largestExact);
export const isInt32 = (i: Interval): boolean => fits(i, -(2n ** 31n), 2n ** 31n - 1n);
export const isUint32 = (i: Interval): boolean => fits(i, 0n, 2n ** 32n - 1n);

export interface CallSite {
  readonly id: number;
  readonly edge: Edge;
  /** Index of the call among the edge's steps. */
  readonly step: number;
  readonly caller: Procedure;
  readonly callee: Procedure;
}

export class Layout {
  readonly program: Program;
  readonly slots: readonly SymbolTerm[];
  /** The variables that are in scope at depth 0: globals and main's own, in the interpreter's order. */
  readonly mainSlots: readonly number[];
  readonly sites: readonly CallSite[];
  readonly #slotOf = new Map<SymbolTerm, number>();

  constructor(program: Program) {
    this.program = program;
    const slots: SymbolTerm[] = [];
    const add = (symbol: SymbolTerm): void => {
      if (this.#slotOf.has(symbol)) return;
      this.#slotOf.set(symbol, slots.length);
      slots.push(symbol);
    };
    const main = mainProcedure(program);
    for (const s of [...program.globals, ...ownVariables(main)]) add(s);
    this.mainSlots = slots.map((_, i) => i);
    const sites: CallSite[] = [];
    for (const caller of program.procedures.values()) {
      for (const s of ownVariables(caller)) add(s);
      for (const edge of caller.edges) {
        edge.steps.forEach((step, index) => {
          if (step.kind !== 'call') return;
          const callee = program.procedures.get(step.callee);
          if (!callee) throw new Error(`no procedure ${step.callee}`);
          sites.push({ id: sites.length, edge, step: index, caller, callee });
        });
      }
    }
    this.slots = slots;
    this.sites = sites;
  }

  /** The slot of a declared variable; undefined for a symbol that the program does not declare. */
  slot(symbol: SymbolTerm): number | undefined {
    return this.#slotOf.get(symbol);
  }

  range(symbol: SymbolTerm): Interval | undefined {
    return symbol.sort.kind === 'int' ? this.program.variables.get(symbol)?.range : undefined;
  }

  /** `speculative`: integers of any size start as numbers, and the run changes over when one grows too large. */
  representation(symbol: SymbolTerm, speculative: boolean): Representation {
    if (symbol.sort.kind !== 'int') return plainRepresentation(symbol.sort);
    return speculative || isExact(this.range(symbol) ?? {}) ? 'number' : 'bigint';
  }
}

export const plainRepresentation = (sort: Sort): Representation =>
  sort.kind === 'bool'
    ? 'boolean'
    : sort.kind === 'int'
      ? 'bigint'
      : sort.kind === 'float'
        ? floatRepresentation(sort.format)
        : 'value';

export const ownVariables = (procedure: Procedure): readonly SymbolTerm[] => [
  ...new Set([...procedure.params, ...procedure.results, ...procedure.locals]),
];

/** Float variables stand among the numbers. */
export const isNumeric = (r: Representation): boolean => r === 'number' || r === 'float32' || r === 'float64';

/** An input as a Value: integers come as numbers where they fit. */
export const asValue = (x: unknown, symbol: SymbolTerm): Value =>
  symbol.sort.kind === 'int' ? BigInt(x as bigint | number) : (x as Value);
