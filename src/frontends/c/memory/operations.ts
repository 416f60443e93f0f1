import type { Step } from '../../../program/program.ts';
import type { TermFactory } from '../../../terms/factory.ts';
import { arraySort, boolSort, floatSort, intSort, type Sort } from '../../../terms/sort.ts';
import type { SymbolTerm, Term } from '../../../terms/term.ts';
import type { Range } from '../preprocessor/source-file.ts';
import type { CType, IntegerType } from '../types/ctype.ts';

/**
 * The memory program: what lowering writes before memory is resolved (see resolve.ts).
 *
 * A pointer is one integer, an address; null is 0. What a program does with memory is written with *memory symbols*: symbols
 * that are no variables of the final program, whose `select` and `store` stand for a load, a store, an allocation, and so
 * on. So a memory program is a Program like any other, functions are inlined into it as usual, and each copy of a function
 * gets objects of its own. Resolution then replaces every memory symbol by ordinary variables and arrays.
 *
 * The base address of an object is an integer symbol, a local of its function or a global, that nothing assigns to.
 */

/** What one access reads or writes. */
export type AccessType =
  | {
      readonly kind: 'integer';
      readonly type: IntegerType;
      /** `offsetBits` from the first bit of the addressed byte. */
      readonly bitField?: { readonly offsetBits: number; readonly widthBits: number };
    }
  | { readonly kind: 'pointer'; readonly sizeBytes: number }
  | { readonly kind: 'float'; readonly format: 'binary32' | 'binary64'; readonly sizeBytes: number };

/** One subscript: the address moves by `index * strideBytes`. */
export interface Subscript {
  readonly index: Term;
  readonly strideBytes: number;
  /** Where the type says how many elements there are: 0 <= index < count in every run without undefined behaviour. */
  readonly count: number | undefined;
}

/** An address as lowering knows it: start + sum of index * stride. */
export interface Address {
  readonly start: Term;
  readonly subscripts: readonly Subscript[];
}

export interface Access extends Address {
  readonly type: AccessType;
  /** Where it is carried out, it is allowed: by what it is, or by a check before it. */
  readonly certain?: boolean;
}

export type ObjectKind = 'static' | 'automatic' | 'literal' | 'function';

/** An object that a declaration or a literal makes. */
export interface DeclaredObject {
  /** Its address. */
  readonly base: SymbolTerm;
  readonly kind: ObjectKind;
  readonly name: string;
  readonly type: CType;
  /** Undefined where it is computed at run time (variable-length arrays): then `extent` gives it, in bytes. */
  readonly sizeBytes: number | undefined;
  readonly extent?: SymbolTerm;
  readonly alignBytes: number;
  /** Writing to it is undefined behaviour: string literals, const objects. */
  readonly readOnly: boolean;
  /** Of an automatic object: true while it is in scope; lowering assigns to it. */
  readonly alive?: SymbolTerm;
  readonly range: Range;
}

/** An expression that makes an object: malloc and its like. */
export interface AllocationSite {
  readonly how: 'malloc' | 'calloc' | 'alloca' | 'realloc' | 'other';
  /** It may give null. */
  readonly mayFail: boolean;
  /** All bytes are 0 at first; otherwise they hold anything. */
  readonly zeroed: boolean;
  readonly alignBytes: number;
  /** The type that the program takes it to be (of what the result is converted to), for names. */
  readonly element: CType | undefined;
  /** The variable that is made to point to it, if one is. */
  readonly receiver?: string | undefined;
  /** Lives until the function that made it returns (alloca): true while that is so. */
  readonly alive?: SymbolTerm;
  readonly range: Range;
}

