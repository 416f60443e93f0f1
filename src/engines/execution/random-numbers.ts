/** Seeded random numbers: Marsaglia's xorshift with 32 bits of state ([Marsaglia-2003]); good enough to pick test inputs. */
export class RandomNumbers {
  #state: number;

  constructor(seed: number) {
    // Neighbouring seeds should not begin alike: multiply by an odd constant, and never start at 0.
    this.#state = (Math.imul(seed | 0, 0x9e3779b1) ^ 0x5bd1e995) | 0 || 1;
    for (let i = 0; i < 8; i++) this.bits();
  }

  /** 32 random bits, as a natural number. */
  bits(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x >>> 0;
  }

  /** A natural number below `limit`. requires: 0 < limit <= 2^32. */
  below(limit: number): number {
    return Math.floor((this.bits() / 4294967296) * limit);
  }

  /** A natural number of at most so many bits. */
  wide(widthBits: number): bigint {
    let result = 0n;
    for (let left = widthBits; left > 0; left -= 32) {
      result = (result << BigInt(Math.min(32, left))) | BigInt(left >= 32 ? this.bits() : this.bits() >>> (32 - left));
    }
    return result;
  }
}
