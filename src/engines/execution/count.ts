/** Numbers and durations as reports write them: `4,294,967,296`; from 10^21 on `3.4 × 10^38`. */
export function formatCount(count: number | bigint): string {
  const text = String(typeof count === 'bigint' ? count : BigInt(Math.round(count)));
  const digits = text.replace('-', '');
  if (digits.length > 21)
    return `about ${text.slice(0, text.length - digits.length + 1)}.${digits[1]} × 10^${digits.length - 1}`;
  return text.replace(/\B(?=(\d{3})+$)/g, ',');
}

const units = [
  ['year', 365 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** How long `count` runs take at `perSecond`, in words: `more than 1,360 years`, `about 3 minutes`. */
export function formatDuration(count: bigint, perSecond: number): string {
  if (!(perSecond > 0)) return 'unknown';
  // In whole thousandths of a second, so that astronomic counts stay exact.
  const rate = BigInt(Math.max(1, Math.round(perSecond)));
  const ms = (count * 1000n) / rate;
  for (const [unit, seconds] of units) {
    const length = BigInt(Math.round(seconds * 1000));
    if (ms < length) continue;
    const whole = ms / length;
    const amount = formatCount(whole);
    return `${unit === 'year' ? 'more than' : 'about'} ${amount} ${unit}${whole === 1n ? '' : 's'}`;
  }
  return 'less than a second';
}
