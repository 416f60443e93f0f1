/**
 * Widths of the C types on the two data models we know, both with 8-bit bytes, two's complement and little endian, as the
 * System V ABIs for x86-64 and i386 fix them. Widths are in bits, sizes and alignments in bytes.
 */
export interface DataModel {
  readonly name: 'LP64' | 'ILP32';
  readonly shortBits: number;
  readonly intBits: number;
  readonly longBits: number;
  readonly longLongBits: number;
  readonly pointerBits: number;
  readonly charSigned: boolean;
  readonly wcharSigned: boolean;
  readonly longDoubleSize: number;
  readonly longDoubleAlign: number;
  /** Alignment of 8-byte scalars inside structures; i386 keeps them at 4. */
  readonly eightByteAlign: number;
  readonly maxAlign: number;
}

export const lp64: DataModel = {
  name: 'LP64',
  shortBits: 16,
  intBits: 32,
  longBits: 64,
  longLongBits: 64,
  pointerBits: 64,
  charSigned: true,
  wcharSigned: true,
  longDoubleSize: 16,
  longDoubleAlign: 16,
  eightByteAlign: 8,
  maxAlign: 16,
};

export const ilp32: DataModel = {
  ...lp64,
  name: 'ILP32',
  longBits: 32,
  pointerBits: 32,
  longDoubleSize: 12,
  longDoubleAlign: 4,
  eightByteAlign: 4,
};
