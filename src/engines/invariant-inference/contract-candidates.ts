import { Machine, MachineTables } from '../../program/interpreter.ts';
import type { Procedure, Program } from '../../program/program.ts';
import { evaluate } from '../../terms/evaluate.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { freeSymbols, subterms } from '../../terms/traversal.ts';
import type { Value } from '../../terms/value.ts';
import { generator, RandomChoices } from './samples.ts';

/**
 * Guesses at contracts: a procedure is called with random arguments, and what the results of the calls that returned have in
 * common becomes candidates ([NguyenKWF-ICSE'12]): bounds of a result and of its difference to each parameter, for all calls
 * and for those whose arguments satisfy a comparison that the body makes. Integers only.
 */
export function contractCandidates(program: Program, procedure: Procedure, seed: number): Term[] {
  const t = program.terms;
  const params = procedure.params.filter((p) => p.sort.kind === 'int').slice(0, mostParams);
  const results = procedure.results.filter((r) => r.sort.kind === 'int').slice(0, mostResults);
  if (results.length === 0) return [];
  const calls = sampleCalls(program, procedure, seed);
  if (calls.length === 0) return [t.false];
  const found = new Set<Term>();
  const bounds = (guard: Term | undefined, selected: readonly Call[]): void => {
    const add = (atom: Term): void => {
      found.add(guard ? t.implies(guard, atom) : atom);
    };
    const range = (of: (call: Call) => bigint, spell: (low: boolean, bound: bigint) => Term): void => {
      let low: bigint | undefined;
      let high: bigint | undefined;
      for (const call of selected) {
        const value = of(call);
        if (low === undefined || value < low) low = value;
        if (high === undefined || value > high) high = value;
      }
      for (const near of [0n, 1n, -1n]) {
        if (low! > near) add(spell(true, near));
        if (high! < near) add(spell(false, near));
      }
      if (low! >= -largestBound) add(spell(true, low!));
      if (high! <= largestBound) add(spell(false, high!));
    };
    for (const r of results) {
      const value = (call: Call): bigint => call.get(r) as bigint;
      range(value, (low, c) => (low ? t.lessEqual(t.int(c), r) : t.lessEqual(r, t.int(c))));
      for (const p of params) {
        const difference = (call: Call): bigint => value(call) - (call.get(p) as bigint);
        range(difference, (low, c) => {
          const shifted = c === 0n ? p : t.add(p, t.int(c));
          return low ? t.lessEqual(shifted, r) : t.lessEqual(r, shifted);
        });
      }
    }
  };
  bounds(undefined, calls);
  const patterns = new Set<string>();
  for (const guard of guardsOf(program, procedure, params)) {
    const truths = calls.map((call) => evaluate(guard, (s) => call.get(s)) === true);
    const pattern = truths.map((b) => (b ? 1 : 0)).join('');
    if (patterns.has(pattern) || !truths.includes(true) || !truths.includes(false)) continue;
    patterns.add(pattern);
    if (patterns.size > mostGuards) break;
    bounds(
      guard,
      calls.filter((_, i) => truths[i]),
    );
  }
  return [...found].slice(0, mostCandidates);
}

const mostParams = 4;
const mostResults = 2;
const mostGuards = 8;
const mostCandidates = 160;
const largestBound = 1_000n;

/** The arguments and results of a call that returned, by parameter and result. */
type Call = ReadonlyMap<SymbolTerm, Value>;

const runs = 80;
const stepsPerCall = 1_000;
const deepestCall = 200;

function sampleCalls(program: Program, procedure: Procedure, seed: number): Call[] {
  const alone: Program = { ...program, main: procedure.name };
  const tables = new MachineTables(alone);
  const below = generator(seed);
  const calls: Call[] = [];
  const constants = constantsOf(procedure);
  for (let run = 0; run < runs; run++) {
    const machine = new Machine(alone, new NearConstants(alone, below, run, constants), tables);
    const call = new Map<SymbolTerm, Value>(procedure.params.map((p) => [p, machine.read(p)!]));
    const outcome = machine.run({ stepLimit: stepsPerCall, depthLimit: deepestCall });
    if (outcome.kind !== 'ended' || outcome.at !== procedure.exit || machine.depth > 0) continue;
    for (const r of procedure.results) call.set(r, machine.read(r)!);
    calls.push(call);
  }
  return calls;
}

/** Now and then a value near a constant of the body. */
class NearConstants extends RandomChoices {
  readonly #constants: readonly bigint[];
  readonly #below: (n: number) => number;
  readonly #program: Program;

  constructor(program: Program, below: (n: number) => number, run: number, constants: readonly bigint[]) {
    super(program, below, run);
    this.#program = program;
    this.#below = below;
    this.#constants = constants;
  }

  override initial(symbol: SymbolTerm): Value {
    if (symbol.sort.kind !== 'int' || this.#constants.length === 0 || this.#below(3) > 0) return super.initial(symbol);
    const constant = this.#constants[this.#below(this.#constants.length)]!;
    const value = constant + BigInt(this.#below(13) - 6);
    const range = this.#program.variables.get(symbol)?.range;
    const outside =
      (range?.low !== undefined && value < range.low) || (range?.high !== undefined && value > range.high);
    return outside ? super.initial(symbol) : value;
  }
}

function constantsOf(procedure: Procedure): bigint[] {
  const terms = procedure.edges.flatMap((e) =>
    e.steps.flatMap((s) => (s.kind === 'assume' ? [s.condition] : s.kind === 'assign' ? [s.value] : [])),
  );
  const found = new Set<bigint>();
  for (const term of subterms(terms)) {
    if (term.kind === 'value' && typeof term.value === 'bigint' && found.size < 12) found.add(term.value);
  }
  return [...found];
}

/** Comparisons of the body that speak of parameters alone, then signs of parameters; each with its negation. */
function guardsOf(program: Program, procedure: Procedure, params: readonly SymbolTerm[]): Term[] {
  const t = program.terms;
  const known = new Set(params);
  const conditions = procedure.edges.flatMap((e) => e.steps.flatMap((s) => (s.kind === 'assume' ? [s.condition] : [])));
  const guards = new Set<Term>();
  for (const term of subterms(conditions)) {
    if (term.kind !== 'apply' || !['<', '<=', '>', '>=', '='].includes(term.op)) continue;
    if (term.args[0]!.sort.kind !== 'int') continue;
    const symbols = freeSymbols([term]);
    if (symbols.length > 0 && symbols.every((s) => known.has(s))) guards.add(term).add(t.not(term));
  }
  for (const p of params) {
    guards.add(t.lessEqual(t.int(0), p)).add(t.less(p, t.int(0)));
    guards.add(t.less(t.int(0), p)).add(t.lessEqual(p, t.int(0)));
  }
  return [...guards];
}
