import { describe, expect, it } from 'vitest';
import { formatCount, formatDuration } from './count.ts';

describe('counts and durations', () => {
  it('are grouped, and short when astronomic', () => {
    expect(formatCount(0)).toBe('0');
    expect(formatCount(-1234567)).toBe('-1,234,567');
    expect(formatCount(18446744065119617025n)).toBe('18,446,744,065,119,617,025');
    expect(formatCount(2n ** 128n)).toBe('about 3.4 × 10^38');
  });

  it('say how long the essay says', () => {
    expect(formatDuration(18446744065119617025n, 430e6)).toBe('more than 1,360 years');
    expect(formatDuration(1000n, 1e6)).toBe('less than a second');
    expect(formatDuration(61_000_000n, 1e6)).toBe('about 1 minute');
    expect(formatDuration(7_200_000_000n, 1e6)).toBe('about 2 hours');
    expect(formatDuration(1n, 0)).toBe('unknown');
  });
});
