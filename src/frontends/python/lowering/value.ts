/**
 * The value of an expression, symbolically: its possible types, the term that says which of them it has (`tag`), and the term
 * of the number it stands for (`payload`, an Int or a Bool as `payloadKind` says). One table numbers the types of a program.
 */
import { unreachable } from '../../../base/unreachable.ts';
import type { TermFactory } from '../../../terms/factory.ts';
import type { Term } from '../../../terms/term.ts';
import { boolType, intType, numberType, payloadKind, type Type, type Types, typesOf } from './types.ts';

export interface Value {
  readonly types: Types;
  /** Present if and only if the types have a payload. */
  readonly payload?: Term;
  /** Present if and only if there are several types. */
  readonly tag?: Term;
}

/** No value: the code is not reached. */
export const nothing: Value = { types: [] };

/** Makes values and takes them apart. requires (everywhere): terms are of one factory. */
export class Values {
  readonly terms: TermFactory;
  readonly #numbers = new Map<Type, number>();

  constructor(terms: TermFactory) {
    this.terms = terms;
  }

  /** The tag of a type. */
  number(type: Type): number {
    let number = this.#numbers.get(type);
    if (number === undefined) {
      number = this.#numbers.size + 1;
      this.#numbers.set(type, number);
    }
    return number;
  }

  /** The types by their tags. */
  get typeOfTag(): ReadonlyMap<bigint, Type> {
    return new Map([...this.#numbers].map(([type, number]) => [BigInt(number), type]));
  }

  int(payload: Term): Value {
    return { types: typesOf(intType), payload };
  }

  bool(payload: Term): Value {
    return { types: typesOf(boolType), payload };
  }

  constant(value: bigint | boolean): Value {
    return typeof value === 'bigint' ? this.int(this.terms.int(value)) : this.bool(this.terms.bool(value));
  }

  object(type: Type): Value {
    return { types: typesOf(type) };
  }

  /** Is the value's type among these? A Term, or the truth value where the types alone decide. */
  hasType(value: Value, among: (type: Type) => boolean): Term | boolean {
    const yes = value.types.filter(among);
    if (yes.length === value.types.length) return true;
    if (yes.length === 0) return false;
    const t = this.terms;
    const no = value.types.filter((type) => !among(type));
    const are = (types: Types): Term => t.any(types.map((type) => t.equal(value.tag!, t.int(this.number(type)))));
    return yes.length <= no.length ? are(yes) : t.not(are(no));
  }

  /** The same value where its types are known to be these. requires: `types` is a non-empty part of the value's types. */
  narrow(value: Value, types: Types): Value {
    if (types.length === value.types.length) return value;
    const payload = this.#payloadAs(value, types);
    return {
      types,
      ...(payload ? { payload } : {}),
      ...(types.length > 1 ? { tag: value.tag! } : {}),
    };
  }

  /** The same value among more types. requires: the value's types are within `types`. */
  widen(value: Value, types: Types): Value {
    const payload = this.#payloadAs(value, types);
    const tag = this.#tagAmong(value, types);
    return { types, ...(payload ? { payload } : {}), ...(tag ? { tag } : {}) };
  }

  #payloadAs(value: Value, types: Types): Term | undefined {
    const to = payloadKind(types);
    const from = payloadKind(value.types);
    const t = this.terms;
    if (to === undefined) return undefined;
    switch (from) {
      case undefined:
        return to === 'int' ? t.int(0) : t.false;
      case to:
        return value.payload!;
      case 'bool':
        return this.boolAsInt(value.payload!);
      case 'int':
        return this.isNonZero(value.payload!);
      default:
        return unreachable(from);
    }
  }

  #tagAmong(value: Value, types: Types): Term | undefined {
    if (types.length <= 1) return undefined;
    const t = this.terms;
    const merged = types.includes(numberType) && !value.types.includes(numberType);
    const target = (type: Type): Type => (merged && (type === intType || type === boolType) ? numberType : type);
    if (value.types.length === 0) return t.int(0);
    if (value.types.length === 1) return t.int(this.number(target(value.types[0]!)));
    const moved = value.types.filter((type) => target(type) !== type);
    if (moved.length === 0) return value.tag!;
    const isMoved = t.any(moved.map((type) => t.equal(value.tag!, t.int(this.number(type)))));
    return t.ite(isMoved, t.int(this.number(numberType)), value.tag!);
  }

  /** `yes` where the condition holds, else `no`. */
  select(condition: Term, yes: Value, no: Value, types: Types): Value {
    if (yes.types.length === 0) return no;
    if (no.types.length === 0) return yes;
    const a = this.widen(yes, types);
    const b = this.widen(no, types);
    const merge = (x: Term, y: Term): Term => (x === y ? x : this.terms.ite(condition, x, y));
    return {
      types,
      ...(a.payload ? { payload: merge(a.payload, b.payload!) } : {}),
      ...(a.tag ? { tag: merge(a.tag, b.tag!) } : {}),
    };
  }

  /** The integer that a number or truth value counts as. requires: all types are numeric. */
  asInt(value: Value): Term {
    return payloadKind(value.types) === 'bool' ? this.boolAsInt(value.payload!) : value.payload!;
  }

  boolAsInt(term: Term): Term {
    const t = this.terms;
    if (term.kind === 'value') return t.int(term.value ? 1 : 0);
    return t.ite(term, t.int(1), t.int(0));
  }

  isNonZero(term: Term): Term {
    const t = this.terms;
    if (term.kind === 'value') return t.bool(term.value !== 0n);
    if (term.kind === 'apply' && term.op === 'ite' && term.args[1] === t.int(1) && term.args[2] === t.int(0)) {
      return term.args[0]!;
    }
    return t.not(t.equal(term, t.int(0)));
  }

  not(term: Term): Term {
    const t = this.terms;
    if (term.kind === 'value') return t.bool(term.value === false);
    return term.kind === 'apply' && term.op === 'not' ? term.args[0]! : t.not(term);
  }

  /** Constant parts decide or vanish; so that `and` of one condition is that condition. */
  all(parts: readonly Term[]): Term {
    const t = this.terms;
    if (parts.includes(t.false)) return t.false;
    return t.all(parts.filter((part) => part !== t.true));
  }

  any(parts: readonly Term[]): Term {
    const t = this.terms;
    if (parts.includes(t.true)) return t.true;
    return t.any(parts.filter((part) => part !== t.false));
  }

  /** A truth value that `hasType` gave, as a term. */
  term(truth: Term | boolean): Term {
    return typeof truth === 'boolean' ? this.terms.bool(truth) : truth;
  }
}
