import { unreachable } from '../../base/unreachable.ts';
import { evaluate } from '../../terms/evaluate.ts';
import type { Interval } from '../../terms/interval.ts';
import * as I from '../../terms/interval.ts';
import { operators } from '../../terms/operator.ts';
import type { ApplyTerm, Term } from '../../terms/term.ts';
import { children } from '../../terms/term.ts';
import { freeSymbols, subterms } from '../../terms/traversal.ts';
import { isFloatValue, type Value } from '../../terms/value.ts';
import { floatCode, floatLiteral } from './float-code.ts';
import { isExact, isInt32, isUint32, plainRepresentation, type Representation } from './layout.ts';
import { type Constants, convert, type Names, type Piece, type TermFacts } from './term-facts.ts';

/**
 * Terms as JavaScript expressions. Integer terms that intervals show to fit in 53 bits are computed with numbers; a wrap to
 * at most 32 bits needs only the low 32 bits of its argument, so that C's `x * y` is one `Math.imul`. The rest is bigint
 * arithmetic, or, in speculative code, number arithmetic with a check on every result (`TooLarge` changes over).
 *
 * Shared subterms are computed once, ahead of the expression, unless they could exceed the limit on integers (then
 * laziness can be seen, and they are repeated). What is too deep or too long, or of a sort that we do not compile, goes to
 * `evaluate`.
 *
 * Long because it is one choice, operator by operator: number, bigint, or a call of `evaluate`.
 */
const deepest = 250;
const longest = 20_000;

/** Writes the terms of one straight piece of code; `statements` must stand before the pieces that it returned. */
export class TermWriter {
  readonly statements: string[] = [];
  readonly #facts: TermFacts;
  readonly #constants: Constants;
  readonly #speculative: boolean;
  readonly #nextTemporary: () => string;

  constructor(facts: TermFacts, constants: Constants, speculative: boolean, nextTemporary: () => string) {
    this.#facts = facts;
    this.#constants = constants;
    this.#speculative = speculative;
    this.#nextTemporary = nextTemporary;
  }

  /** A term over variables as `names` has them now. */
  write(root: Term, names: Names): Piece {
    if (root.depth > deepest || !compilable(root)) return this.#slow(root, names);
    const before = this.statements.length;
    const piece = new RootWriter(root, names, this.#facts, this.#constants, this.#speculative, (js) => {
      const name = this.#nextTemporary();
      this.statements.push(`const ${name} = ${js};`);
      return name;
    }).full(root);
    if (piece.js.length <= longest) return piece;
    this.statements.length = before;
    return this.#slow(root, names);
  }

  as(piece: Piece, representation: Representation): string {
    return convert(piece, representation, this.#speculative);
  }

  #slow(root: Term, names: Names): Piece {
    const symbols = freeSymbols([root]);
    const position = new Map(symbols.map((s, i) => [s, i]));
    const call = this.#constants.add((values: readonly Value[]) =>
      evaluate(root, (s) => {
        const i = position.get(s);
        return i === undefined ? undefined : values[i];
      }),
    );
    const args = symbols.map((s) => {
      const piece = names(s);
      return asValue(piece);
    });
    const js = `${call}([${args.join(', ')}])`;
    const representation = plainRepresentation(root.sort);
    return root.sort.kind === 'float'
      ? { js: convert({ js, representation: 'value' }, representation, false), representation }
      : { js, representation };
  }
}

const compilable = (root: Term): boolean => subterms([root]).every((t) => t.kind !== 'forall' && t.kind !== 'exists');

/** A piece as a terms Value. */
export function asValue(piece: Piece): string {
  switch (piece.representation) {
    case 'number':
      return convert(piece, 'bigint', false);
    case 'float32':
    case 'float64':
      return convert(piece, 'value', false);
    default:
      return piece.js;
  }
}

/** Operators on rationals are called as the table has them. */
const isTabled = (term: ApplyTerm): boolean => term.sort.kind === 'real' || term.args[0]!.sort.kind === 'real';

class RootWriter {
  readonly #names: Names;
  readonly #facts: TermFacts;
  readonly #constants: Constants;
  readonly #speculative: boolean;
  readonly #temporary: (js: string) => string;
  readonly #uses = new Map<Term, number>();
  readonly #full = new Map<Term, Piece>();
  readonly #low = new Map<Term, string>();

