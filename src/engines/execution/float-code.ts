import type { ApplyTerm } from '../../terms/term.ts';
import { type FloatValue, floatToNumber } from '../../terms/value.ts';
import type { Piece } from './term-facts.ts';

/**
 * Float operators as JavaScript expressions. A double is a JavaScript number, and a float of 32 bits one that `fround` has
 * rounded: what is computed in double precision and rounded again is the float operation's own result ([Figueroa-1995]).
 */
export function floatCode(term: ApplyTerm, pieces: readonly Piece[]): Piece | undefined {
  const [a, b] = pieces.map((p) => p.js) as [string, string];
  const narrow = term.sort.kind === 'float' && term.sort.format === 'binary32';
  const representation = narrow ? 'float32' : 'float64';
  const exact = (js: string): Piece => ({ js, representation });
  const rounded = (js: string): Piece => ({ js: narrow ? `fround(${js})` : js, representation });
  const bool = (js: string): Piece => ({ js, representation: 'boolean' });
  switch (term.op) {
    case 'fp.add':
      return rounded(`(${a} + ${b})`);
    case 'fp.sub':
      return rounded(`(${a} - ${b})`);
    case 'fp.mul':
      return rounded(`(${a} * ${b})`);
    case 'fp.div':
      return rounded(`(${a} / ${b})`);
    case 'fp.rem':
      return exact(`(${a} % ${b})`);
    case 'fp.neg':
      return exact(`(-${a})`);
    case 'fp.abs':
      return exact(`Math.abs(${a})`);
    case 'fp.sqrt':
      return rounded(`Math.sqrt(${a})`);
    case 'fp.round':
      return exact(
        ['', `Math.trunc(${a})`, `Math.floor(${a})`, `Math.ceil(${a})`][term.index] ||
          `roundIntegral(${a}, ${term.index})`,
      );
    case 'fp.lt':
      return bool(`(${a} < ${b})`);
    case 'fp.le':
      return bool(`(${a} <= ${b})`);
    case 'fp.eq':
      return bool(`(${a} === ${b})`);
    case 'fp.isNaN':
      return bool(`Number.isNaN(${a})`);
    case 'fp.isInfinite':
      return bool(`(Math.abs(${a}) === Infinity)`);
    case 'fp.isNegative':
      return bool(`isNegative(${a})`);
    case 'fp.convert':
      return rounded(a);
    case 'fp.of.int':
      // Integers that are held as numbers may be held as -0.
      if (pieces[0]!.representation === 'number') return rounded(`(${a} + 0)`);
      return exact(`integerToNumber(${a}, ${term.index})`);
    default:
      return undefined;
  }
}

export function floatLiteral(value: FloatValue): Piece {
  const number = floatToNumber(value);
  const text = Object.is(number, -0) ? '-0' : String(number);
  return { js: number < 0 || text === '-0' ? `(${text})` : text, representation: floatRepresentation(value.format) };
}

export const floatRepresentation = (format: FloatValue['format']): 'float32' | 'float64' =>
  format === 'binary32' ? 'float32' : 'float64';
