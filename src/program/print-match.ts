import type { Event } from './program.ts';
import type { Assumption } from './question.ts';

/**
 * Does a print say a text? Its literal pieces say it for certain; where the text could come from the values that are printed,
 * or from several prints one after another, that is not followed: then only a witness is certain, and the task carries an
 * under-approximation. Trusted: an answer of "it never prints this" rests on it.
 */
export type PrintStyle = 'percent' | 'braces';

/** A character, or anything out of a class, any number of times. */
type Element = { readonly character: string } | { readonly anyOf: RegExp };

const integerText = /[-+ 0-9]/;
const hexadecimalText = /[-+ 0-9a-fA-FxX]/;
const numberText = /[-+ 0-9a-zA-Z.]/;
const anyText = /[\s\S]/;

/** The places that print the text for certain, whatever the values. */
export const printsText = (event: Event, text: string, style: PrintStyle): boolean =>
  event.kind === 'print' && literalPieces(event, style).some((piece) => piece.includes(text));

/** What an answer about a printed text cannot be certain of, as assumptions of the task. */
export function printAssumptions(events: readonly Event[], text: string, style: PrintStyle): readonly Assumption[] {
  const found: Assumption[] = [];
  for (const event of events) {
    if (event.kind !== 'print' || printsText(event, text, style)) continue;
    const fit = fits(elements(event, style), text);
    const quoted = JSON.stringify(event.text.replace(/\n$/, ''));
    const about = {
      kind: 'approximation' as const,
      side: 'under' as const,
      ...(event.origin ? { origin: event.origin } : {}),
    };
    if (fit === 'inside') {
      found.push({
        ...about,
        text: `whether ${quoted} prints ${JSON.stringify(text)} depends on its values, which was not followed`,
      });
    } else if (fit === 'begins') {
      found.push({
        ...about,
        text: `${quoted} and what is printed after it could make ${JSON.stringify(text)}, which was not followed`,
      });
    }
  }
  const distinct = new Map(found.map((a) => [a.text, a]));
  return [...distinct.values()];
}

const conversions: Readonly<Record<PrintStyle, RegExp>> = {
  percent: /%(?:%|[-+ #0]*(?:\d+|\*)?(?:\.(?:\d+|\*)?)?(?:hh|h|ll|l|j|z|t|L)?[a-zA-Z])/g,
  braces: /\{[^{}]*\}/g,
};

function split(event: Event, style: PrintStyle): { readonly literals: string[]; readonly classes: RegExp[] } {
  const literals = [''];
  const classes: RegExp[] = [];
  // Without arguments, braces are braces; `%%` stands for a percent sign always.
  if (style === 'braces' && event.args.length === 0) return { literals: [event.text], classes };
  let from = 0;
  for (const match of event.text.matchAll(conversions[style])) {
    literals[literals.length - 1] += event.text.slice(from, match.index);
    from = match.index + match[0].length;
    if (match[0] === '%%') literals[literals.length - 1] += '%';
    else {
      classes.push(classOf(event.formats?.[classes.length] ?? match[0], style));
      literals.push('');
    }
  }
  literals[literals.length - 1] += event.text.slice(from);
  return { literals, classes };
}

function classOf(format: string, style: PrintStyle): RegExp {
  if (style === 'percent') {
    if (/[diu]$/.test(format)) return integerText;
    if (/[xXo]$/.test(format)) return hexadecimalText;
    return /[eEfFgGaAp]$/.test(format) ? numberText : anyText;
  }
  return format === 'int' ? integerText : format === 'bool' || format === 'float' ? numberText : anyText;
}

const literalPieces = (event: Event, style: PrintStyle): readonly string[] => split(event, style).literals;

function elements(event: Event, style: PrintStyle): Element[] {
  const { literals, classes } = split(event, style);
  return literals.flatMap((literal, i) => [
    ...[...literal].map((character) => ({ character })),
    ...(i < classes.length ? [{ anyOf: classes[i]! }] : []),
  ]);
}

/** `inside`: some values make the print contain the text. `begins`: some make it end with a beginning of the text. */
function fits(pattern: readonly Element[], text: string): 'inside' | 'begins' | 'no' {
  let states = new Set(pattern.map((_, i) => i));
  let begins = false;
  for (const character of text) {
    const next = new Set<number>();
    const work = [...states];
    const seen = new Set(work);
    for (let at = work.pop(); at !== undefined; at = work.pop()) {
      const element = pattern[at];
      if (!element) continue;
      if ('character' in element) {
        if (element.character === character) next.add(at + 1);
        continue;
      }
      if (element.anyOf.test(character)) next.add(at);
      if (!seen.has(at + 1)) {
        seen.add(at + 1);
        work.push(at + 1);
      }
    }
    if (next.size === 0) return begins ? 'begins' : 'no';
    // At the end of the pattern, or before a conversion that ends it, the rest may come from the next print.
    if ([...next].some((at) => pattern.slice(at).every((e) => 'anyOf' in e))) begins = true;
    states = next;
  }
  return 'inside';
}