  constructor(
    root: Term,
    names: Names,
    facts: TermFacts,
    constants: Constants,
    speculative: boolean,
    temporary: (js: string) => string,
  ) {
    this.#names = names;
    this.#facts = facts;
    this.#constants = constants;
    this.#speculative = speculative;
    this.#temporary = temporary;
    for (const t of subterms([root])) for (const c of children(t)) this.#uses.set(c, (this.#uses.get(c) ?? 0) + 1);
  }

  /** The value of a term. */
  full(term: Term): Piece {
    if (term.kind === 'value') return this.#constant(term.value, term);
    if (term.kind === 'symbol') return this.#names(term);
    if (term.kind !== 'apply') throw new Error('quantifiers are evaluated, not compiled');
    const known = this.#full.get(term);
    if (known) return known;
    let piece = this.#apply(term);
    if (this.#shared(term) || (piece.js.length > 1000 && this.#movable(term))) {
      piece = { ...piece, js: this.#temporary(piece.js) };
    }
    this.#full.set(term, piece);
    return piece;
  }

  #movable(term: Term): boolean {
    return this.#speculative || !this.#facts.mayThrow(term);
  }

  #shared(term: Term): boolean {
    return (this.#uses.get(term) ?? 0) > 1 && this.#movable(term);
  }

  #constant(value: Value, term: Term): Piece {
    if (typeof value === 'boolean') return { js: String(value), representation: 'boolean' };
    if (isFloatValue(value)) return floatLiteral(value);
    if (typeof value !== 'bigint') return { js: this.#constants.add(value), representation: 'value' };
    if (isExact(this.#facts.interval(term))) {
      return { js: value < 0n ? `(${value})` : String(value), representation: 'number' };
    }
    const js = value > 2n ** 256n || value < -(2n ** 256n) ? this.#constants.add(value) : `(${value}n)`;
    return { js, representation: 'bigint' };
  }

  #apply(term: ApplyTerm): Piece {
    const { op, args } = term;
    const bool = (js: string): Piece => ({ js, representation: 'boolean' });
    const truth = (t: Term): string => this.full(t).js;
    if (op.startsWith('fp.')) return this.#float(term);
    if (op !== 'ite' && op !== '=' && op !== 'select' && isTabled(term)) {
      const js = `${this.#constants.add(operators[op].evaluate)}([${args.map((a) => this.#value(a)).join(', ')}], ${term.index})`;
      return this.#taken(term, js);
    }
    switch (op) {
      case 'not':
        return bool(`!${truth(args[0]!)}`);
      case 'and':
        return bool(`(${args.map(truth).join(' && ')})`);
      case 'or':
        return bool(`(${args.map(truth).join(' || ')})`);
      case 'implies':
        return bool(`(!${truth(args[0]!)} || ${truth(args[1]!)})`);
      case 'xor':
        return bool(`(${truth(args[0]!)} !== ${truth(args[1]!)})`);
      case '=':
        return bool(this.#equal(args[0]!, args[1]!));
      case '<=':
      case '<':
      case '>=':
      case '>':
        return bool(this.#compare(op, args[0]!, args[1]!));
      case 'ite': {
        const condition = truth(args[0]!);
        const [a, b] = this.#alike(this.full(args[1]!), this.full(args[2]!));
        return { js: `(${condition} ? ${a.js} : ${b.js})`, representation: a.representation };
      }
      case 'select': {
        return this.#taken(term, `select(${truth(args[0]!)}, ${this.#value(args[1]!)})`);
      }
      case 'store':
        return {
          js: `store(${truth(args[0]!)}, ${this.#value(args[1]!)}, ${this.#value(args[2]!)})`,
          representation: 'value',
        };
      case 'wrap.unsigned':
      case 'wrap.signed':
        return this.#wrap(term);
      default:
        return this.#arithmetic(term);
    }
  }

  /** A piece from code that gives a terms Value. */
  #taken(term: Term, js: string): Piece {
    if (term.sort.kind === 'int' && this.#speculative) return { js: `narrow(${js})`, representation: 'number' };
    const representation = plainRepresentation(term.sort);
    if (term.sort.kind === 'float') {
      return { js: convert({ js, representation: 'value' }, representation, false), representation };
    }
    return { js, representation };
  }

  #float(term: ApplyTerm): Piece {
    const pieces = term.args.map((a) => this.full(a));
    const made = floatCode(term, pieces);
    if (made) return made;
    const a = pieces[0]!;
    const { index } = term;
    switch (term.op) {
      case 'fp.to.int': {
        if (index <= 53) {
          const limit = 2 ** (index - 1);
          return { js: `wholePart(${a.js}, ${-limit}, ${limit - 1})`, representation: 'number' };
        }
        if (this.#speculative) return { js: `narrowWholePart(${a.js}, ${index})`, representation: 'number' };
        return { js: `floatToInteger(${a.js}, ${index})`, representation: 'bigint' };
      }
      case 'fp.bits':
        if (a.representation === 'float32') return { js: `float32Bits(${a.js})`, representation: 'number' };
        return this.#taken(term, `float64Bits(${a.js})`);
      case 'fp.of.bits':
        return {
          js: `floatOfBits(${convert(a, 'bigint', false)}, ${index})`,
          representation: index === 32 ? 'float32' : 'float64',
        };
      default:
        throw new Error(`no code for ${term.op}`);
    }
  }

  /** As a terms Value, for arrays. */
  #value(term: Term): string {
    return asValue(this.full(term));
  }

  #alike(a: Piece, b: Piece): [Piece, Piece] {
    if (a.representation === b.representation) return [a, b];
    const to = this.#speculative ? 'number' : 'bigint';
    const as = (p: Piece): Piece => ({ js: convert(p, to, this.#speculative), representation: to });
    return [as(a), as(b)];
  }

  /** Both sides as numbers or both as bigints, for a comparison: no side is narrowed. */
  #comparable(a: Piece, b: Piece): [string, string] {
    if (a.representation === b.representation) return [a.js, b.js];
    return [convert(a, 'bigint', false), convert(b, 'bigint', false)];
  }

  #equal(left: Term, right: Term): string {
    const a = this.full(left);
    const b = this.full(right);
    if (left.sort.kind === 'float') return `Object.is(${a.js}, ${b.js})`;
    if (left.sort.kind !== 'int' && left.sort.kind !== 'bool') return `sameValue(${a.js}, ${b.js})`;
    const [x, y] = this.#comparable(a, b);
    return `(${x} === ${y})`;
  }

  #compare(op: '<' | '<=' | '>' | '>=', left: Term, right: Term): string {
    const a = this.full(left);
    const b = this.full(right);
    const [x, y] = this.#comparable(a, b);
    return `(${x} ${op} ${y})`;
  }

