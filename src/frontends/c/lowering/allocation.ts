import { unsupported } from '../diagnostics.ts';
import { constantInteger } from '../elaboration/constant.ts';
import { type AllocationSite, accessSize } from '../memory/operations.ts';
import { type Range, textOf } from '../preprocessor/source-file.ts';
import { type CType, integerOf, isInteger } from '../types/ctype.ts';
import type { FunctionSymbol, Typed, TypedOf } from '../types/typed.ts';
import { calledFunction } from './effects.ts';
import { keepOver, lowerValue } from './expressions.ts';
import { type ArithmeticContext, constantValue, convertInteger, type Value } from './integers.ts';
import { plus } from './places.ts';
import { convertScalar } from './scalars.ts';
import type { FunctionState } from './state.ts';
import { accessType, type Leaf, leavesOf, type ScalarType } from './storage.ts';

/** The functions of the C library that make and end objects, and those that fill or copy a known number of bytes. */

interface Known {
  readonly value: Value | undefined;
}

const pointer: ScalarType = { kind: 'pointer', to: { kind: 'void' } };

export function lowerMemoryCall(
  f: FunctionState,
  symbol: FunctionSymbol,
  e: TypedOf<'call'>,
  used: boolean,
): Known | undefined {
  const { args } = e;
  const { size } = f.unit.types;
  switch (symbol.name) {
    case 'malloc':
    case 'valloc':
      if (args.length !== 1) return undefined;
      return { value: allocate(f, integerArgument(f, args[0]!), 'malloc', false, e.range) };
    case 'alloca':
    case '__builtin_alloca':
    case '_alloca':
      if (args.length !== 1) return undefined;
      return { value: allocate(f, integerArgument(f, args[0]!), 'alloca', false, e.range) };
    // What our models of library functions make and end (library/index.ts).
    case '__tertium_new_object':
      return { value: allocate(f, integerArgument(f, args[0]!), 'other', false, e.range) };
    case '__tertium_end_object':
      release(f, lowerValue(f, args[0]!), e.range);
      return { value: undefined };
    case 'aligned_alloc':
    case 'memalign': {
      if (args.length !== 2) return undefined;
      const align = integerArgument(f, args[0]!).term;
      const bytes = align.kind === 'value' ? Number(align.value) : 1;
      return { value: allocate(f, integerArgument(f, args[1]!), 'malloc', false, e.range, bytes) };
    }
    case 'calloc': {
      if (args.length !== 2) return undefined;
      const count = keepOver(f, integerArgument(f, args[0]!), size, [args[1]!]);
      const each = integerArgument(f, args[1]!);
      const [c, s] = [count, each].map((v) => (v.term.kind === 'value' ? (v.term.value as bigint) : undefined));
      // A product that does not fit makes calloc give null; so large a size does, too.
      const total =
        c !== undefined && s !== undefined
          ? constantValue(f.terms, c * s)
          : { term: f.terms.multiply(count.term, each.term) };
      return { value: allocate(f, total, 'calloc', true, e.range) };
    }
    case 'realloc':
      if (args.length !== 2) return undefined;
      return { value: reallocate(f, e) };
    case 'free':
    case 'cfree':
      if (args.length !== 1) return undefined;
      release(f, lowerValue(f, args[0]!), e.range);
      return { value: undefined };
    case 'memset':
    case '__ESBMC_memset':
      return args.length === 3 ? fillBytes(f, e, used) : undefined;
    case 'memcpy':
    case 'memmove':
    case '__ESBMC_memcpy':
      return args.length === 3 ? copyBytes(f, e) : undefined;
    default:
      return undefined;
  }
}

/** An argument as a size_t. */
function integerArgument(f: FunctionState, e: Typed): Value {
  const value = lowerValue(f, e);
  return isInteger(e.type) ? convertScalar(f, value, integerOf(e.type), f.unit.types.size, e.range) : value;
}

export function allocate(
  f: FunctionState,
  sizeBytes: Value,
  how: AllocationSite['how'],
  zeroed: boolean,
  range: Range,
  alignBytes = f.unit.types.model.maxAlign,
): Value {
  const { unit } = f;
  const stack = how === 'alloca';
  const target = f.temporary(stack ? 'alloca' : how, pointer);
  const element = f.allocated;
  const site: AllocationSite = {
    how,
    mayFail: !stack && how !== 'other' && unit.options.allocation === 'may-fail',
    zeroed,
    alignBytes,
    element,
    receiver: f.receiver,
    ...(stack ? { alive: f.allocaAlive() } : {}),
    range,
  };
  if (!zeroed) f.unfollowed(range);
  if (site.alive) f.emit({ kind: 'assign', target: site.alive, value: f.terms.true });
  f.emit({ kind: 'assign', target, value: unit.memory.allocate(site, sizeBytes.term) });
  return { term: target };
}

