import { fail } from '../diagnostics.ts';
import type { Designator, Initializer } from '../parser/ast.ts';
import type { Range } from '../preprocessor/source-file.ts';
import {
  type CType,
  compatible,
  type Field,
  findField,
  formatType,
  isCharacter,
  isScalar,
  unqualified,
} from '../types/ctype.ts';
import type { InitializerEntry, InitializerPlan, PathStep, Typed, Variable } from '../types/typed.ts';
import type { Context } from './context.ts';
import { assignable } from './conversion.ts';
import { elaborate, integerNode, rvalue } from './expressions.ts';
import { newVariable, requireConstant } from './type-names.ts';

/**
 * Initialisers [C11 6.7.9]. A brace list walks through the sub-objects of its type; a stack of frames says where it stands,
 * since braces may be left out and designators may jump.
 */

const longestRange = 100_000;

/** The plan for an object of `type`, and its type completed: `int a[] = {1, 2}` has two elements. */
export function initialize(e: Context, type: CType, initializer: Initializer): { plan: InitializerPlan; type: CType } {
  const { range } = initializer;
  if (initializer.kind === 'expression' && type.kind !== 'array') {
    const entry = whole(e, type, rvalue(e, elaborate(e, initializer.expression)), []);
    return { plan: { zero: false, entries: [entry], range }, type };
  }
  const entries: InitializerEntry[] = [];
  const length = fill(e, type, initializer, [], entries);
  const completed: CType =
    type.kind === 'array' && type.length === undefined && !type.variableLength ? { ...type, length } : type;
  return { plan: { zero: true, entries, range }, type: completed };
}

export function compoundLiteral(e: Context, type: CType, initializer: Initializer, range: Range): Typed {
  const made = initialize(e, type, initializer);
  return literalObject(e, made.type, made.plan, range);
}

/** An object without a name, local inside functions. */
export function literalObject(e: Context, type: CType, plan: InitializerPlan, range: Range): Typed {
  const storage = e.current ? 'local' : 'global';
  const variable: Variable = { ...newVariable(e, 'compound literal', type, storage, range), internal: true };
  if (!e.current) {
    variable.initializer = plan;
    e.globals.push(variable);
    return { kind: 'variable', variable, type, range };
  }
  return { kind: 'compound-literal', variable, initializer: plan, type, range };
}

function whole(e: Context, type: CType, value: Typed, path: readonly PathStep[]): InitializerEntry {
  return { path, type, value: assignable(e, value, type, 'initialising', value.range) };
}

const isAggregate = (type: CType): boolean => type.kind === 'array' || type.kind === 'record';

/** The number of elements for an array of unknown length; 0 otherwise. */
function fill(
  e: Context,
  type: CType,
  initializer: Initializer,
  path: readonly PathStep[],
  out: InitializerEntry[],
): number {
  return e.deeper(initializer.range, () => fillHere(e, type, initializer, path, out));
}

function fillHere(
  e: Context,
  type: CType,
  initializer: Initializer,
  path: readonly PathStep[],
  out: InitializerEntry[],
): number {
  if (initializer.kind === 'expression') {
    const typed = elaborate(e, initializer.expression);
    if (typed.kind === 'string' && fitsString(type, typed)) return fillString(e, type, typed, path, out);
    if (type.kind === 'array') {
      if (typed.kind === 'compound-literal' && compatible(type, typed.type)) {
        for (const entry of typed.initializer.entries) out.push({ ...entry, path: [...path, ...entry.path] });
        return typed.type.kind === 'array' ? (typed.type.length ?? 0) : 0;
      }
      fail(
        'C0370',
        `an array needs a list in braces${isCharacter(type.element) ? ' or a string' : ''}`,
        initializer.range,
      );
    }
    out.push(whole(e, type, rvalue(e, typed), path));
    return 0;
  }
  const { items } = initializer;
  const only = items.length === 1 && items[0]!.designators.length === 0 ? items[0]!.value : undefined;
  if (!isAggregate(type)) {
    if (items.length > 1) e.warn('C0371', 'too many values for one object', initializer.range);
    if (items[0]) fill(e, type, items[0].value, path, out);
    else out.push(whole(e, type, integerNode(0n, e.types.int, initializer.range), path));
    return 0;
  }
  if (only?.kind === 'expression' && only.expression.kind === 'string' && type.kind === 'array') {
    const typed = elaborate(e, only.expression);
    if (typed.kind === 'string' && fitsString(type, typed)) return fillString(e, type, typed, path, out);
  }
  return new ListFiller(e, type, path, out).run(initializer);
}

