import { type LocationId, mainProcedure, type Program } from '../../program/program.ts';
import { evaluate } from '../../terms/evaluate.ts';
import { EvaluationLimit } from '../../terms/operator.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { freeSymbols, subterms } from '../../terms/traversal.ts';
import type { Value } from '../../terms/value.ts';
import { nullSpace } from './equations.ts';
import type { Samples } from './samples.ts';

/**
 * Formulas that may be invariant at a location, because they hold in all its samples: equations found by linear algebra
 * (affine, and of degree two over few variables), order and bounds between variables and the program's constants,
 * congruences, and the program's own conditions. Guesses only.
 */
export function candidatesAt(
  program: Program,
  location: LocationId,
  samples: Samples,
  wanted: readonly Term[],
  polynomial: boolean,
  live?: ReadonlySet<SymbolTerm>,
): Term[] {
  const states = samples.at.get(location) ?? [];
  const t = program.terms;
  // No run came here: the program's own words, for what they are worth.
  if (states.length === 0) return conditions(program, wanted).flatMap((atom) => [atom, t.not(atom)]);
  const ints = samples.variables
    .map((v, i) => [v, i] as const)
    .filter(([v]) => v.sort.kind === 'int' && (live?.has(v) ?? true));
  const result = new Set<Term>();

  const varying = ints.filter(([, i]) => states.some((s) => s[i] !== states[0]![i]));
  for (const [v, i] of ints) {
    if (states.every((s) => s[i] === states[0]![i])) result.add(t.equal(v, t.value(states[0]![i]!, v.sort)));
  }
  for (const equation of equations(program, states, varying, polynomial)) result.add(equation);

  const constants = programConstants(program);
  for (const [v, i] of varying) {
    const values = states.map((s) => s[i] as bigint);
    // The nearest few: what is farther off follows.
    const below = constants.filter((c) => values.every((x) => x >= c)).slice(-nearest);
    const above = constants.filter((c) => values.every((x) => x <= c)).slice(0, nearest);
    for (const c of below) result.add(t.lessEqual(t.int(c), v));
    for (const c of above) result.add(t.lessEqual(v, t.int(c)));
    const found: bigint[] = [];
    for (const m of [10n, 8n, 5n, 4n, 3n, 2n]) {
      const r = ((values[0]! % m) + m) % m;
      // A multiple of the modulus says more.
      if (found.some((f) => f % m === 0n) || values.some((x) => ((x % m) + m) % m !== r)) continue;
      found.push(m);
      result.add(t.equal(t.apply('mod', [v, t.int(m)]), t.int(r)));
    }
  }
  if (varying.length <= 14) {
    for (const [a, i] of varying) {
      for (const [b, j] of varying) {
        if (i === j) continue;
        const gap = greatest(states.map((s) => (s[i] as bigint) - (s[j] as bigint)));
        if (gap <= 1n && gap >= -1n) result.add(t.lessEqual(t.subtract(a, b), t.int(gap)));
      }
    }
  }
  for (const atom of conditions(program, wanted)) {
    for (const formula of [atom, t.not(atom)]) if (holdsInAll(formula, samples.variables, states)) result.add(formula);
  }
  return [...result];
}

/** How many constants on each side of a variable become bounds. */
const nearest = 4;

function equations(
  program: Program,
  states: readonly (readonly Value[])[],
  varying: readonly (readonly [SymbolTerm, number])[],
  polynomial: boolean,
): Term[] {
  const t = program.terms;
  const quadratic = polynomial && varying.length <= 7;
  if (varying.length > 40) return [];
  const monomials: { term: Term; value: (s: readonly Value[]) => bigint }[] = [{ term: t.int(1), value: () => 1n }];
  for (const [v, i] of varying) monomials.push({ term: v, value: (s) => s[i] as bigint });
  if (quadratic) {
    for (const [k, [v, i]] of varying.entries()) {
      for (const [w, j] of varying.slice(k)) {
        monomials.push({ term: t.multiply(v, w), value: (s) => (s[i] as bigint) * (s[j] as bigint) });
      }
    }
  }
  // Fewer states than monomials leave equations that only say so.
  if (states.length < monomials.length + 3) return quadratic ? equations(program, states, varying, false) : [];
  const rows = states.map((s) => monomials.map((m) => m.value(s)));
  const result: Term[] = [];
  for (const vector of nullSpace(rows, monomials.length)) {
    if (vector.some((c) => c > 1_000_000n || c < -1_000_000n)) continue;
    const parts: Term[] = [];
    for (const [k, c] of vector.entries()) {
      if (c === 0n) continue;
      const m = monomials[k]!.term;
      parts.push(k === 0 ? t.int(c) : c === 1n ? m : t.multiply(t.int(c), m));
    }
    result.push(t.equal(t.sum(parts), t.int(0)));
  }
  return result;
}

const greatest = (values: readonly bigint[]): bigint =>
  values.reduce((most, v) => {
    if (v > most) return v;
    return most;
  });

function programConstants(program: Program): bigint[] {
  const found = new Set<bigint>([0n, 1n, -1n]);
  for (const term of subterms(programFormulas(program))) {
    if (term.kind === 'value' && typeof term.value === 'bigint' && found.size < 40) {
      found
        .add(term.value)
        .add(term.value + 1n)
        .add(term.value - 1n);
    }
  }
  return [...found].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** The program's formulas and values, where it reads and writes. */
export function programFormulas(program: Program): Term[] {
  const result: Term[] = program.checks.map((c) => c.property);
  for (const edge of mainProcedure(program).edges) {
    for (const step of edge.steps) {
      if (step.kind === 'assume') result.push(step.condition);
      else if (step.kind === 'assign') result.push(step.value);
    }
  }
  return result;
}

/** The atoms of the program's conditions and of the wanted properties, and the latter as a whole. */
function conditions(program: Program, wanted: readonly Term[]): Term[] {
  const roots = [...programFormulas(program).filter((f) => f.sort.kind === 'bool'), ...wanted];
  const atoms = subterms(roots).filter(
    (f) =>
      f.sort.kind === 'bool' && f.kind === 'apply' && !['and', 'or', 'not', 'implies', 'xor', 'ite'].includes(f.op),
  );
  const said = [...wanted, ...program.hints.filter((h) => h.kind === 'invariant').map((h) => h.term)];
  return [
    ...new Set([
      ...atoms.slice(0, 80),
      // `false` is what is wanted where control must never come.
      ...said.filter((f) => f.kind !== 'value'),
    ]),
  ];
}

export function holdsInAll(
  formula: Term,
  variables: readonly SymbolTerm[],
  states: readonly (readonly Value[])[],
): boolean {
  const position = new Map(variables.map((v, i) => [v, i]));
  if (freeSymbols([formula]).some((s) => !position.has(s))) return false;
  try {
    return states.every((state) => evaluate(formula, (s) => state[position.get(s)!]) === true);
  } catch (error) {
    if (error instanceof EvaluationLimit) return false;
    throw error;
  }
}