function release(f: FunctionState, address: Value, range: Range): void {
  const { memory } = f.unit;
  if (f.unit.checked('free')) {
    f.require(
      {
        kind: 'free',
        property: memory.freeable(address.term),
        text: '{} is given null or the start of memory that is allocated',
        failure: '{} is given what cannot be freed',
      },
      range,
    );
  }
  f.emit(memory.free(address.term));
}

/** A new object with the old one's contents as far as both reach; null, and nothing changes, when there is no memory. */
function reallocate(f: FunctionState, e: TypedOf<'call'>): Value {
  const { terms, unit } = f;
  const old = f.save(keepOver(f, lowerValue(f, e.args[0]!), pointer, [e.args[1]!]), pointer, 'old');
  const size = integerArgument(f, e.args[1]!);
  if (unit.checked('free')) {
    f.require(
      {
        kind: 'free',
        property: unit.memory.freeable(old.term),
        text: '{} is given null or the start of memory that is allocated',
        failure: '{} is given what was not allocated',
      },
      e.range,
    );
  }
  const move = f.newLocation();
  const after = f.newLocation();
  const isZero = (v: Value) => terms.equal(v.term, terms.int(0));
  const result = f.temporary('realloc', pointer);
  if (size.term.kind !== 'value' || size.term.value === 0n) {
    // With size 0 it frees, and gives null: as glibc does (C leaves it to the implementation).
    const release0 = f.newLocation();
    const grow = f.newLocation();
    f.branch(terms.and(isZero(size), terms.not(isZero(old))), release0, grow);
    f.resume(release0);
    f.emit(unit.memory.free(old.term));
    f.emit({ kind: 'assign', target: result, value: terms.int(0) });
    f.jump(after);
    f.resume(grow);
  }
  const made = allocate(f, size, 'realloc', false, e.range);
  f.emit({ kind: 'assign', target: result, value: made.term });
  f.branch(terms.not(terms.or(isZero(made), isZero(old))), move, after);
  f.resume(move);
  f.emit(unit.memory.copyObject(made.term, old.term));
  f.emit(unit.memory.free(old.term));
  f.jump(after);
  f.resume(after);
  return { term: result };
}

// Blocks of bytes

/** The type that a `void *` argument had before it became one. */
function pointee(e: Typed): CType | undefined {
  let at = e;
  while (at.kind === 'convert' && (at.type.kind === 'pointer' || isInteger(at.type))) {
    const inner: Typed = at.operand;
    if (inner.type.kind !== 'pointer') break;
    at = inner;
  }
  return at.type.kind === 'pointer' && at.type.to.kind !== 'void' && at.type.to.kind !== 'function'
    ? at.type.to
    : undefined;
}

/** Most stores that one call is written out as. */
const mostStores = 4096;

function fillBytes(f: FunctionState, e: TypedOf<'call'>, used: boolean): Known | undefined {
  const [to, byte, count] = e.args as [Typed, Typed, Typed];
  const element = pointee(to);
  const length = constantSizeOf(count);
  if (length === undefined) return undefined;
  const address = f.save(keepOver(f, lowerValue(f, to), pointer, [byte, count]), pointer, 'target');
  const fill = f.save(
    convertScalar(f, lowerValue(f, byte), integerOf(byte.type as never), f.unit.types.uchar, e.range),
    f.unit.types.uchar,
  );
  requireBytes(f, address, length, true, e);
  const cells = wholeCells(f, element, length) ?? bytesOf(f, length);
  if (!cells) unsupported('C0602', `so large a block (\`${textOf(e.range)}\`)`, e.range);
  const { terms, unit } = f;
  for (const { offset, type, bitField } of cells) {
    let term = fill.term;
    if (type.kind === 'integer') {
      const bits = bitField ? bitField.widthBits : 8 * type.size;
      let factor = 0n;
      for (let i = 0; i < bits; i += 8) factor += 1n << BigInt(i);
      const repeated =
        fill.term.kind === 'value'
          ? terms.int((fill.term.value as bigint) * factor)
          : terms.multiply(fill.term, terms.int(factor));
      const context = { ...f.arithmetic(e.range), model: 'wrap' as const };
      term = convertScalarIn(f, context, { term: repeated }, type);
    } else if (fill.term !== terms.int(0)) {
      unsupported('C0602', `memset of what are no integers (\`${textOf(e.range)}\`)`, e.range);
    } else if (type.kind === 'floating') {
      term = convertScalar(f, constantValue(terms, 0n), unit.types.int, type, e.range).term;
    }
    const start = plus(f, address.term, BigInt(offset));
    const access = { start, subscripts: [], type: accessType(type, unit.pointerBytes, bitField) };
    f.emit(unit.memory.store({ ...access, certain: unit.checked('pointer') }, term));
  }
  return { value: used ? address : undefined };
}

