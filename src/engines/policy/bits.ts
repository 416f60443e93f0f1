/** Sets of small numbers as words of 32 bits. All sets of one dimension have the same length. */
export type Bits = Uint32Array;

export const wordsFor = (count: number): number => (count + 31) >>> 5;
export const emptyBits = (count: number): Bits => new Uint32Array(wordsFor(count));

export function fullBits(count: number): Bits {
  const bits = new Uint32Array(wordsFor(count)).fill(0xffffffff);
  const rest = count & 31;
  if (rest !== 0) bits[bits.length - 1] = (1 << rest) - 1;
  return bits;
}

export const has = (bits: Bits, index: number): boolean => ((bits[index >>> 5]! >>> (index & 31)) & 1) === 1;
export const put = (bits: Bits, index: number): void => {
  bits[index >>> 5]! |= 1 << (index & 31);
};
export const drop = (bits: Bits, index: number): void => {
  bits[index >>> 5]! &= ~(1 << (index & 31));
};

export function isEmpty(bits: Bits): boolean {
  for (let i = 0; i < bits.length; i++) if (bits[i] !== 0) return false;
  return true;
}

export function meets(a: Bits, b: Bits): boolean {
  for (let i = 0; i < a.length; i++) if ((a[i]! & b[i]!) !== 0) return true;
  return false;
}

/** Is a a subset of b? */
export function within(a: Bits, b: Bits): boolean {
  for (let i = 0; i < a.length; i++) if ((a[i]! & ~b[i]!) !== 0) return false;
  return true;
}

export function and(a: Bits, b: Bits): Bits {
  const out = new Uint32Array(a.length);
  for (let i = 0; i < a.length; i++) out[i] = a[i]! & b[i]!;
  return out;
}

export function or(a: Bits, b: Bits): Bits {
  const out = new Uint32Array(a.length);
  for (let i = 0; i < a.length; i++) out[i] = a[i]! | b[i]!;
  return out;
}

export function minus(a: Bits, b: Bits): Bits {
  const out = new Uint32Array(a.length);
  for (let i = 0; i < a.length; i++) out[i] = a[i]! & ~b[i]!;
  return out;
}

/** The smallest member, or -1. */
export function first(bits: Bits): number {
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i]!;
    if (word !== 0) return i * 32 + (31 - Math.clz32(word & -word));
  }
  return -1;
}

export function* members(bits: Bits): Generator<number> {
  for (let i = 0; i < bits.length; i++) {
    let word = bits[i]!;
    while (word !== 0) {
      const bit = 31 - Math.clz32(word & -word);
      yield i * 32 + bit;
      word &= word - 1;
    }
  }
}

export function size(bits: Bits): number {
  let total = 0;
  for (let i = 0; i < bits.length; i++) {
    let word = bits[i]!;
    while (word !== 0) {
      word &= word - 1;
      total++;
    }
  }
  return total;
}
