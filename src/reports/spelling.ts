import type { Program } from '../program/program.ts';
import { formatTerm } from '../terms/print.ts';
import type { Term } from '../terms/term.ts';

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

export const formula = (program: Program, term: Term): string => formatTerm(term, spelling(program));
