import type { OperatorName } from '../terms/operator.ts';
import type { SymbolTerm, Term } from '../terms/term.ts';
import { freeSymbols, subterms } from '../terms/traversal.ts';
import type { Obligation } from '../verdict/obligation.ts';
import type { ExportedObligations } from './obligations-smtlib.ts';

/**
 * The obligations behind an answer as a WhyML module of goals over Why3's mathematical integers ([FilliatrePaskevich-ESOP'13]):
 * `why3 prove -P z3 FILE`. Our division and wrap operators are defined at the top, in Why3's own terms. Obligations with
 * arrays, floats, quantifiers, bitwise operators or variable shifts are left out, and named in a comment.
 */
export function obligationsAsWhy3(obligations: readonly Obligation[], title: string): ExportedObligations {
  const goals: string[] = [];
  let written = 0;
  let left = 0;
  for (const [i, obligation] of obligations.entries()) {
    const about = `${i + 1}. ${obligation.text}${obligation.origin ? ` (line ${obligation.origin.start.line})` : ''}`;
    const body = write(obligation.refute);
    if (body === undefined) {
      goals.push(`  (* ${clean(about)}: not written *)`);
      left++;
      continue;
    }
    const symbols = freeSymbols([obligation.refute]);
    const bound = symbols.map((s) => `${nameOf(s)}: ${s.sort.kind === 'bool' ? 'bool' : 'int'}`);
    const quantifier = bound.length > 0 ? `forall ${bound.join(', ')}. ` : '';
    goals.push(`  (* ${clean(about)} *)`, `  goal obligation_${i + 1}: ${quantifier}not (${body})`, '');
    written++;
  }
  return { text: `(* ${clean(title)} *)\n${prelude}${goals.join('\n')}\nend\n`, written, left };
}

const prelude = `module Obligations
  use int.Int
  use int.Abs
  use int.EuclideanDivision

  (* Division as the program form has it: floor and truncated; by 0 it gives 0 and leaves the dividend. *)
  function floor_div (a b: int) : int = if b = 0 then 0 else if b > 0 then div a b else div (-a) (-b)
  function floor_mod (a b: int) : int = a - b * floor_div a b
  function quot (a b: int) : int =
    if b = 0 then 0 else if a >= 0 then (if b > 0 then div a b else - (div a (-b))) else
      (if b > 0 then - (div (-a) b) else div (-a) (-b))
  function rem (a b: int) : int = a - b * quot a b
  (* Machine integers: m is 2 to the width, h half of it. *)
  function wrap_unsigned (m a: int) : int = mod a m
  function wrap_signed (m h a: int) : int = mod (a + h) m - h

`;

const infix: Partial<Record<OperatorName, string>> = {
  '+': '+',
  '-': '-',
  '*': '*',
  '<=': '<=',
  '<': '<',
  '>=': '>=',
  '>': '>',
  and: '/\\',
  or: '\\/',
  implies: '->',
  '=': '=',
};
const prefix: Partial<Record<OperatorName, string>> = {
  div: 'floor_div',
  mod: 'floor_mod',
  quot: 'quot',
  rem: 'rem',
  abs: 'abs',
};

/** Keywords and odd characters out of the way: the user's name, and the term's number to keep it unique. */
const nameOf = (symbol: SymbolTerm): string => `v_${symbol.name.replace(/[^A-Za-z0-9_]/g, '_')}_${symbol.id}`;

const clean = (text: string): string => text.replaceAll('(*', '( *').replaceAll('*)', '* )');

/** The formula in WhyML; undefined where an operator has no counterpart. Shared subterms become `let`s in order. */
function write(root: Term): string | undefined {
  const names = new Map<Term, string>();
  const lets: string[] = [];
  const uses = new Map<Term, number>();
  const all = subterms([root]);
  for (const term of all) if (term.kind === 'apply') for (const a of term.args) uses.set(a, (uses.get(a) ?? 0) + 1);
  for (const term of all) {
    const text = expression(term, names);
    if (text === undefined) return undefined;
    if (
      term.kind === 'apply' &&
      term !== root &&
      ((uses.get(term) ?? 0) > 1 || text.length > 200) &&
      term.sort.kind === 'int'
    ) {
      const name = `t_${term.id}`;
      lets.push(`let ${name} = ${text} in`);
      names.set(term, name);
    } else names.set(term, text);
    if (names.get(term)!.length > 200_000) return undefined;
  }
  return [...lets, names.get(root)!].join(' ');
}

function expression(term: Term, names: ReadonlyMap<Term, string>): string | undefined {
  if (term.kind === 'value') {
    if (typeof term.value === 'bigint') return term.value < 0n ? `(${term.value})` : String(term.value);
    if (typeof term.value === 'boolean') return String(term.value);
    return undefined;
  }
  if (term.kind === 'symbol') {
    if (term.sort.kind === 'int') return nameOf(term);
    return term.sort.kind === 'bool' ? `(${nameOf(term)} = True)` : undefined;
  }
  if (term.kind !== 'apply' || (term.sort.kind !== 'int' && term.sort.kind !== 'bool')) return undefined;
  if (term.args.some((a) => a.sort.kind !== 'int' && a.sort.kind !== 'bool')) return undefined;
  const args = term.args.map((a) => names.get(a)!);
  const [a, b] = args as [string, string];
  switch (term.op) {
    case 'not':
      return `(not ${a})`;
    case 'neg':
      return `(- ${a})`;
    case 'xor':
      return `(not (${a} <-> ${b}))`;
    case 'ite':
      return `(if ${a} then ${b} else ${args[2]})`;
    case 'wrap.unsigned':
      return `(wrap_unsigned ${1n << BigInt(term.index)} ${a})`;
    case 'wrap.signed':
      return `(wrap_signed ${1n << BigInt(term.index)} ${1n << BigInt(term.index - 1)} ${a})`;
    case '=':
      return term.args[0]!.sort.kind === 'bool' ? `(${a} <-> ${b})` : `(${a} = ${b})`;
    default: {
      const between = infix[term.op];
      if (between) return `(${args.join(` ${between} `)})`;
      const before = prefix[term.op];
      return before ? `(${before} ${args.join(' ')})` : undefined;
    }
  }
}
