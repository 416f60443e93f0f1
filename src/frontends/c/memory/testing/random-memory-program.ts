import fc from 'fast-check';
import { type ProcedureBuilder, ProgramBuilder } from '../../../../program/builder.ts';
import type { LocationId, Program, Step } from '../../../../program/program.ts';
import { TermFactory } from '../../../../terms/factory.ts';
import { boolSort, intSort } from '../../../../terms/sort.ts';
import type { SymbolTerm, Term } from '../../../../terms/term.ts';
import { SourceFile } from '../../preprocessor/source-file.ts';
import type { IntegerType } from '../../types/ctype.ts';
import { type Access, type AccessType, accessSize, Memory } from '../operations.ts';

/** Random memory programs: every access is checked first, so that both sides stop at the first invalid one. */

const integer = (name: string, size: number, signed: boolean, bits = 8 * size): IntegerType => ({
  kind: 'integer',
  name,
  signed,
  bits,
  size,
  rank: size,
});
const int = integer('int', 4, true);
export const accessTypes: readonly AccessType[] = [
  { kind: 'integer', type: int },
  { kind: 'integer', type: integer('unsigned int', 4, false) },
  { kind: 'integer', type: integer('unsigned char', 1, false) },
  { kind: 'integer', type: integer('signed char', 1, true) },
  { kind: 'integer', type: integer('short', 2, true) },
  { kind: 'integer', type: integer('long', 8, true) },
  { kind: 'integer', type: int, bitField: { offsetBits: 0, widthBits: 3 } },
  { kind: 'integer', type: integer('unsigned int', 4, false), bitField: { offsetBits: 3, widthBits: 7 } },
  { kind: 'integer', type: int, bitField: { offsetBits: 10, widthBits: 20 } },
  { kind: 'float', format: 'binary32', sizeBytes: 4 },
  { kind: 'float', format: 'binary64', sizeBytes: 8 },
  { kind: 'integer', type: integer('_Bool', 1, false, 1) },
];

/** Where an access goes: through a pointer variable or from an object, a constant, and perhaps a subscript. */
export interface Where {
  readonly from: number;
  readonly constant: number;
  readonly subscript: 'none' | 'counted' | 'open';
  readonly stride: number;
  readonly count: number;
}

export type Statement =
  | { readonly kind: 'point'; readonly pointer: number; readonly where: Where }
  | {
      readonly kind: 'allocate';
      readonly pointer: number;
      readonly size: number;
      readonly zeroed: boolean;
      readonly variable: boolean;
    }
  | { readonly kind: 'store'; readonly where: Where; readonly type: number; readonly value: number }
  | { readonly kind: 'load'; readonly where: Where; readonly type: number }
  | { readonly kind: 'store-pointer'; readonly where: Where; readonly pointer: number }
  | { readonly kind: 'load-pointer'; readonly where: Where; readonly pointer: number }
  | { readonly kind: 'free'; readonly pointer: number }
  | { readonly kind: 'zero'; readonly object: number }
  | { readonly kind: 'reallocate'; readonly pointer: number; readonly size: number; readonly variable: boolean }
  | { readonly kind: 'copy'; readonly to: Where; readonly from: Where; readonly size: number }
  | { readonly kind: 'compare'; readonly a: number; readonly b: number }
  | { readonly kind: 'query'; readonly pointer: number }
  | { readonly kind: 'scope'; readonly object: number; readonly alive: boolean }
  | { readonly kind: 'if'; readonly body: readonly Statement[] }
  | { readonly kind: 'loop'; readonly turns: number; readonly body: readonly Statement[] };

export interface Shape {
  readonly sizes: readonly number[];
  readonly statements: readonly Statement[];
  readonly leaks: boolean;
  /** Invalid accesses are stepped over instead of ending the run. */
  readonly lenient: boolean;
  readonly pointerBytes: 4 | 8;
  /** Which access types occur: few of them give typed objects, many give bytes. */
  readonly types: readonly number[];
}

const pointers = 3;

const whereArb: fc.Arbitrary<Where> = fc.record({
  from: fc.nat(5),
  constant: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(0, 4, 8) }, fc.integer({ min: -4, max: 12 })),
  subscript: fc.constantFrom('none' as const, 'none' as const, 'counted' as const, 'open' as const),
  stride: fc.constantFrom(4, 4, 8, 1, 12),
  count: fc.integer({ min: 1, max: 4 }),
});

