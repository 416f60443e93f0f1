import type { Polynomial } from '../../verdict/arithmetic/polynomial.ts';
import type { Problem } from '../../verdict/arithmetic/problem.ts';
import type { Bound } from './convex-piece.ts';

/**
 * Whether the equations among some bounds have no solution in integers, as far as elimination shows: unknowns with
 * coefficient 1 are replaced, and an equation whose coefficients have a common divisor that its constant has not is
 * impossible (the first half of Pugh's Omega test, [Pugh-CACM'92]). So an even number cannot become odd by adding 2.
 */
export function hasNoIntegers(problem: Problem, bounds: readonly Bound[]): boolean {
  let equations = equationsOf(problem, bounds);
  if (equations.length < 2 || equations.length > mostEquations) return equations.some(isImpossible);
  for (let rounds = equations.length; rounds > 0; rounds--) {
    if (equations.some(isImpossible)) return true;
    const chosen = pivot(equations);
    if (!chosen) return false;
    const { equation, unknown, sign } = chosen;
    equations = equations.filter((e) => e !== equation).map((e) => eliminated(e, equation, unknown, sign));
    equations = equations.filter((e) => e.size > 0);
  }
  return equations.some(isImpossible);
}

const mostEquations = 60;

/** sum = 0, by monomial; 0 is the constant. */
type Equation = ReadonlyMap<number, bigint>;

function equationsOf(problem: Problem, bounds: readonly Bound[]): Equation[] {
  const lows = new Map<number, bigint>();
  const highs = new Map<number, bigint>();
  for (const { form, relation, at } of bounds) {
    const known = relation === '>=' ? lows : highs;
    const old = known.get(form);
    if (old === undefined || (relation === '>=' ? at > old : at < old)) known.set(form, at);
  }
  const result: Equation[] = [];
  for (const [form, at] of lows) {
    if (highs.get(form) !== at) continue;
    const equation = new Map<number, bigint>(problem.forms[form] as Polynomial);
    if (at !== 0n) equation.set(0, -at);
    result.push(equation);
  }
  return result;
}

function isImpossible(equation: Equation): boolean {
  let divisor = 0n;
  for (const [m, c] of equation) if (m !== 0) divisor = gcd(divisor, c < 0n ? -c : c);
  const constant = equation.get(0) ?? 0n;
  return divisor === 0n ? constant !== 0n : constant % divisor !== 0n;
}

function pivot(equations: readonly Equation[]): { equation: Equation; unknown: number; sign: bigint } | undefined {
  for (const equation of equations) {
    for (const [m, c] of equation) if (m !== 0 && (c === 1n || c === -1n)) return { equation, unknown: m, sign: c };
  }
  return undefined;
}

function eliminated(target: Equation, source: Equation, unknown: number, sign: bigint): Equation {
  const factor = target.get(unknown);
  if (factor === undefined) return target;
  const result = new Map(target);
  for (const [m, c] of source) {
    const sum = (result.get(m) ?? 0n) - factor * sign * c;
    if (sum === 0n) result.delete(m);
    else result.set(m, sum);
  }
  return result;
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}
