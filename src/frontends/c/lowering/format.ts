/** What a printf format asks for: its literal text, and one conversion for each argument it takes. */
export interface Conversion {
  /** The whole conversion, `%5.2ld`. */
  readonly text: string;
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
  const pattern = /%[-+ #0']*(\*|\d+)?(?:\.(\*|-?\d+)?)?(?:hh|h|ll|l|j|z|t|L|q)?([a-zA-Z%]?)/g;
  for (let match = pattern.exec(format); match; match = pattern.exec(format)) {
    const letter = match[3]!;
    if (letter === '%') continue;
    if (!/^[diouxXcsfFeEgGaApnmCS]$/.test(letter)) return undefined;
    const stars = (match[1] === '*' ? 1 : 0) + (match[2] === '*' ? 1 : 0);
    conversions.push({ text: match[0], letter, stars, offset: match.index });
  }
  return conversions;
}
