/**
 * The value of a floating constant [C11 6.4.4.2], exactly, and rounded once to the format of its type: nearest, ties to
 * even. (Rounding to double first and then to float would round twice.) An exact value is numerator / denominator.
 */
export interface Exact {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Larger exponents are cut: the value is then 0 or infinite in every format all the same. */
const largestExponent = 6000;

export function decimalValue(text: string): Exact {
  const match = /^(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text)!;
  const digits = (match[1]! + match[2]!).replace(/^0+(?=\d)/, '');
  const exponent = Number(match[3] ?? '0') - match[2]!.length;
  return scaled(BigInt(digits || '0'), 10n, exponent, digits.length);
}

export function hexadecimalValue(whole: string, fraction: string, exponent: number): Exact {
  const digits = `${whole}${fraction}`.replace(/^0+(?=.)/, '') || '0';
  return scaled(BigInt(`0x${digits}`), 2n, exponent - 4 * fraction.length, 4 * digits.length);
}

function scaled(significand: bigint, base: bigint, exponent: number, digits: number): Exact {
  if (significand === 0n || exponent < -largestExponent - digits) return { numerator: 0n, denominator: 1n };
  const power = base ** BigInt(Math.min(Math.abs(exponent), largestExponent + digits));
  return exponent >= 0
    ? { numerator: significand * power, denominator: 1n }
    : { numerator: significand, denominator: power };
}

/** The nearest number of a format: `precision` bits, the least exponent of a unit in the last place, the greatest of all. */
const formats = {
  binary32: { precision: 24, leastUnit: -149, mostUnit: 104 },
  binary64: { precision: 53, leastUnit: -1074, mostUnit: 971 },
} as const;

export function roundedValue({ numerator, denominator }: Exact, format: keyof typeof formats): number {
  if (numerator === 0n) return 0;
  const { precision, leastUnit, mostUnit } = formats[format];
  const bits = (n: bigint): number => n.toString(2).length;
  // The quotient by 2^unit has `precision` bits, or one more.
  let unit = Math.max(leastUnit, bits(numerator) - bits(denominator) - precision);
  let [whole, rest, divisor] = quotient(numerator, denominator, unit);
  if (bits(whole) > precision) {
    unit++;
    [whole, rest, divisor] = quotient(numerator, denominator, unit);
  }
  const twice = 2n * rest;
  const up = twice > divisor || (twice === divisor && (whole & 1n) === 1n);
  const rounded = up ? whole + 1n : whole;
  if (unit > mostUnit || (unit === mostUnit && rounded >= 1n << BigInt(precision))) return Number.POSITIVE_INFINITY;
  // Two factors, each exact, since 2^unit alone may lie below the doubles that have all bits.
  return Number(rounded) * 2 ** unit;
}

function quotient(numerator: bigint, denominator: bigint, unit: number): [bigint, bigint, bigint] {
  const [a, b] = unit >= 0 ? [numerator, denominator << BigInt(unit)] : [numerator << BigInt(-unit), denominator];
  return [a / b, a % b, b];
}

/** Whether a double is the exact value. */
export function isExactly({ numerator, denominator }: Exact, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  if (value === 0) return numerator === 0n;
  let [significand, unit] = [value, 0];
  while (!Number.isInteger(significand)) {
    significand *= 2;
    unit++;
  }
  return BigInt(significand) * denominator === numerator << BigInt(unit);
}