/** What a memory symbol stands for. */
export type MemoryRole =
  /** select/store (nested, one level for each subscript): a load or a store. */
  | {
      readonly kind: 'cell';
      readonly type: AccessType;
      readonly subscripts: readonly Shape[];
      /** Lowering has seen to it that no run gets here with an access that is not allowed. */
      readonly certain: boolean;
    }
  /** Bool: this access would touch one live object only, inside its bounds (and not write to a constant). */
  | {
      readonly kind: 'valid';
      readonly sizeBytes: number;
      readonly subscripts: readonly Shape[];
      readonly write: boolean;
    }
  /** Int, of a number: itself, as an address. */
  | { readonly kind: 'from-number' }
  /** Bool, of an address: a multiple of so many bytes. */
  | { readonly kind: 'aligned'; readonly bytes: number }
  /** Bool, of address and size: a live object has that many bytes from there. */
  | { readonly kind: 'valid-range'; readonly write: boolean }
  /** Bool, of two addresses: both point into (or one past) one object, or both are null. */
  | { readonly kind: 'same-object' }
  /** Int, of a size in bytes: the address of a new object. Only as the whole value of an assign. */
  | { readonly kind: 'allocate'; readonly site: AllocationSite }
  /** Bool, of an address: null, or the start of a live object that `allocate` (not alloca) made. */
  | { readonly kind: 'freeable' }
  /** Ends the life of the object at an address. */
  | { readonly kind: 'free' }
  /** Sets all of the object at an address: to zero bytes, or to anything. */
  | { readonly kind: 'fill'; readonly with: 'zero' | 'anything' }
  /** Copies that many bytes: store(symbol, target, source). They do not overlap, or are the same. */
  | { readonly kind: 'copy'; readonly sizeBytes: number; readonly type: CType | undefined }
  /** What realloc moves: store(symbol, target, source) copies as many bytes as the smaller of the two objects has. */
  | { readonly kind: 'copy-object' }
  /** Int, of an address: its distance from the start of its object; the size of that object; its number. */
  | { readonly kind: 'offset-of' | 'size-of' | 'object-of' }
  /** Bool, of an address. */
  | { readonly kind: 'is-dynamic' | 'is-live' }
  /** Bool, of nothing (select at 0): every object that `allocate` made and that needs `free` is freed. */
  | { readonly kind: 'nothing-leaks' };

type Shape = Omit<Subscript, 'index'>;

/** All memory symbols and declared objects of a memory program. */
export class Memory {
  readonly roles = new Map<SymbolTerm, MemoryRole>();
  /** By base address. */
  readonly objects = new Map<SymbolTerm, DeclaredObject>();
  /** Variables that may hold an address: pointers, and integers of at least a pointer's width. Copies made by inlining count too. */
  readonly mayHoldAddress = new Set<SymbolTerm>();
  readonly #terms: TermFactory;
  readonly #symbols = new Map<string, SymbolTerm>();

  constructor(terms: TermFactory) {
    this.#terms = terms;
  }

  /** Whether anything here needs resolution. */
  get used(): boolean {
    return this.roles.size > 0 || this.objects.size > 0;
  }

  // What lowering writes

  load(access: Access): Term {
    return this.#select(this.#cell(access), access);
  }

  store(access: Access, value: Term): Step {
    const symbol = this.#cell(access);
    return { kind: 'assign', target: symbol, value: this.#stored(symbol, indices(access), value) };
  }

  /** The property that an access is allowed. */
  valid(access: Access, write: boolean): Term {
    return this.validBytes(access, accessSize(access.type), write);
  }

  /** The property that so many bytes may be accessed. */
  validBytes(address: Address, sizeBytes: number, write: boolean): Term {
    const subscripts = address.subscripts.map(shapeOf);
    const role: MemoryRole = { kind: 'valid', sizeBytes, subscripts, write };
    const name = `${write ? 'writable' : 'readable'} ${sizeBytes}${shapesKey(subscripts)}`;
    return this.#select(this.#symbol(name, role, boolSort, subscripts.length + 1), address);
  }

  /** A number that becomes an address: only what was computed from an address leads to an object. */
  fromNumber = (value: Term): Term => this.#query('from-number', intSort, value);

  aligned(address: Term, bytes: number): Term {
    const symbol = this.#symbol(`aligned ${bytes}`, { kind: 'aligned', bytes }, boolSort, 1);
    return this.#terms.apply('select', [symbol, address]);
  }

  validRange(address: Term, sizeBytes: Term, write: boolean): Term {
    const symbol = this.#symbol(
      `range ${write ? 'writable' : 'readable'}`,
      { kind: 'valid-range', write },
      boolSort,
      2,
    );
    return this.#terms.apply('select', [this.#terms.apply('select', [symbol, address]), sizeBytes]);
  }

