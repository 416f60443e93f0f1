import type { Budget } from '../../base/budget.ts';
import { type Choices, defaultInRange, Machine, MachineTables } from '../../program/interpreter.ts';
import type { Program } from '../../program/program.ts';
import type { SymbolTerm } from '../../terms/term.ts';
import type { Value } from '../../terms/value.ts';
import type { LassoEvidence } from '../../verdict/evidence.ts';
import { callKey } from '../../verdict/trace-check.ts';
import { Random } from './run.ts';

/**
 * Endless recursion, by running: a call that is still open leads to another with the same arguments and globals. Calls on the
 * way may return, which recurrent sets of a recursive program leave out. Inputs are random and small; the first runs take
 * the smallest values.
 */
export function* endlessDescent(
  program: Program,
  seed: number,
  budget: Budget,
): Generator<undefined, LassoEvidence | undefined> {
  const tables = new MachineTables(program);
  const byEntry = new Map([...program.procedures.values()].map((p) => [p.entry, p]));
  const random = new Random(seed);
  for (let run = 0; run < runs; run++) {
    yield;
    if (!budget.open) return undefined;
    const choices = new Recorded(program, random, run);
    const machine = new Machine(program, choices, tables);
    const initial = machine.state();
    const open: { readonly depth: number; readonly key: string }[] = [];
    const since = new Map<string, number>();
    const decisions: number[] = [];
    let firstStep: number | undefined;
    machine.run({
      stepLimit: stepsPerRun,
      depthLimit: deepest,
      onEdge: (edge) => decisions.push(edge.id),
      onLocation: (at, m) => {
        while (open.length > 0 && open[open.length - 1]!.depth > m.depth) since.delete(open.pop()!.key);
        const top = open[open.length - 1];
        if (top && top.depth === m.depth) return false;
        const procedure = byEntry.get(at);
        if (!procedure) return false;
        const key = callKey(program, procedure, m);
        firstStep = since.get(key);
        if (firstStep !== undefined) return true;
        open.push({ depth: m.depth, key });
        since.set(key, m.steps);
        return false;
      },
    });
    if (!budget.spend(1 + (machine.steps >> 4))) return undefined;
    if (firstStep === undefined) continue;
    const trace = { initial, havocs: choices.havocs, decisions };
    return { kind: 'lasso', trace, firstStep, secondStep: machine.steps };
  }
  return undefined;
}

const runs = 60;
const stepsPerRun = 1_500;
const deepest = 300;

class Recorded implements Choices {
  readonly #program: Program;
  readonly #random: Random;
  readonly #size: number;
  readonly havocs: Value[] = [];

  constructor(program: Program, random: Random, run: number) {
    this.#program = program;
    this.#random = random;
    this.#size = [2, 4, 12, 40][run % 4]!;
  }

  #value(symbol: SymbolTerm): Value {
    if (symbol.sort.kind === 'bool') return this.#random.below(2) === 0;
    if (symbol.sort.kind !== 'int') return defaultInRange(this.#program, symbol);
    const value = BigInt(this.#random.below(2 * this.#size + 1) - this.#size);
    const range = this.#program.variables.get(symbol)?.range;
    if (range?.low !== undefined && value < range.low) return range.low;
    return range?.high !== undefined && value > range.high ? range.high : value;
  }

  initial(symbol: SymbolTerm): Value {
    return this.#value(symbol);
  }
  havoc(symbol: SymbolTerm): Value {
    const value = this.#value(symbol);
    this.havocs.push(value);
    return value;
  }
  edge(_at: number, enabled: () => readonly number[]): readonly number[] {
    const edges = enabled();
    if (edges.length <= 1) return edges;
    const start = this.#random.below(edges.length);
    return [...edges.slice(start), ...edges.slice(0, start)];
  }
  mark(): number {
    return this.havocs.length;
  }
  reset(mark: number): void {
    this.havocs.length = mark;
  }
}