  #wrap(term: ApplyTerm): Piece {
    const width = term.index;
    const signed = term.op === 'wrap.signed';
    const arg = term.args[0]!;
    const range = signed ? I.signedRange(width) : I.unsignedRange(width);
    if (I.within(this.#facts.interval(arg), range)) return this.full(arg);
    const number = (js: string): Piece => ({ js, representation: 'number' });
    if (width <= 32) {
      const low = this.#low32(arg);
      if (width === 32) return number(signed ? `(${low} | 0)` : `(${low} >>> 0)`);
      if (signed) return number(`(${low} << ${32 - width} >> ${32 - width})`);
      return number(width === 31 ? `(${low} & 0x7fffffff)` : `(${low} & ${2 ** width - 1})`);
    }
    const piece = this.full(arg);
    if (piece.representation === 'number') {
      if (width <= 53) return number(`wrapped${signed ? 'Signed' : 'Unsigned'}(${piece.js}, ${width})`);
      if (signed) return piece;
      if (this.#speculative) return number(`nonNegative(${piece.js})`);
    }
    const big = `BigInt.as${signed ? 'Int' : 'Uint'}N(${width}, ${convert(piece, 'bigint', false)})`;
    return width <= 53 ? number(`Number(${big})`) : { js: big, representation: 'bigint' };
  }

  /** An int32 or uint32 number that is congruent to the term modulo 2^32. */
  #low32(term: Term): string {
    const known = this.#low.get(term);
    if (known !== undefined) return known;
    let js = this.#makeLow32(term);
    if (term.kind === 'apply' && !this.#full.has(term) && (this.#shared(term) || js.length > 1000)) {
      if (this.#movable(term)) js = this.#temporary(js);
    }
    this.#low.set(term, js);
    return js;
  }

  #makeLow32(term: Term): string {
    const interval = this.#facts.interval(term);
    if (term.kind === 'value' && typeof term.value === 'bigint') {
      const value = BigInt.asIntN(32, term.value);
      return value < 0n ? `(${value})` : String(value);
    }
    // Reading only the low bits would skip a limit that evaluation runs into.
    if (term.kind === 'apply' && !this.#facts.mayThrow(term) && !isInt32(interval) && !isUint32(interval)) {
      const { op, args } = term;
      const low = (t: Term): string => this.#low32(t);
      switch (op) {
        case '+':
          return args.slice(1).reduce((sum, a) => `(${sum} + ${low(a)} | 0)`, low(args[0]!));
        case '-':
          return `(${low(args[0]!)} - ${low(args[1]!)} | 0)`;
        case '*':
          return args.slice(1).reduce((product, a) => `Math.imul(${product}, ${low(a)})`, low(args[0]!));
        case 'neg':
          return `(-${low(args[0]!)} | 0)`;
        case 'bit.not':
          return `(~${low(args[0]!)})`;
        case 'bit.and':
          return `(${low(args[0]!)} & ${low(args[1]!)})`;
        case 'bit.or':
          return `(${low(args[0]!)} | ${low(args[1]!)})`;
        case 'bit.xor':
          return `(${low(args[0]!)} ^ ${low(args[1]!)})`;
        case 'ite':
          return `(${this.full(args[0]!).js} ? ${low(args[1]!)} : ${low(args[2]!)})`;
        case 'wrap.signed':
        case 'wrap.unsigned':
          if (term.index >= 32) return low(args[0]!);
          break;
        case 'shift.left': {
          const count = this.full(args[1]!);
          const range = this.#facts.interval(args[1]!);
          if (count.representation !== 'number') break;
          if (range.low !== undefined && range.low >= 0n && range.high !== undefined && range.high <= 31n) {
            return `(${low(args[0]!)} << ${count.js})`;
          }
          const c = /^\w+$/.test(count.js) ? count.js : this.#temporary(count.js);
          return `(${c} > 31 ? 0 : ${c} <= 0 ? ${low(args[0]!)} : ${low(args[0]!)} << ${c})`;
        }
        default:
          break;
      }
    }
    const piece = this.full(term);
    if (piece.representation === 'bigint') return `lowBits(${piece.js})`;
    return isInt32(interval) || isUint32(interval) ? piece.js : `(${piece.js} | 0)`;
  }

  #arithmetic(term: ApplyTerm): Piece {
    const pieces = term.args.map((a) => this.full(a));
    const exact = isExact(this.#facts.interval(term));
    if (pieces.every((p) => p.representation === 'number') && (exact || this.#speculative)) {
      const js = this.#numbers(
        term,
        pieces.map((p) => p.js),
      );
      if (js !== undefined) return { js, representation: 'number' };
    }
    if (this.#speculative && pieces.some((p) => p.representation === 'bigint')) {
      // A constant beyond 53 bits, most likely: compute with bigints, and come back if the result is small.
      const js = this.#bigints(
        term,
        pieces.map((p) => convert(p, 'bigint', false)),
      );
      return { js: `narrow(${js})`, representation: 'number' };
    }
    const js = this.#bigints(
      term,
      pieces.map((p) => convert(p, 'bigint', false)),
    );
    const shrinks = term.op === 'mod' || term.op === 'rem' || term.op === 'bit.and' || term.op === 'shift.right';
    return exact && shrinks ? { js: `Number(${js})`, representation: 'number' } : { js, representation: 'bigint' };
  }

  /** requires: the arguments are numbers; and the result is known to fit, or the code is speculative. */
  #numbers(term: ApplyTerm, js: readonly string[]): string | undefined {
    const { args } = term;
    const op = term.op as ArithmeticOp;
    const [a, b] = js as [string, string];
    const interval = (i: number): Interval => this.#facts.interval(args[i]!);
    const result = this.#facts.interval(term);
    const exact = isExact(result);
    const guard = (code: string): string => (exact ? code : `checked(${code})`);
    const both = (test: (i: Interval) => boolean): boolean => test(interval(0)) && test(interval(1));
    const nonzero = !I.contains(interval(1 % args.length), 0n);
    switch (op) {
      case '+':
      case '*': {
        let code = a;
        let range = interval(0);
        for (let i = 1; i < js.length; i++) {
          range = op === '+' ? I.add(range, interval(i)) : I.multiply(range, interval(i));
          const fitsSoFar = isExact(range);
          if (!fitsSoFar && !this.#speculative) return undefined;
          code = fitsSoFar ? `(${code} ${op} ${js[i]})` : `checked(${code} ${op} ${js[i]})`;
        }
        return code;
      }
      case '-':
        return guard(`(${a} - ${b})`);
      case 'neg':
        return `(-${a})`;
      case 'abs':
        return `Math.abs(${a})`;
      case 'div':
        if (!nonzero) return `floorQuotient(${a}, ${b})`;
        if (both(isUint32)) return `((${a} >>> 0) / (${b} >>> 0) >>> 0)`;
        return `Math.floor(${a} / ${b})`;
      case 'mod':
        if (!nonzero) return `floorRemainder(${a}, ${b})`;
        if (both(isUint32)) return `((${a} >>> 0) % (${b} >>> 0) >>> 0)`;
        return `floorRemainder(${a}, ${b})`;
      case 'quot':
        if (!nonzero) return `truncatedQuotient(${a}, ${b})`;
        if (both(isUint32)) return `((${a} >>> 0) / (${b} >>> 0) >>> 0)`;
        return both(isInt32) && isInt32(result) ? `(${a} / ${b} | 0)` : `Math.trunc(${a} / ${b})`;
      case 'rem':
        if (!nonzero) return `truncatedRemainder(${a}, ${b})`;
        if (both(isUint32)) return `((${a} >>> 0) % (${b} >>> 0) >>> 0)`;
        return both(isInt32) ? `(${a} % ${b} | 0)` : `truncatedRemainder(${a}, ${b})`;
      case 'pow':
        return `powerOf(${a}, ${b})`;
      case 'bit.not':
        return guard(`(-1 - ${a})`);
      case 'bit.and':
      case 'bit.or':
      case 'bit.xor': {
        const sign = op === 'bit.and' ? '&' : op === 'bit.or' ? '|' : '^';
        if (isInt32(result)) return `(${a} ${sign} ${b})`;
        if (isUint32(result)) return `((${a} ${sign} ${b}) >>> 0)`;
        return `${op.slice(4)}(${a}, ${b})`;
      }
      case 'shift.left':
        return `shiftedLeft(${a}, ${b})`;
      case 'shift.right':
        if (I.within(interval(1), I.between(0n, 31n))) {
          if (isInt32(interval(0))) return `(${a} >> ${b})`;
          if (isUint32(interval(0))) return `(${a} >>> ${b})`;
        }
        return `shiftedRight(${a}, ${b})`;
      default:
        return unreachable(op);
    }
  }

  /** requires: the arguments are bigints. */
  #bigints(term: ApplyTerm, js: readonly string[]): string {
    const op = term.op as ArithmeticOp;
    const [a, b] = js as [string, string];
    const { low, high } = this.#facts.interval(term);
    const limit = (code: string): string => (low === undefined || high === undefined ? `limited(${code})` : code);
    const nonzero = js.length > 1 && !I.contains(this.#facts.interval(term.args[1]!), 0n);
    switch (op) {
      case '+':
        return limit(`(${js.join(' + ')})`);
      case '*':
        return js.slice(1).reduce((product, x) => limit(`(${product} * ${x})`), a);
      case '-':
        return limit(`(${a} - ${b})`);
      case 'neg':
        return `(-${a})`;
      case 'abs':
        return `bigAbsolute(${a})`;
      case 'div':
        return `bigFloorQuotient(${a}, ${b})`;
      case 'mod':
        return `bigFloorRemainder(${a}, ${b})`;
      case 'quot':
        return nonzero ? `(${a} / ${b})` : `bigQuotient(${a}, ${b})`;
      case 'rem':
        return nonzero ? `(${a} % ${b})` : `bigRemainder(${a}, ${b})`;
      case 'pow':
        return `bigPower(${a}, ${b})`;
      case 'bit.not':
        return `(~${a})`;
      case 'bit.and':
        return `(${a} & ${b})`;
      case 'bit.or':
        return `(${a} | ${b})`;
      case 'bit.xor':
        return `(${a} ^ ${b})`;
      case 'shift.left':
        return `bigShiftLeft(${a}, ${b})`;
      case 'shift.right':
        return `bigShiftRight(${a}, ${b})`;
      default:
        return unreachable(op);
    }
  }
}

type ArithmeticOp =
  | '+'
  | '-'
  | '*'
  | 'neg'
  | 'abs'
  | 'div'
  | 'mod'
  | 'quot'
  | 'rem'
  | 'pow'
  | 'bit.and'
  | 'bit.or'
  | 'bit.xor'
  | 'bit.not'
  | 'shift.left'
  | 'shift.right';