  sameObject(a: Term, b: Term): Term {
    const symbol = this.#symbol('same object', { kind: 'same-object' }, boolSort, 2);
    return this.#terms.apply('select', [this.#terms.apply('select', [symbol, a]), b]);
  }

  /** The address of a new object: `emit({ kind: 'assign', target, value: memory.allocate(…) })`. */
  allocate(site: AllocationSite, sizeBytes: Term): Term {
    const symbol = this.#terms.fresh('new object', arraySort(intSort, intSort));
    this.roles.set(symbol, { kind: 'allocate', site });
    return this.#terms.apply('select', [symbol, sizeBytes]);
  }

  free(address: Term): Step {
    const symbol = this.#symbol('freed', { kind: 'free' }, boolSort, 1);
    return { kind: 'assign', target: symbol, value: this.#terms.apply('store', [symbol, address, this.#terms.true]) };
  }

  fill(address: Term, value: 'zero' | 'anything'): Step {
    const symbol = this.#symbol(`filled with ${value}`, { kind: 'fill', with: value }, boolSort, 1);
    return { kind: 'assign', target: symbol, value: this.#terms.apply('store', [symbol, address, this.#terms.true]) };
  }

  copy(target: Term, source: Term, sizeBytes: number, type: CType | undefined): Step {
    const symbol = this.#terms.fresh(`copied ${sizeBytes}`, arraySort(intSort, intSort));
    this.roles.set(symbol, { kind: 'copy', sizeBytes, type });
    return { kind: 'assign', target: symbol, value: this.#terms.apply('store', [symbol, target, source]) };
  }

  copyObject(target: Term, source: Term): Step {
    const symbol = this.#terms.fresh('copied object', arraySort(intSort, intSort));
    this.roles.set(symbol, { kind: 'copy-object' });
    return { kind: 'assign', target: symbol, value: this.#terms.apply('store', [symbol, target, source]) };
  }

  freeable = (address: Term): Term => this.#query('freeable', boolSort, address);
  offsetOf = (address: Term): Term => this.#query('offset-of', intSort, address);
  sizeOf = (address: Term): Term => this.#query('size-of', intSort, address);
  objectOf = (address: Term): Term => this.#query('object-of', intSort, address);
  isDynamic = (address: Term): Term => this.#query('is-dynamic', boolSort, address);
  isLive = (address: Term): Term => this.#query('is-live', boolSort, address);
  nothingLeaks = (): Term => this.#query('nothing-leaks', boolSort, this.#terms.int(0));

  // What resolution reads

  /** The memory operation that a term is, if it is one: nested selects on a memory symbol. */
  matchSelect(
    term: Term,
  ): { readonly role: MemoryRole; readonly symbol: SymbolTerm; readonly indices: readonly Term[] } | undefined {
    const found: Term[] = [];
    let at: Term = term;
    while (at.kind === 'apply' && at.op === 'select') {
      found.unshift(at.args[1]!);
      at = at.args[0]!;
    }
    if (at.kind !== 'symbol' || term.sort.kind === 'array') return undefined;
    const role = this.roles.get(at);
    return role && found.length > 0 ? { role, symbol: at, indices: found } : undefined;
  }

  /** The memory operation that a step is, if it writes to a memory symbol. */
  matchStore(step: Step):
    | {
        readonly role: MemoryRole;
        readonly symbol: SymbolTerm;
        readonly indices: readonly Term[];
        readonly value: Term;
      }
    | undefined {
    if (step.kind !== 'assign') return undefined;
    const role = this.roles.get(step.target);
    if (!role) return undefined;
    const found: Term[] = [];
    let at: Term = step.value;
    while (at.kind === 'apply' && at.op === 'store' && at.args[0]!.sort.kind === 'array') {
      found.push(at.args[1]!);
      at = at.args[2]!;
      if (at.sort.kind !== 'array') break;
    }
    return { role, symbol: step.target, indices: found, value: at };
  }

  // Symbols

  #query(
    kind:
      | 'freeable'
      | 'from-number'
      | 'offset-of'
      | 'size-of'
      | 'object-of'
      | 'is-dynamic'
      | 'is-live'
      | 'nothing-leaks',
    sort: Sort,
    address: Term,
  ): Term {
    return this.#terms.apply('select', [this.#symbol(kind, { kind }, sort, 1), address]);
  }

  #cell(access: Access): SymbolTerm {
    const subscripts = access.subscripts.map(shapeOf);
    const certain = access.certain === true;
    const role: MemoryRole = { kind: 'cell', type: access.type, subscripts, certain };
    return this.#symbol(
      `${certain ? 'certain ' : ''}cell ${accessKey(access.type)}${shapesKey(subscripts)}`,
      role,
      accessSort(access.type),
      subscripts.length + 1,
    );
  }

  #symbol(name: string, role: MemoryRole, element: Sort, levels: number): SymbolTerm {
    const known = this.#symbols.get(name);
    if (known) return known;
    let sort = element;
    for (let i = 0; i < levels; i++) sort = arraySort(intSort, sort);
    const symbol = this.#terms.fresh(`memory: ${name}`, sort);
    this.#symbols.set(name, symbol);
    this.roles.set(symbol, role);
    return symbol;
  }

