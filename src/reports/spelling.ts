import type { Program } from '../program/program.ts';
import { formatTerm } from '../terms/print.ts';
import { intSort } from '../terms/sort.ts';
import type { Term } from '../terms/term.ts';
import { substitute, subterms } from '../terms/traversal.ts';

/**
 * The user's names for the variables of a program. Where two go by one name (shadowing, copies of an inlined function), the
 * later ones get primes.
 */
export function spelling(program: Program): (name: string) => string {
  const known = spellings.get(program);
  if (known) return known;
  const names = new Map<string, string>();
  const taken = new Map<string, number>();
  for (const [symbol, variable] of program.variables) {
    const before = taken.get(variable.name) ?? 0;
    taken.set(variable.name, before + 1);
    names.set(symbol.name, before < 3 ? `${variable.name}${"'".repeat(before)}` : `${variable.name}'${before}`);
  }
  const spell = (name: string): string => names.get(name) ?? name;
  spellings.set(program, spell);
  return spell;
}

const spellings = new WeakMap<Program, (name: string) => string>();

export const formula = (program: Program, term: Term): string =>
  formatTerm(withNamedAddresses(program, term), spelling(program));

/** How far from its object an address may lie to be told by it, in bytes. */
const nearby = 64n;

/** Numbers that are addresses of the user's objects, or next to them, as `&x`, `&x + 4`, `&x - 1`. */
function withNamedAddresses(program: Program, term: Term): Term {
  const ranges = program.addresses ?? [];
  if (ranges.length === 0) return term;
  const names = new Map<Term, Term>();
  const parts = subterms([term]);
  const factors = new Set(parts.flatMap((p) => (p.kind === 'apply' && p.op === '*' ? p.args : [])));
  for (const part of parts) {
    if (factors.has(part)) continue;
    if (part.kind !== 'value' || typeof part.value !== 'bigint') continue;
    const number = part.value;
    const range = ranges.find((r) => number >= r.low - nearby && number <= r.high + nearby);
    if (!range) continue;
    const offset = number - range.low;
    const name = /^[A-Za-z_][\w.]*$/.test(range.name) ? `&${range.name}` : `'${range.name}'`;
    const text = offset === 0n ? name : `(${name} ${offset < 0n ? '-' : '+'} ${offset < 0n ? -offset : offset})`;
    names.set(part, program.terms.symbol(text, intSort));
  }
  return names.size === 0 ? term : substitute(program.terms, term, names);
}
