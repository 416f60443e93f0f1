import type { RequestedEvent } from '../program/front-end.ts';
import type { CheckKind } from '../program/program.ts';
import { readValue } from './arguments.ts';

/**
 * The sentences that `tertium ask` knows: a small fixed grammar, one row a pattern, each with the question that it stands
 * for. Nothing is guessed: what fits no row is refused with the list.
 */
export interface SentenceMeaning {
  readonly question: 'always' | 'ever' | 'terminates' | 'check';
  readonly functionName?: string;
  readonly event?: RequestedEvent;
  /** The kinds of failure that the sentence speaks of; absent: the usual ones. */
  readonly checks?: ReadonlySet<CheckKind>;
}

export type SentenceResult =
  | { readonly kind: 'known'; readonly meaning: SentenceMeaning }
  | { readonly kind: 'unknown'; readonly hint?: string };

interface Pattern {
  /** As the list of known sentences shows it; F stands for a function, or "it". */
  readonly example: string;
  readonly forms: readonly string[];
  readonly meaning: (groups: Readonly<Record<string, string>>) => Omit<SentenceMeaning, 'functionName'> | undefined;
}

// The building blocks of the forms: `{f}` a function or a word for the whole, `{v}` a value, `{t}` a text in quotes or one word.
const blocks: Readonly<Record<string, string>> = {
  '{f}': '(?<f>(?:the|this|that) (?:program|function|code|file)|[A-Za-z_][\\w.]*)(?:\\(\\s*\\))?',
  '{v}': '(?<v>true|false|-?\\d+|0x[0-9a-f]+)',
  '{t}': '(?:"(?<t>[^"]+)"|\'(?<t2>[^\']+)\'|(?<t3>\\S+))',
  '{can}': '(?:can|could|might|may|will|would)',
  '{does}': '(?:does|will|would|do)',
  '{ends}': '(?:return|terminate|end|stop|halt|finish|come to an end)',
  '{in}': '(?: in {f})?',
  '{ever}': '(?: ever)?',
};

const failure = (...kinds: readonly CheckKind[]): Omit<SentenceMeaning, 'functionName'> => ({
  question: 'ever',
  event: { kind: 'failure' },
  ...(kinds.length > 0 ? { checks: new Set(kinds) } : {}),
});

const returns = (question: 'always' | 'ever', text: string, other: boolean) => {
  const value = readValue(text);
  return value === undefined ? undefined : { question, event: { kind: 'returns' as const, value, other } };
};

const prints = (question: 'always' | 'ever', g: Readonly<Record<string, string>>) => ({
  question,
  event: { kind: 'print' as const, text: g.t ?? g.t2 ?? g.t3 ?? '' },
});

const patterns: readonly Pattern[] = [
  {
    example: 'could F ever return VALUE?',
    forms: ['{can} {f}{ever} return {v}', '{does} {f} ever return {v}', 'is {f} ever {v}', '{can} {f}{ever} be {v}'],
    meaning: (g) => returns('ever', g.v!, false),
  },
  {
    example: 'could F ever return anything but VALUE?',
    forms: ['{can} {f}{ever} return (?:anything|something|any value) (?:but|other than|except) {v}'],
    meaning: (g) => returns('ever', g.v!, true),
  },
  {
    example: 'does F always return VALUE?',
    forms: ['{does} {f} always return {v}', 'is {f} always {v}'],
    meaning: (g) => returns('always', g.v!, true),
  },
  {
    example: 'does F never return VALUE?',
    forms: ['{does} {f} never return {v}', 'is {f} never {v}'],
    meaning: (g) => returns('always', g.v!, false),
  },
  {
    example: 'does F always return?',
    forms: [
      '{does} {f}(?: always)?(?: eventually)?(?: in the end)? {ends}(?: control)?(?: to (?:its|the) caller)?',
      '{does} every run of {f} {ends}',
    ],
    meaning: () => ({ question: 'terminates' }),
  },
  {
    example: 'could F ever print "TEXT"?',
    forms: ['{can} {f}{ever} print {t}', '{does} {f} ever print {t}', 'is {t} ever printed(?: by {f})?'],
    meaning: (g) => prints('ever', g),
  },
  {
    example: 'does F never print "TEXT"?',
    forms: ['{does} {f} never print {t}', 'is {t} never printed(?: by {f})?'],
    meaning: (g) => prints('always', g),
  },
  {
    example: 'can an assertion in F ever fail?',
    forms: [
      '{can} (?:an|any|the|some) assert(?:ion)?{in}{ever} fail',
      '{does} (?:an|any|the|some) assert(?:ion)?{in} ever fail',
    ],
    meaning: () => failure('assertion', 'unreachable'),
  },
  {
    example: 'do all assertions in F hold?',
    forms: ['do (?:all|the) assert(?:ion)?s{in}(?: always)? hold', 'does every assert(?:ion)?{in}(?: always)? hold'],
    meaning: () => ({ question: 'check', checks: new Set<CheckKind>(['assertion', 'unreachable']) }),
  },
  {
    example: 'can anything go wrong in F?',
    forms: ['{can} anything{ever} go wrong{in}', '{can} {f}{ever} (?:go wrong|fail|crash)'],
    meaning: () => failure(),
  },
  {
    example: 'can nothing go wrong in F?',
    forms: ['{can} nothing{ever} go wrong{in}', '{does} nothing ever go wrong{in}'],
    meaning: () => ({ question: 'check' }),
  },
  {
    example: 'can F ever overflow?',
    forms: ['{can} {f}{ever} overflow', '{can} anything{ever} overflow{in}'],
    meaning: () => failure('overflow'),
  },
  {
    example: 'can F ever divide by zero?',
    forms: ['{can} {f}{ever} divide by (?:zero|0)'],
    meaning: () => failure('division'),
  },
  {
    example: 'can F ever go out of bounds?',
    forms: ['{can} {f}{ever} (?:go|be|read|write|read or write|index) (?:out of|outside)(?: its| array| the)? bounds'],
    // In C, an index behind a pointer is looked at as the pointer that it makes.
    meaning: () => failure('bounds', 'pointer'),
  },
  {
    example: 'can F ever raise an exception?',
    forms: ['{can} {f}{ever} (?:raise|throw)(?: an?| any)?(?: uncaught)? (?:exception|error)'],
    meaning: () => failure('exception'),
  },
];

export const knownSentences: readonly string[] = patterns.map((p) => p.example);

const whole = /^(?:it|this|that|(?:the|this|that) (?:program|function|code|file))$/i;
const longestSentence = 500;

export function readSentence(sentence: string): SentenceResult {
  const text = sentence
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/\s*[?.!]+$/, '');
  if (text.length > longestSentence) return { kind: 'unknown' };
  for (const pattern of patterns) {
    for (const form of pattern.forms) {
      const groups = expression(form).exec(text)?.groups;
      const meaning = groups && pattern.meaning(groups);
      if (!groups || !meaning) continue;
      const name = groups.f;
      const functionName = name === undefined || whole.test(name) ? {} : { functionName: name };
      return { kind: 'known', meaning: { ...meaning, ...functionName } };
    }
  }
  const forever = /(?:run|loop|go on|hang|continue)(?: for ?ever| endlessly| without end)?$/i.test(text);
  if (!forever) return { kind: 'unknown' };
  return { kind: 'unknown', hint: 'ask "does F always return?": its answer is the opposite one' };
}

function expression(form: string): RegExp {
  let source = form;
  for (let i = 0; i < 2; i++) {
    for (const [block, text] of Object.entries(blocks)) source = source.replaceAll(block, text);
  }
  return new RegExp(`^${source}$`, 'i');
}
