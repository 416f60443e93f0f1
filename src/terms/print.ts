import { operators } from './operator.ts';
import type { Term } from './term.ts';
import { formatValue } from './value.ts';

/** Terms as a person writes them: `x - y > 0`. Precedences are C's; very deep terms are cut with `…`. */

const precedence: Partial<Record<string, number>> = {
  '*': 10,
  '/': 10,
  '//': 10,
  '%': 10,
  mod: 10,
  '+': 9,
  '-': 9,
  '<<': 8,
  '>>': 8,
  '<': 7,
  '<=': 7,
  '>': 7,
  '>=': 7,
  '==': 6,
  '!=': 6,
  '&': 5,
  '^': 4,
  '|': 3,
  '&&': 2,
  '||': 1,
  '==>': 0,
};

const roundings = ['', 'trunc', 'floor', 'ceil', 'round', 'rint'] as const;

const deepest = 200;

export function formatTerm(term: Term, nameOf: (name: string) => string = (name) => name): string {
  return print(term, -1, 0, nameOf);
}

function print(term: Term, outer: number, depth: number, nameOf: (name: string) => string): string {
  if (depth > deepest) return '…';
  const go = (t: Term, level: number): string => print(t, level, depth + 1, nameOf);
  switch (term.kind) {
    case 'value':
      return formatValue(term.value);
    case 'symbol':
      return nameOf(term.name);
    case 'forall':
    case 'exists':
      return `(${term.kind} ${term.bound.map((b) => nameOf(b.name)).join(', ')}: ${go(term.body, -1)})`;
    case 'apply': {
      const { op, args } = term;
      if (op === 'not') {
        const inner = args[0]!;
        const opposite: Record<string, string> = { '=': '!=', '<': '>=', '<=': '>', '>': '<=', '>=': '<' };
        const flipped = inner.kind === 'apply' ? opposite[inner.op] : undefined;
        if (inner.kind === 'apply' && flipped) return infix(flipped, inner.args, outer, go);
        return `!${go(inner, 11)}`;
      }
      if (op === 'neg' || op === 'fp.neg') return `-${go(args[0]!, 11)}`;
      if (op === 'bit.not') return `~${go(args[0]!, 11)}`;
      if (op === 'ite') return `(${go(args[0]!, 0)} ? ${go(args[1]!, 0)} : ${go(args[2]!, 0)})`;
      if (op === 'select') return `${go(args[0]!, 11)}[${go(args[1]!, -1)}]`;
      if (op === 'fp.convert' || op === 'fp.of.int') {
        return `(${term.index === 32 ? 'float' : 'double'})${go(args[0]!, 11)}`;
      }
      if (op === 'fp.to.int') return `(int${term.index})${go(args[0]!, 11)}`;
      if (op === 'fp.round') return `${roundings[term.index]}(${go(args[0]!, -1)})`;
      const symbol = operators[op].symbol;
      if (op === '+') return sum(args, outer, go);
      if (precedence[symbol] !== undefined) return infix(symbol, args, outer, go);
      const spelling = symbol !== op && /^\w+$/.test(symbol) ? symbol : op;
      const name = term.index > 0 ? `${op}${term.index}` : spelling;
      return `${name}(${args.map((a) => go(a, -1)).join(', ')})`;
    }
  }
}

function infix(symbol: string, args: readonly Term[], outer: number, go: (t: Term, level: number) => string): string {
  const level = precedence[symbol]!;
  const parts = args.map((a, i) => go(a, i === 0 ? level - 0.5 : level));
  const text = parts.join(` ${symbol} `).replaceAll(' + -', ' - ');
  return level <= outer ? `(${text})` : text;
}

/** A sum with what is taken away after what is added: `y - x` for `-1 * x + y`. */
function sum(args: readonly Term[], outer: number, go: (t: Term, level: number) => string): string {
  const level = precedence['+']!;
  const parts = args.map((arg) => negated(arg, go) ?? { minus: false, text: go(arg, level - 0.5) });
  const ordered = [...parts.filter((p) => !p.minus), ...parts.filter((p) => p.minus)];
  const text = ordered
    .map(({ minus, text: t }, i) => (i === 0 ? `${minus ? '-' : ''}${t}` : ` ${minus ? '-' : '+'} ${t}`))
    .join('');
  return level <= outer ? `(${text})` : text;
}

/** What an addend takes away, if it does: a negative constant, a negation, or a product with a negative constant. */
function negated(term: Term, go: (t: Term, level: number) => string): { minus: true; text: string } | undefined {
  const product = precedence['*']!;
  if (term.kind === 'value' && typeof term.value === 'bigint' && term.value < 0n) {
    return { minus: true, text: String(-term.value) };
  }
  if (term.kind !== 'apply') return undefined;
  if (term.op === 'neg') return { minus: true, text: go(term.args[0]!, product) };
  const [first, ...rest] = term.args;
  if (term.op !== '*' || first?.kind !== 'value' || typeof first.value !== 'bigint' || first.value >= 0n)
    return undefined;
  const factors = rest.map((t) => go(t, product));
  return { minus: true, text: [...(first.value === -1n ? [] : [String(-first.value)]), ...factors].join(' * ') };
}
