import { ProgramBuilder } from '../../program/builder.ts';
import { cutPoints } from '../../program/path.ts';
import type { LocationId, Program, Step } from '../../program/program.ts';
import { TermFactory } from '../../terms/factory.ts';
import { type Polynomial, unknownsOf } from '../../terms/polynomial.ts';
import { type Formula, formulaUnknowns, isTruth } from '../../terms/polynomial-formula.ts';
import { Speller } from '../../terms/polynomial-spelling.ts';
import { intSort } from '../../terms/sort.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import type { TransitionSystem } from './system.ts';
import { isUnchanged, type Update, updatesOf } from './update.ts';

/**
 * A transition system as a program: one procedure, a location each, an edge for each update. A fresh entry leads to every
 * initial location. The simultaneous update of a transition becomes a sequence of steps: conditions on the state before;
 * a havoc for each input; the remaining conditions; assignments in an order in which nothing is overwritten before its
 * last use, with a saved copy where they form a cycle. Inputs and copies live in a pool of internal temporaries, which
 * hold nothing from one edge to the next.
 */
export function lowerSystem(system: TransitionSystem): Program {
  return new Lowering(system).program();
}

class Lowering {
  readonly #system: TransitionSystem;
  readonly #terms = new TermFactory();
  readonly #builder = new ProgramBuilder(this.#terms);
  readonly #procedure = this.#builder.procedure('main');
  readonly #variables: readonly SymbolTerm[];
  readonly #pool: SymbolTerm[] = [];

  constructor(system: TransitionSystem) {
    this.#system = system;
    this.#variables = system.variables.map(({ name, origin }) =>
      this.#procedure.declare(
        { name: name.replaceAll('?', '_'), role: 'parameter', ...(origin ? { origin } : {}) },
        intSort,
      ),
    );
  }

  program(): Program {
    const p = this.#procedure;
    const places = new Map<string, LocationId>();
    for (const [name, origin] of this.#system.locations) places.set(name, p.location(origin ? { origin } : {}));
    const before = new Speller(this.#terms, (u) => this.#variables[u]!);
    for (const { at, condition, origin } of this.#system.initial) {
      const steps: Step[] = isTruth(condition) ? [] : [{ kind: 'assume', condition: before.formula(condition) }];
      p.edge(p.entry, places.get(at)!, steps, origin);
    }
    for (const { from, to, formula, origin } of this.#system.transitions) {
      for (const update of updatesOf(formula, this.#variables.length)) {
        p.edge(places.get(from)!, places.get(to)!, this.#steps(update), origin);
      }
    }
    p.finish();
    const program = this.#builder.build('main');
    for (const head of cutPoints(program)) {
      if (head !== p.entry) p.describe(head, { ...this.#originOf(program, head), loop: { keyword: 'goto' } });
    }
    return program;
  }

  #originOf(program: Program, id: LocationId): { origin?: NonNullable<TransitionSystem['transitions'][0]['origin']> } {
    const origin = program.procedures.get('main')!.locations.get(id)!.origin;
    return origin ? { origin } : {};
  }

  #steps(update: Update): Step[] {
    const n = this.#variables.length;
    const early: Formula[] = [];
    const late: Formula[] = [];
    for (const c of update.conditions) ([...formulaUnknowns(c)].some((u) => u >= n) ? late : early).push(c);
    const changed = update.after.flatMap((value, i) => (isUnchanged(value, i) ? [] : [{ variable: i, value }]));
    const readLate = this.#readLate(late, changed);
    const homes = this.#homes(update.inputs, changed, readLate);
    /** Where the value before of a variable is found now, once it has been copied away. */
    const moved = new Map<number, Term>();
    const speller = new Speller(this.#terms, (u) => homes.get(u) ?? moved.get(u) ?? this.#variables[u]!);
    const steps: Step[] = early.map((c) => ({ kind: 'assume', condition: speller.formula(c) }));
    for (const u of update.inputs) steps.push({ kind: 'havoc', target: homes.get(u)! });
    for (const c of late) steps.push({ kind: 'assume', condition: speller.formula(c) });
    let pending = changed.filter(({ variable, value }) => {
      const [u] = unknownsOf(value);
      return !(u !== undefined && isUnchanged(value, u) && homes.get(u) === this.#variables[variable]);
    });
    let temporaries = [...homes.values()].filter((h) => this.#pool.includes(h)).length;
    while (pending.length > 0) {
      const read = new Map<number, number>();
      for (const { value } of pending) for (const u of unknownsOf(value)) read.set(u, (read.get(u) ?? 0) + 1);
      // Free: nothing else that is pending reads the old value.
      const free = pending.filter(({ variable, value }) => {
        const others = (read.get(variable) ?? 0) - (unknownsOf(value).has(variable) ? 1 : 0);
        return others === 0 || moved.has(variable);
      });
      for (const { variable, value } of free) {
        steps.push({ kind: 'assign', target: this.#variables[variable]!, value: speller.polynomial(value) });
      }
      pending = pending.filter((p) => !free.includes(p));
      if (free.length === 0) {
        const { variable } = pending[0]!;
        const copy = this.#temporary(temporaries++);
        steps.push({ kind: 'assign', target: copy, value: this.#variables[variable]! });
        moved.set(variable, copy);
      }
    }
    return steps;
  }

  /** How often each unknown is read after the havocs, not counting a variable's reading of itself as its own input. */
  #readLate(late: readonly Formula[], changed: readonly { variable: number; value: Polynomial }[]): Set<number> {
    const read = new Set<number>();
    for (const c of late) formulaUnknowns(c, read);
    for (const { value } of changed) for (const u of unknownsOf(value)) read.add(u);
    return read;
  }

  /** An input is kept in the variable whose value after it is, if the value before is not needed any more; else in the pool. */
  #homes(
    inputs: readonly number[],
    changed: readonly { variable: number; value: Polynomial }[],
    readLate: ReadonlySet<number>,
  ): Map<number, SymbolTerm> {
    const homes = new Map<number, SymbolTerm>();
    let temporaries = 0;
    for (const u of inputs) {
      const home = changed.find(({ variable, value }) => isUnchanged(value, u) && !readLate.has(variable));
      homes.set(u, home ? this.#variables[home.variable]! : this.#temporary(temporaries++));
    }
    return homes;
  }

  #temporary(index: number): SymbolTerm {
    while (this.#pool.length <= index) {
      const name = `any${this.#pool.length + 1}`;
      this.#pool.push(this.#procedure.declare({ name, role: 'temporary', internal: true }, intSort));
    }
    return this.#pool[index]!;
  }
}