function fitsString(type: CType, literal: Typed): boolean {
  if (type.kind !== 'array' || literal.type.kind !== 'array') return false;
  const element = unqualified(type.element);
  const unit = unqualified(literal.type.element);
  return isCharacter(unit) ? isCharacter(element) : compatible(element, unit);
}

function fillString(
  e: Context,
  type: CType,
  literal: Extract<Typed, { kind: 'string' }>,
  path: readonly PathStep[],
  out: InitializerEntry[],
): number {
  const length = type.kind === 'array' ? type.length : undefined;
  if (length !== undefined && literal.units.length > length) {
    e.warn('C0372', `the string is longer than the array of ${length}`, literal.range);
  }
  out.push({
    path,
    type: type.kind === 'array' ? { ...type, length: length ?? literal.units.length + 1 } : type,
    value: literal,
  });
  return literal.units.length + 1;
}

interface Frame {
  readonly type: CType;
  readonly path: readonly PathStep[];
  /** The sub-object that the next value without a designator goes to. */
  index: number;
}

/** The fields that initialisers can reach: not the unnamed bit-fields. */
const fieldsOf = (type: CType): readonly Field[] =>
  type.kind === 'record'
    ? (type.info.layout?.fields ?? []).filter((f) => f.name !== undefined || f.type.kind === 'record')
    : [];

class ListFiller {
  readonly #e: Context;
  readonly #base: Frame;
  readonly #out: InitializerEntry[];
  #frames: Frame[];
  #length = 0;

  constructor(e: Context, type: CType, path: readonly PathStep[], out: InitializerEntry[]) {
    this.#e = e;
    this.#base = { type, path, index: 0 };
    this.#frames = [this.#base];
    this.#out = out;
    if (type.kind === 'record' && !type.info.layout) fail('C0330', `${formatType(type)} is incomplete`);
  }

  run(list: Extract<Initializer, { kind: 'list' }>): number {
    for (const { designators, value, range } of list.items) {
      if (designators.length > 0) {
        for (const place of this.#jump(designators)) this.#place(value, place);
        continue;
      }
      const place = this.#next(range);
      if (!place) {
        this.#e.warn('C0371', 'there are more values than places for them', range);
        break;
      }
      this.#place(value, place);
    }
    return this.#length;
  }

  #count(type: CType): number {
    if (type.kind === 'array') return type.length ?? Number.POSITIVE_INFINITY;
    const fields = fieldsOf(type);
    return type.kind === 'record' && type.info.which === 'union' ? Math.min(1, fields.length) : fields.length;
  }

  #sub(frame: Frame, index: number): { type: CType; path: readonly PathStep[] } {
    if (frame.type.kind === 'array') {
      if (frame === this.#base) this.#length = Math.max(this.#length, index + 1);
      return { type: frame.type.element, path: [...frame.path, { kind: 'element', index }] };
    }
    const field = fieldsOf(frame.type)[index]!;
    return { type: field.type, path: [...frame.path, { kind: 'field', field }] };
  }

  #next(range: Range): { type: CType; path: readonly PathStep[] } | undefined {
    for (;;) {
      const frame = this.#frames.at(-1)!;
      if (frame.index < this.#count(frame.type)) {
        if (frame.index > 10_000_000) fail('C0371', 'too many values', range);
        return this.#sub(frame, frame.index++);
      }
      if (this.#frames.length === 1) return undefined;
      this.#frames.pop();
    }
  }