const { statement } = fc.letrec<{ statement: Statement }>((tie) => ({
  statement: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('point' as const), pointer: fc.nat(2), where: whereArb }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('allocate' as const),
        pointer: fc.nat(2),
        size: fc.constantFrom(0, 4, 8, 16, 24),
        zeroed: fc.boolean(),
        variable: fc.boolean(),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('store' as const),
        where: whereArb,
        type: fc.nat(2),
        value: fc.integer({ min: -3, max: 300 }),
      }),
    },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('load' as const), where: whereArb, type: fc.nat(2) }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('store-pointer' as const), where: whereArb, pointer: fc.nat(2) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('load-pointer' as const), where: whereArb, pointer: fc.nat(2) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('free' as const), pointer: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('zero' as const), object: fc.nat(2) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('reallocate' as const),
        pointer: fc.nat(2),
        size: fc.constantFrom(4, 12, 20),
        variable: fc.boolean(),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('copy' as const),
        to: whereArb,
        from: whereArb,
        size: fc.constantFrom(4, 8, 12, 16),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('compare' as const), a: fc.nat(2), b: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('query' as const), pointer: fc.nat(2) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('scope' as const), object: fc.nat(2), alive: fc.boolean() }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('if' as const), body: fc.array(tie('statement'), { maxLength: 4 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('loop' as const),
        turns: fc.integer({ min: 1, max: 3 }),
        body: fc.array(tie('statement'), { minLength: 1, maxLength: 5 }),
      }),
    },
  ),
}));

export const shapeArb: fc.Arbitrary<Shape> = fc.record({
  sizes: fc.array(fc.constantFrom(4, 8, 12, 16, 24, 3), { minLength: 3, maxLength: 3 }),
  statements: fc.array(statement, { minLength: 1, maxLength: 14 }),
  leaks: fc.boolean(),
  lenient: fc.boolean(),
  pointerBytes: fc.constantFrom(4 as const, 8 as const),
  types: fc.oneof(
    fc.nat(accessTypes.length - 1).map((x) => [x, x, x]),
    fc.array(fc.nat(accessTypes.length - 1), { minLength: 3, maxLength: 3 }),
  ),
});

const file = new SourceFile({ path: 'random.c', text: 'new object' });
const range = { file, start: 0, end: 10 };

export function build(shape: Shape): { program: Program; memory: Memory } {
  return new RandomProgram(shape).build();
}

class RandomProgram {
  readonly #shape: Shape;
  readonly #pointer: AccessType;
  readonly #t = new TermFactory();
  readonly #builder = new ProgramBuilder(this.#t);
  readonly #memory = new Memory(this.#t);
  readonly #main: ProcedureBuilder = this.#builder.procedure('main');
  readonly #pointers: SymbolTerm[] = [];
  readonly #bases: SymbolTerm[] = [];
  readonly #alive: SymbolTerm[] = [];
  readonly #x: SymbolTerm;
  readonly #i: SymbolTerm;
  #at: LocationId;
  #steps: Step[] = [];
  #checks = 0;
  #counters = 0;
  #loops = 0;

