import type { Term } from '../term.ts';
import { integerValue, type RuleContext } from './rule.ts';

/**
 * Integer terms as `constant + sum of coefficient * monomial`, where a monomial is a term that is neither a sum nor a
 * multiple by a constant: the normal form in which sums are compared.
 */
export interface LinearForm {
  readonly constant: bigint;
  /** No coefficient is 0. */
  readonly coefficients: ReadonlyMap<Term, bigint>;
}

/** More monomials, or a longer walk, and the rules leave a sum as it is. */
const mostMonomials = 200;
const longestWalk = 4000;

/** Undefined for what is not an integer, or too large. */
export function linearForm(parts: readonly (readonly [Term, bigint])[], context: RuleContext): LinearForm | undefined {
  const coefficients = new Map<Term, bigint>();
  let constant = 0n;
  let walked = 0;
  const stack = [...parts].reverse();
  for (let part = stack.pop(); part !== undefined; part = stack.pop()) {
    const [term, factor] = part;
    if (++walked > longestWalk || term.sort.kind !== 'int') return undefined;
    if (term.kind === 'value') {
      constant += factor * (term.value as bigint);
      continue;
    }
    const { op, args } = term.kind === 'apply' ? term : { op: undefined, args: [] };
    if (op === '+') for (let i = args.length - 1; i >= 0; i--) stack.push([args[i]!, factor]);
    else if (op === '-') stack.push([args[1]!, -factor], [args[0]!, factor]);
    else if (op === 'neg') stack.push([args[0]!, -factor]);
    else if (op === '*') {
      const product = splitProduct(term, context);
      if (!product) return undefined;
      const { scale, factors } = product;
      if (factors.length === 0) constant += factor * scale;
      else if (factors.length === 1) stack.push([factors[0]!, factor * scale]);
      else addTo(coefficients, context.terms.apply('*', factors), factor * scale);
    } else addTo(coefficients, term, factor);
    if (coefficients.size > mostMonomials) return undefined;
  }
  return { constant, coefficients };
}

/** The constant factor of a product, and its other factors in order. */
function splitProduct(product: Term, context: RuleContext): { scale: bigint; factors: Term[] } | undefined {
  let scale = 1n;
  const factors: Term[] = [];
  const stack = [product];
  for (let f = stack.pop(); f !== undefined; f = stack.pop()) {
    const value = integerValue(f);
    if (value !== undefined) scale *= value;
    else if (f.kind === 'apply' && f.op === '*') for (const a of f.args) stack.push(a);
    else if (f.kind === 'apply' && f.op === 'neg') {
      scale = -scale;
      stack.push(f.args[0]!);
    } else factors.push(f);
    if (factors.length + stack.length > mostMonomials) return undefined;
  }
  return scale === 0n ? { scale, factors: [] } : { scale, factors: context.order.sort(factors) };
}

function addTo(coefficients: Map<Term, bigint>, monomial: Term, factor: bigint): void {
  const sum = (coefficients.get(monomial) ?? 0n) + factor;
  if (sum === 0n) coefficients.delete(monomial);
  else coefficients.set(monomial, sum);
}

/** The monomials in order. */
export const monomials = (form: LinearForm, context: RuleContext): Term[] =>
  context.order.sort([...form.coefficients.keys()]);

/** The term of a linear form: monomials in order, the constant last. */
export function linearTerm(form: LinearForm, context: RuleContext): Term {
  const { terms } = context;
  const parts = monomials(form, context).map((m) => multiple(m, form.coefficients.get(m)!, context));
  if (form.constant !== 0n || parts.length === 0) parts.push(terms.int(form.constant));
  return terms.sum(parts);
}

function multiple(monomial: Term, factor: bigint, { terms }: RuleContext): Term {
  if (factor === 1n) return monomial;
  if (factor === -1n) return terms.negate(monomial);
  const factors = monomial.kind === 'apply' && monomial.op === '*' ? monomial.args : [monomial];
  return terms.apply('*', [terms.int(factor), ...factors]);
}

/** Another constant and other coefficients, those that become 0 left out. */
export function mapLinear(form: LinearForm, map: (value: bigint) => bigint): LinearForm {
  const coefficients = new Map<Term, bigint>();
  for (const [m, c] of form.coefficients) {
    const next = map(c);
    if (next !== 0n) coefficients.set(m, next);
  }
  return { constant: map(form.constant), coefficients };
}

export const sameLinear = (a: LinearForm, b: LinearForm): boolean =>
  a.constant === b.constant &&
  a.coefficients.size === b.coefficients.size &&
  [...a.coefficients].every(([m, c]) => b.coefficients.get(m) === c);