  /** Goes where the designators point; several places for a range `[1 ... 5]`. */
  #jump(designators: readonly Designator[]): { type: CType; path: readonly PathStep[] }[] {
    this.#frames = [this.#base];
    let places: { type: CType; path: readonly PathStep[] }[] = [];
    for (const [i, designator] of designators.entries()) {
      if (i > 0) this.#frames.push({ ...places.at(-1)!, index: 0 });
      const frame = this.#frames.at(-1)!;
      if (designator.kind === 'field') {
        const path = frame.type.kind === 'record' ? findField(frame.type.info, designator.name) : undefined;
        if (!path) fail('C0341', `${formatType(frame.type)} has no member \`${designator.name}\``, designator.range);
        for (const [k, field] of path.entries()) {
          if (k > 0) this.#frames.push({ ...places.at(-1)!, index: 0 });
          const top = this.#frames.at(-1)!;
          const index = fieldsOf(top.type).indexOf(field);
          top.index = index + 1;
          places = [this.#sub(top, index)];
        }
      } else {
        if (frame.type.kind !== 'array') fail('C0332', 'only an array can be indexed', designator.range);
        const low = Number(requireConstant(this.#e, designator.index, 'an index'));
        const high = designator.last ? Number(requireConstant(this.#e, designator.last, 'an index')) : low;
        if (low < 0 || high < low || high >= this.#count(frame.type))
          fail('C0373', 'this index lies outside the array', designator.range);
        if (high - low > longestRange) fail('C0373', `a range of more than ${longestRange} elements`, designator.range);
        places = [];
        for (let index = low; index <= high; index++) places.push(this.#sub(frame, index));
        frame.index = high + 1;
      }
    }
    return places;
  }

  #place(value: Initializer, start: { type: CType; path: readonly PathStep[] }): void {
    let place = start;
    if (value.kind === 'list' || !isAggregate(place.type)) {
      fill(this.#e, place.type, value, place.path, this.#out);
      return;
    }
    const typed = elaborate(this.#e, value.expression);
    for (;;) {
      if (typed.kind === 'string' && fitsString(place.type, typed)) {
        fillString(this.#e, place.type, typed, place.path, this.#out);
        return;
      }
      const same = place.type.kind === 'record' && compatible(unqualified(place.type), unqualified(typed.type));
      if (same || !isAggregate(place.type)) {
        this.#out.push(whole(this.#e, place.type, rvalue(this.#e, typed), place.path));
        return;
      }
      // Braces left out: the value is for the first scalar inside.
      this.#frames.push({ ...place, index: 0 });
      const inner = this.#next(value.range);
      if (!inner) fail('C0370', `${formatType(place.type)} cannot be initialised with this`, value.range);
      place = inner;
    }
  }
}

/** Initialisers of static objects must be constant: numbers, addresses, strings. */
export function requireConstantPlan(plan: InitializerPlan): void {
  for (const { value } of plan.entries) {
    if (!isConstantValue(value, 0)) {
      fail('C0374', 'the initialiser of a static object must be constant', value.range);
    }
  }
}

function isConstantValue(whole: Typed, depth: number): boolean {
  if (depth > 1000) return false;
  let t = whole;
  // The left spine of a long sum is walked in a loop.
  while (t.kind === 'arithmetic') {
    if (!isConstantValue(t.right, depth + 1)) return false;
    t = t.left;
  }
  switch (t.kind) {
    case 'integer':
    case 'floating':
    case 'string':
    case 'label-address':
      return true;
    case 'builtin':
      return t.name === 'inf' || t.name === 'nan';
    case 'address':
      return isStaticPlace(t.lvalue, depth + 1);
    case 'convert':
    case 'negate':
    case 'complement':
    case 'not':
    case 'real':
    case 'imaginary':
      return isConstantValue(t.operand, depth + 1);
    case 'compare':
    case 'logical':
    case 'pointer-difference':
      return isConstantValue(t.left, depth + 1) && isConstantValue(t.right, depth + 1);
    case 'pointer-add':
      return isConstantValue(t.pointer, depth + 1) && isConstantValue(t.index, depth + 1);
    case 'conditional':
      return (
        isConstantValue(t.condition, depth + 1) &&
        (!t.consequent || isConstantValue(t.consequent, depth + 1)) &&
        isConstantValue(t.otherwise, depth + 1)
      );
    case 'compound-literal':
      return t.initializer.entries.every((entry) => isConstantValue(entry.value, depth + 1));
    case 'load':
      // GNU: a compound literal, or a const object with a constant value, may initialise a static object.
      return t.lvalue.kind === 'compound-literal'
        ? isConstantValue(t.lvalue, depth + 1)
        : t.lvalue.kind === 'variable' &&
            (!!t.lvalue.variable.type.const || !!t.lvalue.variable.internal) &&
            t.lvalue.variable.initializer !== undefined &&
            isScalar(t.type);
    default:
      return false;
  }
}

function isStaticPlace(t: Typed, depth: number): boolean {
  switch (t.kind) {
    case 'variable':
      return t.variable.storage === 'global' || t.variable.storage === 'static';
    case 'function':
    case 'string':
      return true;
    case 'member':
      return isStaticPlace(t.object, depth + 1);
    case 'dereference':
      return isConstantValue(t.pointer, depth + 1);
    case 'compound-literal':
      return t.variable.storage === 'global';
    default:
      return false;
  }
}