const convertScalarIn = (
  f: FunctionState,
  c: ArithmeticContext,
  value: Value,
  type: ScalarType & { kind: 'integer' },
) =>
  f.unit.options.integers === 'math' && value.term.kind === 'value'
    ? f.terms.int(type.signed ? BigInt.asIntN(type.bits, value.term.value as bigint) : (value.term.value as bigint))
    : convertInteger(c, value, type).term;

function copyBytes(f: FunctionState, e: TypedOf<'call'>): Known | undefined {
  const [to, from, count] = e.args as [Typed, Typed, Typed];
  const length = constantSizeOf(count);
  if (length === undefined) return undefined;
  const target = keepOver(f, lowerValue(f, to), pointer, [from]);
  const saved = f.save(target, pointer, 'target');
  const source = f.save(lowerValue(f, from), pointer, 'source');
  if (length > 0) {
    requireBytes(f, source, length, false, e);
    requireBytes(f, saved, length, true, e);
    const cells = symbolOverlaps(e) ? (wholeCells(f, pointee(to), length) ?? bytesOf(f, length)) : undefined;
    if (cells && cells.length <= mostMoved) {
      moveCells(f, saved, source, cells);
      return { value: saved };
    }
    f.emit(f.unit.memory.copy(saved.term, source.term, length, pointee(from) ?? pointee(to)));
  }
  return { value: saved };
}

/** memmove, whose blocks may overlap: everything is read before anything is written. */
const symbolOverlaps = (e: TypedOf<'call'>): boolean => calledFunction(e)?.name === 'memmove';
const mostMoved = 512;

function moveCells(f: FunctionState, target: Value, source: Value, cells: readonly Block[]): void {
  const { memory, pointerBytes } = f.unit;
  const certain = f.unit.checked('pointer');
  const at = (base: Value, { offset, type, bitField }: Block) => ({
    start: plus(f, base.term, BigInt(offset)),
    subscripts: [],
    type: accessType(type, pointerBytes, bitField),
    certain,
  });
  const read = cells.map((cell) => {
    const moved = f.temporary('moved', cell.type);
    f.emit({ kind: 'assign', target: moved, value: memory.load(at(source, cell)) });
    return moved;
  });
  for (const [i, cell] of cells.entries()) f.emit(memory.store(at(target, cell), read[i]!));
}

function requireBytes(f: FunctionState, address: Value, length: number, write: boolean, e: TypedOf<'call'>): void {
  if (length === 0 || !f.unit.checked('pointer')) return;
  f.require(
    {
      kind: 'pointer',
      property: f.unit.memory.validBytes({ start: address.term, subscripts: [] }, length, write),
      text: `{} may ${write ? 'write to' : 'read'} ${length} bytes`,
      failure: `{} ${write ? 'writes' : 'reads'} where it must not`,
    },
    e.range,
  );
}

/** The value of a constant argument, if it is a possible size. */
function constantSizeOf(e: Typed): number | undefined {
  const value = isInteger(e.type) ? constantInteger(e) : undefined;
  return value !== undefined && value >= 0n && value < 1n << 31n ? Number(value) : undefined;
}

/** Memory of `length` bytes as cells of a type that fills it exactly. */
function wholeCells(f: FunctionState, element: CType | undefined, length: number): Block[] | undefined {
  if (!element) return undefined;
  const cell = element.kind === 'array' ? element.element : element;
  const size = f.unit.sizeOf(cell);
  const leaves = leavesOf(cell);
  if (
    !size ||
    !leaves ||
    leaves.some((leaf) => leaf.bitField) ||
    length % size !== 0 ||
    (length / size) * leaves.length > mostStores
  )
    return undefined;
  const padding = gaps(leaves, size, f.unit.pointerBytes).map((offset) => byteAt(f, offset));
  const cells: Block[] = [];
  for (let at = 0; at < length; at += size) {
    for (const leaf of [...leaves, ...padding]) cells.push({ ...leaf, offset: at + leaf.offset });
  }
  return cells;
}

type Block = Omit<Leaf, 'path'>;
const byteAt = (f: FunctionState, offset: number): Block => ({ offset, type: f.unit.types.uchar });

/** The bytes of a structure that none of its scalars touches. */
function gaps(leaves: readonly Leaf[], size: number, pointerBytes: number): number[] {
  const used = new Set<number>();
  for (const { offset, type, bitField } of leaves) {
    const bytes = bitField
      ? Math.ceil((bitField.offsetBits + bitField.widthBits) / 8)
      : accessSize(accessType(type, pointerBytes));
    for (let i = 0; i < bytes; i++) used.add(offset + i);
  }
  return Array.from({ length: size }, (_, i) => i).filter((i) => !used.has(i));
}

function bytesOf(f: FunctionState, length: number): Block[] | undefined {
  return length > mostStores ? undefined : Array.from({ length }, (_, offset) => byteAt(f, offset));
}
