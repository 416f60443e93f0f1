import { bitsToFloat, type FloatValue, floatToNumber, numberToFloat } from '../../terms/value.ts';
import type { RandomNumbers } from './random-numbers.ts';

/**
 * A float to try: one at which programs change their behaviour, or the next to it; a small whole number or a fraction; one
 * that the run took before, or near it; a number between 0 and 1, or some hundreds; or any bits.
 */
export function randomFloat(
  random: RandomNumbers,
  format: FloatValue['format'],
  interesting: readonly number[],
  before: FloatValue | undefined,
): FloatValue {
  const of = (x: number): FloatValue => numberToFloat(x, format);
  const kind = random.below(16);
  if (kind < 6 && interesting.length > 0) {
    return nudged(of(interesting[random.below(interesting.length)]!), random.below(4) === 0 ? random.below(3) - 1 : 0);
  }
  if (kind < 8) return of(random.below(21) - 10);
  if (kind < 9) return of((random.below(2001) - 1000) / 8);
  if (kind < 11 && before) return nudged(before, random.below(3) - 1);
  if (kind < 12) return of(random.bits() / 4294967296);
  if (kind < 14) return of((random.bits() / 4294967296 - 0.5) * 1000);
  return bitsToFloat(random.wide(format === 'binary32' ? 32 : 64), format);
}

/** The float so many places further from 0 in the order of bits; what would leave the finite ones stays. */
function nudged(value: FloatValue, by: number): FloatValue {
  if (by === 0 || !Number.isFinite(floatToNumber(value))) return value;
  const size = BigInt.asUintN(value.format === 'binary32' ? 31 : 63, value.bits);
  if (size === 0n && by < 0) return value;
  return bitsToFloat(value.bits + BigInt(by), value.format);
}
