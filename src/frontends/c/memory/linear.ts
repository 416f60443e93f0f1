import type { TermFactory } from '../../../terms/factory.ts';
import type { Term } from '../../../terms/term.ts';

/** Integer terms as linear forms over the parts that are not sums: for addresses, whose structure is all in sums. */
export interface Linear {
  readonly constant: bigint;
  readonly parts: ReadonlyMap<Term, bigint>;
}

export function linear(root: Term): Linear {
  let constant = 0n;
  const parts = new Map<Term, bigint>();
  const stack: { term: Term; factor: bigint }[] = [{ term: root, factor: 1n }];
  let budget = 1_000;
  for (let item = stack.pop(); item; item = stack.pop()) {
    const { term, factor } = item;
    if (term.kind === 'value') {
      constant += factor * (term.value as bigint);
      continue;
    }
    if (term.kind === 'apply' && budget-- > 0) {
      const [a, b] = term.args as [Term, Term];
      if (term.op === '+') {
        for (const arg of term.args) stack.push({ term: arg, factor });
        continue;
      }
      if (term.op === '-') {
        stack.push({ term: a, factor }, { term: b, factor: -factor });
        continue;
      }
      if (term.op === 'neg') {
        stack.push({ term: a, factor: -factor });
        continue;
      }
      if (term.op === '*' && term.args.length === 2 && (a.kind === 'value' || b.kind === 'value')) {
        const [k, x] = a.kind === 'value' ? [a, b] : [b, a];
        stack.push({ term: x, factor: factor * ((k as { value: bigint }).value as bigint) });
        continue;
      }
    }
    const sum = (parts.get(term) ?? 0n) + factor;
    if (sum === 0n) parts.delete(term);
    else parts.set(term, sum);
  }
  return { constant, parts };
}

export function addLinear(a: Linear, b: Linear, factor = 1n): Linear {
  const parts = new Map(a.parts);
  for (const [term, k] of b.parts) {
    const sum = (parts.get(term) ?? 0n) + factor * k;
    if (sum === 0n) parts.delete(term);
    else parts.set(term, sum);
  }
  return { constant: a.constant + factor * b.constant, parts };
}

/** A linear form as a term. */
export function fromLinear(t: TermFactory, form: Linear): Term {
  const positive: Term[] = [];
  for (const [term, k] of form.parts) positive.push(k === 1n ? term : t.multiply(t.int(k), term));
  if (positive.length === 0) return t.int(form.constant);
  if (form.constant !== 0n) positive.push(t.int(form.constant));
  return t.sum(positive);
}
