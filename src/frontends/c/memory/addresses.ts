import type { AddressRange } from '../../../program/program.ts';
import { unsupported } from '../diagnostics.ts';
import type { MemoryObject } from './objects.ts';
import type { Region } from './regions.ts';

/**
 * Gives every region its addresses. Regions of one object stand far apart; the objects of regions of many take turns
 * above them, without end: memory never runs out unless the program lets allocation fail.
 */
export interface Layout {
  readonly first: bigint;
  /** Kept free for an object whose size is not known. */
  readonly slot: bigint;
  /** Least distance between objects of regions of many. */
  readonly step: bigint;
  readonly end: bigint;
}

export const layoutFor = (pointerBytes: number): Layout =>
  pointerBytes >= 8
    ? { first: 1n << 40n, slot: 1n << 40n, step: 1n << 12n, end: 1n << 62n }
    : { first: 1n << 16n, slot: 1n << 20n, step: 1n << 8n, end: 1n << 31n };

export const largestBytes = (layout: Layout): bigint => layout.slot - 64n;

/** Returns where the regions of many begin. */
export function giveAddresses(regions: readonly Region[], layout: Layout): bigint {
  const single = layout.slot === 1n << 40n ? layout.slot : 1n << 8n;
  let at = layout.first;
  for (const region of regions) {
    if (region.many) continue;
    const step = region.sizeBytes === undefined ? layout.slot : single;
    const needed = BigInt(region.sizeBytes ?? 0) + 1n + 2n * BigInt(Math.max(16, ...region.members.map(alignment)));
    // An odd multiple of the alignment: what a program concludes from a better one is luck.
    const align = BigInt(Math.max(16, ...region.members.map(alignment)));
    region.base = at + align;
    region.spacing = region.sizeBytes === undefined ? layout.slot : roundUp(needed, step);
    at += region.spacing;
    if (at >= layout.end) {
      unsupported('C0725', `the objects do not fit into memory (\`${region.name}\`)`, region.members[0]!.range);
    }
  }
  const base = roundUp(at, layout.slot);
  const many = regions.filter((r) => r.many);
  let step = layout.step;
  let multiple = 16n;
  for (const region of many) {
    const needed = region.sizeBytes === undefined ? layout.slot : BigInt(region.sizeBytes) + 1n;
    if (needed > step) step = needed;
    if (region.representation.period > 0)
      multiple = leastCommonMultiple(multiple, BigInt(region.representation.period));
  }
  step = roundUp(step, multiple);
  many.forEach((region, i) => {
    region.base = base + BigInt(i) * step;
    region.spacing = BigInt(many.length) * step;
  });
  return base;
}

export function addressRanges(regions: readonly Region[], manyBase: bigint): readonly AddressRange[] {
  return regions.map((region): AddressRange => {
    const size = BigInt(Math.max(region.sizeBytes ?? 1, 1));
    if (!region.many) return { name: region.name, low: region.base, high: region.base + size };
    return { name: region.name, low: region.base, high: manyBase + (1n << 62n), spacing: region.spacing };
  });
}

export const alignment = (o: MemoryObject): number => o.declared?.alignBytes ?? o.site?.alignBytes ?? 1;

const roundUp = (value: bigint, step: bigint): bigint => ((value + step - 1n) / step) * step;

function leastCommonMultiple(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return (a / x) * b;
}
