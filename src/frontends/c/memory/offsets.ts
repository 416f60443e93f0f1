/**
 * Sets of byte offsets into an object: { first + sum of stride_i * k_i }, with 0 <= k_i < count_i, or k_i any integer where the
 * count is infinite (strided intervals, [BalakrishnanR-CC'04], with one dimension for each subscript). Used for points-to
 * sets and for the shapes of accesses. Every operation gives a superset of the exact result.
 */
export interface Dimension {
  readonly stride: number;
  readonly count: number;
}

export interface Offsets {
  readonly first: number;
  /** Strides descend; all are positive; at most one count is infinite, and then `first` lies below its stride. */
  readonly dimensions: readonly Dimension[];
}

const mostDimensions = 4;
const mostSets = 8;

export const constantOffset = (first: number): Offsets =>
  Number.isSafeInteger(first) ? { first, dimensions: [] } : anyOffset;
export const anyOffset: Offsets = { first: 0, dimensions: [{ stride: 1, count: Number.POSITIVE_INFINITY }] };

export const isConstant = (o: Offsets): boolean => o.dimensions.length === 0;

export function gcd(a: number, b: number): number {
  let x = Math.abs(a);
  let y = Math.abs(b);
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

export const modulo = (a: number, b: number): number => ((a % b) + b) % b;

export function makeOffsets(start: number, dimensions: readonly Dimension[]): Offsets {
  let first = start;
  let unbounded = 0;
  const finite = new Map<number, number>();
  for (const d of dimensions) {
    if (d.stride === 0 || d.count <= 1) continue;
    if (d.count === Number.POSITIVE_INFINITY) unbounded = gcd(unbounded, d.stride);
    else {
      if (d.stride < 0) first += d.stride * (d.count - 1);
      const stride = Math.abs(d.stride);
      finite.set(stride, (finite.get(stride) ?? 1) + d.count - 1);
    }
  }
  if (finite.size + (unbounded > 0 ? 1 : 0) > mostDimensions) {
    for (const stride of finite.keys()) unbounded = gcd(unbounded, stride);
    finite.clear();
  }
  if (!Number.isSafeInteger(first)) return anyOffset;
  const result: Dimension[] = [];
  for (const [stride, count] of finite) {
    if (!Number.isSafeInteger(stride * count)) unbounded = gcd(unbounded, stride);
  }
  for (const [stride, count] of finite) {
    if (unbounded > 0 && stride % unbounded === 0) continue;
    result.push({ stride, count });
  }
  if (unbounded > 0) {
    first = modulo(first, unbounded);
    result.push({ stride: unbounded, count: Number.POSITIVE_INFINITY });
  }
  return { first, dimensions: result.sort((a, b) => b.stride - a.stride) };
}

export const plus = (o: Offsets, constant: number, dimensions: readonly Dimension[] = []): Offsets =>
  makeOffsets(o.first + constant, [...o.dimensions, ...dimensions]);

export const offsetsKey = (o: Offsets): string =>
  `${o.first}${o.dimensions.map((d) => `+${d.stride}*${d.count}`).join('')}`;

/** The least offset; minus infinity where there is none. */
export const least = (o: Offsets): number =>
  o.dimensions.some((d) => d.count === Number.POSITIVE_INFINITY) ? Number.NEGATIVE_INFINITY : o.first;
export const greatest = (o: Offsets): number =>
  o.dimensions.reduce((sum, d) => sum + d.stride * (d.count - 1), o.first);

/** All offsets of several sets, as one set with one stride. */
export function hull(list: readonly Offsets[]): Offsets {
  const [one, ...rest] = list;
  if (rest.length === 0) return one!;
  let stride = 0;
  for (const o of list) {
    stride = gcd(stride, o.first - one!.first);
    for (const d of o.dimensions) stride = gcd(stride, d.stride);
  }
  return makeOffsets(one!.first, [{ stride, count: Number.POSITIVE_INFINITY }]);
}

const contains = (large: Offsets, small: Offsets): boolean => {
  const [only, more] = large.dimensions;
  if (!only || more || only.count !== Number.POSITIVE_INFINITY) return false;
  return (small.first - large.first) % only.stride === 0 && small.dimensions.every((d) => d.stride % only.stride === 0);
};

/** The union; the first list itself when nothing is new. More than a few sets become one. */
export function union(list: readonly Offsets[], more: readonly Offsets[]): readonly Offsets[] {
  let result = list;
  const keys = new Set(list.map(offsetsKey));
  for (const o of more) {
    if (keys.has(offsetsKey(o)) || result.some((known) => contains(known, o))) continue;
    keys.add(offsetsKey(o));
    result = [...result.filter((known) => !contains(o, known)), o];
  }
  return result !== list && result.length > mostSets ? [hull(result)] : result;
}

/** May bytes [a, a + width) of one set meet bytes [b, b + otherWidth) of another? */
export function mayOverlap(a: Offsets, width: number, b: Offsets, otherWidth: number): boolean {
  if (greatest(a) + width <= least(b) || greatest(b) + otherWidth <= least(a)) return false;
  let stride = 0;
  for (const d of [...a.dimensions, ...b.dimensions]) stride = gcd(stride, d.stride);
  const difference = b.first - a.first;
  if (stride === 0) return difference < width && -difference < otherWidth;
  const rest = modulo(difference, stride);
  return rest < width || stride - rest < otherWidth;
}

/** Every offset of a set with finite dimensions only, in order of dimensions. requires: isFinite. */
export function expand(o: Offsets): number[] {
  let result = [o.first];
  for (const d of o.dimensions) {
    const next: number[] = [];
    for (let k = 0; k < d.count; k++) for (const x of result) next.push(x + d.stride * k);
    result = next;
  }
  return result;
}
