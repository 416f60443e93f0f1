/** What a printf format asks for: its literal text, and one conversion for each argument it takes. */
export interface Conversion {
  /** The whole conversion, `%5.2ld`. */
  readonly text: string;
  /** The flags `-+ #0`, in any order. */
  readonly flags: string;
  /** `*`, a number, or nothing. */
  readonly width: '*' | number | undefined;
  readonly precision: '*' | number | undefined;
  /** hh, h, l, ll, j, z, t, L, or nothing. */
  readonly length: string;
  /** Its last letter: d, u, c, s, … */
  readonly letter: string;
  /** `*` takes an int argument of its own before the value. */
  readonly stars: number;
  /** Where it stands in the format. */
  readonly offset: number;
}

/** The conversions of a format in order; undefined if it is malformed. `%%` takes no argument and is not listed. */
export function parseFormat(format: string): Conversion[] | undefined {
  const conversions: Conversion[] = [];
  const pattern = /%([-+ #0']*)(\*|\d+)?(?:\.(\*|-?\d+|))?(hh|h|ll|l|j|z|t|L|q)?([a-zA-Z%]?)/g;
  for (let match = pattern.exec(format); match; match = pattern.exec(format)) {
    const [text, flags = '', width, precision, length = '', letter = ''] = match;
    if (letter === '%') continue;
    if (!/^[diouxXcsfFeEgGaApnmCS]$/.test(letter)) return undefined;
    const amount = (written: string | undefined): '*' | number | undefined =>
      written === undefined || written === '*' ? written : Number(written);
    conversions.push({
      text,
      flags,
      width: amount(width),
      precision: amount(precision),
      length: length === 'q' ? 'll' : length,
      letter,
      stars: (width === '*' ? 1 : 0) + (precision === '*' ? 1 : 0),
      offset: match.index,
    });
  }
  return conversions;
}