  #select(symbol: SymbolTerm, address: Address): Term {
    let term: Term = symbol;
    for (const index of indices(address)) term = this.#terms.apply('select', [term, index]);
    return term;
  }

  #stored(array: Term, [first, ...rest]: readonly Term[], value: Term): Term {
    const inner = rest.length === 0 ? value : this.#stored(this.#terms.apply('select', [array, first!]), rest, value);
    return this.#terms.apply('store', [array, first!, inner]);
  }
}

const indices = (address: Address): Term[] => [address.start, ...address.subscripts.map((s) => s.index)];
const shapeOf = ({ strideBytes, count }: Subscript): Shape => ({ strideBytes, count });
const shapesKey = (shapes: readonly Shape[]): string =>
  shapes.map((s) => `[${s.count ?? ''}:${s.strideBytes}]`).join('');

/** Bytes that an access touches (for a bit-field: of the bytes that hold its bits). */
export function accessSize(type: AccessType): number {
  if (type.kind !== 'integer') return type.sizeBytes;
  return type.bitField ? Math.ceil((type.bitField.offsetBits + type.bitField.widthBits) / 8) : type.type.size;
}

export function accessSort(type: AccessType): Sort {
  return type.kind === 'float' ? floatSort(type.format === 'binary32' ? 32 : 64) : intSort;
}

/** Equal for accesses that read the same bits in the same way. */
export function accessKey(type: AccessType): string {
  switch (type.kind) {
    case 'integer': {
      const { bits, signed, size, name } = type.type;
      const field = type.bitField ? `.${type.bitField.offsetBits}+${type.bitField.widthBits}` : '';
      return `${name === '_Bool' ? 'b' : signed ? 's' : 'u'}${bits}/${size}${field}`;
    }
    case 'pointer':
      return `p${type.sizeBytes}`;
    case 'float':
      return `f${type.format === 'binary32' ? 32 : 64}/${type.sizeBytes}`;
  }
}
