/**
 * A request space in SMT-LIB 2.6 with the theory of strings: what other tools solve policies with, and our referee in CI
 * (scripts/policy-timing.mjs). Not on any path that answers a user. Gives up (undefined) on sets of strings.
 */
import { unreachable } from '../../base/unreachable.ts';
import type { Atom, CharSet, Formula, Item, Language, Sequence, Space } from '../../program/space.ts';

export function smtlibOf(space: Space): string | undefined {
  if (space.dimensions.some((d) => d.kind === 'strings')) return undefined;
  const lines: string[] = ['(set-logic ALL)'];
  space.dimensions.forEach((d, i) => {
    lines.push(`; ${d.name.replaceAll('\n', ' ')}`);
    if (d.optional) lines.push(`(declare-const p${i} Bool)`);
    switch (d.kind) {
      case 'string':
        lines.push(`(declare-const d${i} String)`);
        if (d.domain) lines.push(`(assert ${any(d.domain.map((l) => inLanguage(`d${i}`, l)))})`);
        break;
      case 'number':
        lines.push(`(declare-const d${i} Real)`, `(declare-const g${i} Bool)`);
        if (!d.garbage) lines.push(`(assert (not g${i}))`);
        break;
      case 'address':
        lines.push(`(declare-const d${i} Int)`, `(declare-const six${i} Bool)`, `(declare-const g${i} Bool)`);
        lines.push(`(assert (and (<= 0 d${i}) (< d${i} (ite six${i} ${1n << 128n} ${1n << 32n}))))`);
        if (!d.garbage) lines.push(`(assert (not g${i}))`);
        break;
      case 'boolean':
        lines.push(`(declare-const d${i} Bool)`);
        break;
      case 'strings':
        break;
      default:
        unreachable(d.kind);
    }
  });
  lines.push(`(assert ${formulaText(space.formula, space)})`, '(check-sat)');
  return `${lines.join('\n')}\n`;
}

const any = (parts: readonly string[]): string =>
  parts.length === 0 ? 'false' : parts.length === 1 ? parts[0]! : `(or ${parts.join(' ')})`;

function formulaText(formula: Formula, space: Space): string {
  switch (formula.kind) {
    case 'true':
    case 'false':
      return formula.kind;
    case 'and':
      return formula.parts.length === 0 ? 'true' : `(and ${formula.parts.map((p) => formulaText(p, space)).join(' ')})`;
    case 'or':
      return any(formula.parts.map((p) => formulaText(p, space)));
    case 'in': {
      const i = formula.dimension;
      const d = space.dimensions[i]!;
      let inside = d.kind === 'boolean' ? `d${i}` : any(formula.atoms.map((a) => atomIn(i, d.atoms[a]!)));
      if (d.kind === 'boolean' && formula.atoms.length === 0) inside = 'false';
      if (d.kind === 'number' || d.kind === 'address') inside = `(and (not g${i}) ${inside})`;
      const value = formula.negated ? `(not ${inside})` : inside;
      if (!d.optional) return value;
      return formula.absent ? `(or (not p${i}) ${value})` : `(and p${i} ${value})`;
    }
    case 'some':
    case 'all':
    case 'unknown':
      throw new Error('INVARIANT broken: sets and unknowns have no SMT-LIB text');
    default:
      return unreachable(formula);
  }
}

function atomIn(i: number, atom: Atom): string {
  switch (atom.kind) {
    case 'language':
      return inLanguage(`d${i}`, atom.language);
    case 'number': {
      const [n = '0', d] = atom.bound.split('/');
      const whole = n.startsWith('-') ? `(- ${n.slice(1)})` : n;
      return `(${atom.relation} d${i} ${d === undefined ? whole : `(/ ${whole} ${d})`})`;
    }
    case 'address':
      return `(and ${atom.family === 6 ? `six${i}` : `(not six${i})`} (<= ${atom.low} d${i}) (<= d${i} ${atom.high}))`;
    default:
      return unreachable(atom);
  }
}

const inLanguage = (name: string, language: Language): string =>
  language.kind === 'text'
    ? `(= ${name} ${stringText(language.text)})`
    : any(language.alternatives.map((s) => `(str.in_re ${name} ${sequenceRegex(s)})`));

function sequenceRegex(sequence: Sequence): string {
  const parts: string[] = [];
  let run = '';
  const flush = (): void => {
    if (run !== '') parts.push(`(str.to_re ${stringText(run)})`);
    run = '';
  };
  for (const item of sequence) {
    if (!item.star && !item.set.negated && [...item.set.chars].length === 1) run += item.set.chars;
    else {
      flush();
      parts.push(itemRegex(item));
    }
  }
  flush();
  if (parts.length === 0) return '(str.to_re "")';
  return parts.length === 1 ? parts[0]! : `(re.++ ${parts.join(' ')})`;
}

function itemRegex(item: Item): string {
  if (item.set.negated && item.set.chars === '') return item.star ? 're.all' : 're.allchar';
  const set = setRegex(item.set);
  return item.star ? `(re.* ${set})` : set;
}

function setRegex(set: CharSet): string {
  const chars = [...set.chars].map((c) => `(str.to_re ${stringText(c)})`);
  const named = chars.length === 1 ? chars[0]! : `(re.union ${chars.join(' ')})`;
  return set.negated ? `(re.diff re.allchar ${named})` : named;
}

const stringText = (value: string): string =>
  `"${Array.from(value, (c) => {
    const code = c.codePointAt(0)!;
    if (c === '"') return '""';
    return code < 32 || code > 126 || c === '\\' ? `\\u{${code.toString(16)}}` : c;
  }).join('')}"`;