  constructor(shape: Shape) {
    this.#shape = shape;
    this.#pointer = { kind: 'pointer', sizeBytes: shape.pointerBytes };
    this.#at = this.#main.entry;
    for (let k = 0; k < pointers; k++) {
      const p = this.#main.declare({ name: `p${k}`, role: 'local' }, intSort);
      this.#pointers.push(p);
      this.#memory.mayHoldAddress.add(p);
    }
    shape.sizes.forEach((sizeBytes, k) => {
      const automatic = k > 0;
      const role = automatic ? ('local' as const) : ('global' as const);
      const declare = automatic ? this.#main : this.#builder;
      const base = declare.declare({ name: `object ${k}`, role }, intSort);
      const alive = this.#main.declare({ name: `alive ${k}`, role: 'local' }, boolSort);
      this.#bases.push(base);
      this.#alive.push(alive);
      this.#memory.objects.set(base, {
        base,
        kind: automatic ? 'automatic' : 'static',
        name: `object${k}`,
        type: { kind: 'array', element: int, length: sizeBytes / 4 },
        sizeBytes,
        alignBytes: 8,
        readOnly: false,
        ...(automatic ? { alive } : {}),
        range,
      });
    });
    const limits = { range: { low: -(1n << 31n), high: (1n << 31n) - 1n } };
    this.#x = this.#main.declare({ name: 'x', role: 'local', ...limits }, intSort);
    this.#i = this.#main.declare({ name: 'i', role: 'local', ...limits }, intSort);
  }

  build(): { program: Program; memory: Memory } {
    const t = this.#t;
    this.#assign(this.#x, t.int(0));
    this.#assign(this.#i, t.int(0));
    for (const p of this.#pointers) this.#assign(p, t.int(0));
    this.#bases.forEach((base, k) => {
      if (k > 0) this.#assign(this.#alive[k]!, t.true);
      this.#steps.push(this.#memory.fill(base, k > 1 ? 'anything' : 'zero'));
    });
    for (const s of this.#shape.statements) this.#begin(s);
    if (this.#shape.leaks) this.#check('leak', this.#memory.nothingLeaks(), 'nothing leaks');
    this.#main.edge(this.#at, this.#main.exit, this.#steps);
    this.#main.finish();
    return { program: this.#builder.build('main'), memory: this.#memory };
  }

  #assign(target: SymbolTerm, value: Term): void {
    this.#steps.push({ kind: 'assign', target, value });
  }

  #location(): LocationId {
    const next = this.#main.location();
    this.#main.edge(this.#at, next, this.#steps);
    this.#steps = [];
    this.#at = next;
    return next;
  }

  #after: LocationId | undefined;

  #begin(s: Statement): void {
    const outer = this.#after;
    this.#after = this.#main.location();
    this.#statement(s);
    this.#main.edge(this.#at, this.#after, this.#steps);
    this.#steps = [];
    this.#at = this.#after;
    this.#after = outer;
  }

  #check(kind: 'pointer' | 'free' | 'leak', property: Term, text: string): void {
    if (this.#shape.lenient && this.#after !== undefined) {
      const from = this.#location();
      this.#main.edge(from, this.#after, [{ kind: 'assume', condition: this.#t.not(property) }]);
      this.#at = this.#main.location();
      this.#main.edge(from, this.#at, [{ kind: 'assume', condition: property }]);
      return;
    }
    this.#builder.check({ kind, at: this.#location(), property, text: `${this.#checks++} ${text}`, failure: text });
  }

  #where(where: Where): { start: Term; subscripts: Access['subscripts'] } {
    const t = this.#t;
    const base = where.from < pointers ? this.#pointers[where.from]! : this.#bases[where.from - pointers]!;
    const start = where.constant === 0 ? base : t.add(base, t.int(where.constant));
    if (where.subscript === 'none') return { start, subscripts: [] };
    const count = where.subscript === 'counted' ? where.count : undefined;
    return { start, subscripts: [{ index: this.#i, strideBytes: where.stride, count }] };
  }

  #address(where: Where): Term {
    const t = this.#t;
    const { start, subscripts } = this.#where(where);
    return subscripts.reduce<Term>((sum, s) => t.add(sum, t.multiply(s.index, t.int(s.strideBytes))), start);
  }

  #type(n: number): AccessType {
    return accessTypes[this.#shape.types[n]!]!;
  }

  #value(type: AccessType, n: number): Term {
    const t = this.#t;
    const mixed = t.add(this.#i, t.int(n));
    if (type.kind === 'float') return t.apply('fp.of.int', [mixed], type.format === 'binary32' ? 32 : 64);
    if (type.kind === 'pointer') return mixed;
    if (type.type.name === '_Bool') return t.ite(t.equal(mixed, t.int(0)), t.int(0), t.int(1));
    const width = type.bitField?.widthBits ?? type.type.bits;
    return type.type.signed ? t.wrapSigned(mixed, width) : t.wrapUnsigned(mixed, width);
  }

  #print(value: Term): void {
    const at = this.#location();
    this.#builder.event({ at, kind: 'print', text: '%d', args: [value] });
    this.#location();
  }

  #statement(s: Statement): void {
    const t = this.#t;
    const memory = this.#memory;
    switch (s.kind) {
      case 'point':
        this.#assign(this.#pointers[s.pointer]!, this.#address(s.where));
        return;
      case 'allocate': {
        const site = { how: 'malloc' as const, mayFail: false, zeroed: s.zeroed, alignBytes: 16, element: int, range };
        const size = s.variable ? t.add(t.int(s.size), t.multiply(this.#i, t.int(4))) : t.int(s.size);
        this.#assign(this.#pointers[s.pointer]!, memory.allocate(site, size));
        return;
      }
      case 'store': {
        const type = this.#type(s.type);
        const access = { ...this.#where(s.where), type };
        this.#check('pointer', memory.valid(access, true), 'store');
        this.#steps.push(memory.store(access, this.#value(type, s.value)));
        return;
      }
      case 'load': {
        const type = this.#type(s.type);
        const access = { ...this.#where(s.where), type };
        this.#check('pointer', memory.valid(access, false), 'load');
        const loaded = memory.load(access);
        const value = type.kind === 'float' ? t.apply('fp.bits', [loaded]) : loaded;
        this.#assign(this.#x, t.wrapSigned(value, 32));
        this.#print(this.#x);
        return;
      }
      case 'store-pointer': {
        const access = { ...this.#where(s.where), type: this.#pointer };
        this.#check('pointer', memory.valid(access, true), 'store pointer');
        this.#steps.push(memory.store(access, this.#pointers[s.pointer]!));
        return;
      }
      case 'load-pointer': {
        const access = { ...this.#where(s.where), type: this.#pointer };
        this.#check('pointer', memory.valid(access, false), 'load pointer');
        this.#assign(this.#pointers[s.pointer]!, memory.load(access));
        return;
      }
      case 'free': {
        const p = this.#pointers[s.pointer]!;
        this.#check('free', memory.freeable(p), 'free');
        this.#steps.push(memory.free(p));
        return;
      }
      case 'reallocate': {
        const p = this.#pointers[s.pointer]!;
        this.#check('free', t.and(memory.freeable(p), t.not(t.equal(p, t.int(0)))), 'reallocate');
        const q = this.#main.declare({ name: 'moved', role: 'temporary' }, intSort);
        const site = { how: 'realloc' as const, mayFail: false, zeroed: false, alignBytes: 16, element: int, range };
        const size = s.variable ? t.add(t.int(s.size), t.multiply(this.#i, t.int(4))) : t.int(s.size);
        this.#assign(q, memory.allocate(site, size));
        this.#steps.push(memory.copyObject(q, p), memory.free(p));
        this.#assign(p, q);
        return;
      }
      case 'zero':
        this.#steps.push(memory.fill(this.#bases[s.object]!, 'zero'));
        return;
      case 'copy': {
        const [to, from] = [this.#address(s.to), this.#address(s.from)];
        this.#check('pointer', memory.validRange(to, t.int(s.size), true), 'copy to');
        this.#check('pointer', memory.validRange(from, t.int(s.size), false), 'copy from');
        const apart = t.any([
          t.not(memory.sameObject(to, from)),
          t.lessEqual(t.int(s.size), t.apply('abs', [t.subtract(to, from)])),
        ]);
        this.#steps.push({ kind: 'assume', condition: apart });
        this.#location();
        this.#steps.push(memory.copy(to, from, s.size, undefined));
        return;
      }
      case 'compare': {
        const [a, b] = [this.#pointers[s.a]!, this.#pointers[s.b]!];
        const same = memory.sameObject(a, b);
        this.#print(t.ite(t.equal(a, b), t.int(1), t.int(0)));
        this.#print(t.ite(same, t.subtract(a, b), t.int(-1)));
        return;
      }
      case 'query': {
        const p = this.#pointers[s.pointer]!;
        const valid = memory.validRange(p, t.int(0), false);
        this.#check('pointer', valid, 'query');
        this.#print(memory.offsetOf(p));
        this.#print(memory.sizeOf(p));
        this.#print(t.ite(memory.isDynamic(p), t.int(1), t.int(0)));
        return;
      }
      case 'scope':
        // A scope that is entered again is in a loop.
        if (s.object === 0 || (s.alive && this.#loops === 0)) return;
        this.#assign(this.#alive[s.object]!, t.bool(s.alive));
        if (s.alive) this.#steps.push(memory.fill(this.#bases[s.object]!, 'anything'));
        return;
      case 'if': {
        const from = this.#location();
        const inside = this.#main.location();
        const after = this.#main.location();
        const condition = t.equal(t.apply('mod', [this.#i, t.int(2)]), t.int(0));
        this.#main.edge(from, inside, [{ kind: 'assume', condition }]);
        this.#main.edge(from, after, [{ kind: 'assume', condition: t.not(condition) }]);
        this.#at = inside;
        for (const inner of s.body) this.#begin(inner);
        this.#main.edge(this.#at, after, this.#steps);
        this.#steps = [];
        this.#at = after;
        return;
      }
      case 'loop': {
        this.#loops++;
        const count = this.#main.declare({ name: `turn${this.#counters++}`, role: 'local' }, intSort);
        this.#assign(count, t.int(0));
        const head = this.#location();
        const inside = this.#main.location();
        const after = this.#main.location();
        const condition = t.less(count, t.int(s.turns));
        this.#main.edge(head, inside, [{ kind: 'assume', condition }]);
        this.#main.edge(head, after, [{ kind: 'assume', condition: t.not(condition) }]);
        this.#at = inside;
        for (const inner of s.body) this.#begin(inner);
        this.#assign(count, t.add(count, t.int(1)));
        this.#assign(this.#i, t.ite(t.less(this.#i, t.int(5)), t.add(this.#i, t.int(1)), t.int(0)));
        this.#main.edge(this.#at, head, this.#steps);
        this.#steps = [];
        this.#at = after;
        this.#loops--;
        return;
      }
    }
  }
}

export const sizeOfAccess = accessSize;
