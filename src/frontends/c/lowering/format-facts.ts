import type { FunctionSymbol, Typed, TypedOf, TypedUnit } from '../types/typed.ts';
import { calledFunction, expressionsIn, expressionsOf, planParts } from './effects.ts';
import type { Value } from './integers.ts';
import { literalFormat } from './output.ts';
import type { FunctionState } from './state.ts';

/**
 * What the formats of a program can ask for, for those that are read as it runs (library/format.ts). A format is one of the
 * program's string literals, unless the program can make text with a `%` otherwise: then it can ask for anything. (Numbers from
 * `__VERIFIER_nondet_int` and its like are taken not to become formats: what is asked for beyond the literals is reported as
 * undefined behaviour, which a format from outside is as good as always.)
 */
export type FormatFact =
  | 'passes_floats'
  | 'asks_int'
  | 'asks_long'
  | 'asks_string'
  | 'asks_count'
  | 'asks_star'
  | 'asks_text';

const asked: readonly FormatFact[] = ['asks_int', 'asks_long', 'asks_string', 'asks_count', 'asks_star', 'asks_text'];
/** Text from outside comes in through these. */
const readers =
  /^(?:v?[fs]?scanf|fgets|gets|getline|getdelim|fread|read|recv\w*|fgetc|getc|getchar|getenv|\w*nondet_u?char|\w*nondet_(?:string|memory))$/;

export function formatFacts(unit: TypedUnit): ReadonlySet<FormatFact> {
  const facts = new Set<FormatFact>();
  const long = unit.types.model.longBits === 64;
  const look = (text: string): void => {
    for (const [, amounts = '', length = '', letter = ''] of text.matchAll(conversion)) {
      if (amounts.includes('*')) facts.add('asks_star');
      const isLong = /^(?:ll|j|q)$/.test(length) || (long && /^[lzt]$/.test(length));
      if (/[diouxX]/.test(letter)) facts.add(isLong ? 'asks_long' : 'asks_int');
      else if (letter === 'n') facts.add('asks_count');
      else if (/[pSCm]/.test(letter) || (/[sc]/.test(letter) && length === 'l')) facts.add('asks_text');
      else if (letter === 's') facts.add('asks_string');
      else if (letter === 'c') facts.add('asks_int');
    }
  };
  const formats = new Set<Typed>();
  const texts: TypedOf<'string'>[] = [];
  let makesText = false;
  const visit = (root: Typed): void => {
    for (const e of expressionsIn(root)) {
      if (e.kind === 'string') texts.push(e);
      if (e.kind === 'integer' && e.value === 37n) makesText = true;
      if (e.kind !== 'call') continue;
      const callee = calledFunction(e);
      if (callee && readers.test(callee.name)) makesText = true;
      const literal = callee && literalFormat(callee.name, e.args);
      if (literal !== undefined) {
        for (const arg of e.args)
          for (const inner of expressionsIn(arg)) if (isFormat(inner, literal)) formats.add(inner);
      } else if (e.args.some((arg) => arg.type.kind === 'floating') && takesAnything(callee))
        facts.add('passes_floats');
    }
  };
  for (const { body } of unit.functions.values())
    if (body && !body.range.file.builtIn) for (const root of expressionsOf(body.statement)) visit(root);
  for (const { initializer } of unit.globals) if (initializer) for (const root of planParts(initializer)) visit(root);
  const main = unit.functions.get('main');
  if (makesText || (main?.body && main.body.parameters.length > 1)) for (const fact of asked) facts.add(fact);
  for (const text of texts)
    if (!formats.has(text)) look(String.fromCharCode(...text.units.slice(0, 8192).map((unit_) => Number(unit_) & 255)));
  return facts;
}

const conversion = /%([-+ #0'*.\d]*)(hh|h|ll|l|j|z|t|L|q)?([a-zA-Z])/g;

const isFormat = (e: Typed, text: string): boolean =>
  e.kind === 'string' && String.fromCharCode(...e.units.map((unit) => Number(unit) & 255)).startsWith(text);

const takesAnything = (callee: FunctionSymbol | undefined): boolean =>
  !callee || callee.type.variadic || !callee.type.prototype;

/** What our models ask lowering (library/index.ts). */
export function lowerFormatFact(
  f: FunctionState,
  name: string,
  e: TypedOf<'call'>,
): { readonly value: Value } | undefined {
  const fact = /^__tertium_(passes_floats|asks_\w+)$/.exec(name)?.[1] as FormatFact | undefined;
  if (!fact) return undefined;
  const holds = f.unit.formats.has(fact);
  if (holds && fact === 'asks_text')
    f.approximate('an address or wide text that is printed is not computed: it may be any', e.range);
  if (holds && fact === 'passes_floats')
    f.approximate('the text of floating-point numbers that are printed is not computed: it may be any', e.range);
  const value = holds ? 1n : 0n;
  return { value: { term: f.terms.int(value), low: value, high: value } };
}
