import { err, ok, type Result } from '../base/result.ts';
import * as I from './interval.ts';
import { impliedRanges, RangeAnalysis, type SymbolRanges } from './range.ts';
import { readSExpressions, type SExpression } from './s-expression.ts';
import { ScopedMap } from './scoped-map.ts';
import { type ArrayLayout, arrayLayouts, fitsLayout } from './smtlib/array-layout.ts';
import { BitvectorForm, elementFormat, indexFormat } from './smtlib/bitvector-form.ts';
import { isFloat, readFloat } from './smtlib/float-form.ts';
import { boundSymbols, IntForm } from './smtlib/int-form.ts';
import { readBitvectorArray, readBitvectorForm, readBool, readIntForm } from './smtlib/reader.ts';
import { Script, symbolName, Unsupported } from './smtlib/script.ts';
import { children, type SymbolTerm, type Term } from './term.ts';
import { ArrayValue, type Value } from './value.ts';

/**
 * Formulas as SMT-LIB 2 scripts ([BarrettFT-SMTLIB]), in one of two forms: over Int, exactly as our operators are defined,
 * or over bit-vectors, exactly too, where interval evaluation shows that all numbers are bounded. An encoder follows a
 * stack of assertions and gives only the commands that are new; when what comes up does not fit what was sent (an array
 * needs more room, bit-vectors turn out not to do), it starts over and says so.
 */
export type FormChoice =
  | 'int'
  | 'bitvector'
  /** Bit-vectors where they can be, since formulas of programs are mostly Boolean structure; else Int. */
  | 'auto';

/** One scope of assertions; formulas are only added, and only to the innermost. */
export interface Frame {
  readonly formulas: readonly Term[];
}

export interface EncodedStep {
  /** Commands to send; everything so far when `fresh`. */
  readonly text: string;
  /** The solver must forget all that was sent before. */
  readonly fresh: boolean;
  readonly form: 'int' | 'bitvector';
}

export type Model = ReadonlyMap<SymbolTerm, Value>;

interface SentFrame {
  readonly frame: Frame;
  /** How many of its formulas were sent. */
  sent: number;
  /** Symbols and array terms that came up first in this frame. */
  readonly symbols: SymbolTerm[];
  readonly arrays: Term[];
}

export class SmtEncoder {
  readonly #declared: SymbolRanges;
  readonly #choice: FormChoice;
  #state: EncoderState | undefined;

  /** `ranges` are facts: the solver looks only at states in which symbols (and elements of array symbols) lie in them. */
  constructor(options: { ranges?: SymbolRanges; form?: FormChoice } = {}) {
    this.#declared = options.ranges ?? new Map();
    this.#choice = options.form ?? 'auto';
  }

  /** Forgets what was sent: the next step is fresh. */
  reset(): void {
    this.#state = undefined;
  }

  /** Commands that bring the solver to a stack of frames (the outermost first). The error says what is not supported. */
  step(frames: readonly Frame[]): Result<EncodedStep, string> {
    try {
      const text = this.#state?.advance(frames);
      if (text !== undefined) return ok({ text, fresh: false, form: this.#state!.form });
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
    }
    let reason = '';
    for (const form of this.#formsToTry()) {
      try {
        const state = new EncoderState(form, this.#declared);
        const text = state.advance(frames)!;
        this.#state = state;
        return ok({ text, fresh: true, form });
      } catch (error) {
        if (!(error instanceof Unsupported)) throw error;
        reason = error.message;
      }
    }
    this.#state = undefined;
    return err(reason);
  }

  /** The command that asks for the values of all symbols; empty when there is none. requires: a step was made. */
  modelCommand(): string {
    const names = [...this.#state!.symbols()].map(symbolName);
    return names.length === 0 ? '' : `(get-value (${names.join(' ')}))\n`;
  }

  /** Reads the reply to `modelCommand`. The error says what was not understood. */
  readModel(reply: string): Result<Model, string> {
    const read = readSExpressions(reply);
    if (!read.ok) return err(read.error.message);
    const pairs = read.value[0];
    if (read.value.length !== 1 || pairs?.kind !== 'list') return err('the model is not one list of values');
    const byName = new Map<string, SExpression>();
    for (const pair of pairs.items) {
      if (pair.kind !== 'list' || pair.items.length !== 2) return err('an entry of the model is not a pair');
      const [name, value] = pair.items as [SExpression, SExpression];
      if (name.kind !== 'atom') return err('an entry of the model has no name');
      byName.set(name.text, value);
    }
    const model = new Map<SymbolTerm, Value>();
    for (const symbol of this.#state!.symbols()) {
      const spelt = symbolName(symbol).replace(/^\|(.*)\|$/s, '$1');
      const expression = byName.get(spelt);
      const value = expression && this.#state!.readValue(symbol, expression);
      if (value === undefined) return err(`no readable value for ${symbol.name}`);
      model.set(symbol, value);
    }
    return ok(model);
  }

  #formsToTry(): ('int' | 'bitvector')[] {
    return this.#choice === 'auto' ? ['bitvector', 'int'] : [this.#choice];
  }
}

/** What one conversation with a solver rests on. */
class EncoderState {
  readonly form: 'int' | 'bitvector';
  readonly #declared: SymbolRanges;
  readonly #script = new Script();
  readonly #ranges = new Map<SymbolTerm, I.Interval>();
  readonly #analysis = new RangeAnalysis(this.#ranges);
  readonly #frames: SentFrame[] = [];
  readonly #seen = new ScopedMap<Term, true>();
  readonly #bound = new Set<SymbolTerm>();
  readonly #intForm: IntForm;
  readonly #bitvectorForm: BitvectorForm;
  readonly #layouts = new Map<Term, ArrayLayout>();

  constructor(form: 'int' | 'bitvector', declared: SymbolRanges) {
    this.form = form;
    this.#declared = declared;
    this.#intForm = new IntForm(this.#script, this.#analysis, declared);
    this.#bitvectorForm = new BitvectorForm(this.#script, this.#analysis, this.#layouts);
  }

  symbols(): IterableIterator<SymbolTerm> {
    return this.#script.declaredSymbols();
  }

  /** The commands for what is new; undefined if it does not fit what was sent. */
  advance(frames: readonly Frame[]): string | undefined {
    let shared = 0;
    while (shared < this.#frames.length && this.#frames[shared]!.frame === frames[shared]) shared++;
    if (shared === 0 && this.#frames.length > 0) return undefined;
    while (this.#frames.length > shared) this.#closeFrame();
    // First the ranges and array layouts of all that is new, then its translation, which rests on them.
    const news: (readonly Term[])[] = frames.map((f, i) => f.formulas.slice(this.#frames[i]?.sent ?? 0));
    for (const [i, frame] of frames.entries()) {
      const sent = this.#frames[i] ?? this.#openFrame(frame);
      if (!this.#register(frames.slice(0, i + 1), sent, news[i]!)) return undefined;
      sent.sent = frame.formulas.length;
    }
    if (this.form === 'bitvector' && !this.#updateLayouts()) return undefined;
    const translate = this.form === 'int' ? this.#intForm : this.#bitvectorForm;
    for (const [i, formulas] of news.entries()) {
      if (i > 0 && i >= shared) {
        this.#script.push();
        translate.push();
      }
      for (const f of formulas) {
        const text = translate.text(f);
        this.#script.command(`(assert ${text})`);
      }
    }
    return this.#script.take();
  }

  #openFrame(frame: Frame): SentFrame {
    if (this.#frames.length > 0) {
      this.#analysis.push();
      this.#seen.push();
    }
    const opened = { frame, sent: 0, symbols: [], arrays: [] };
    this.#frames.push(opened);
    return opened;
  }

  #closeFrame(): void {
    const { symbols, arrays } = this.#frames.pop()!;
    for (const s of symbols) this.#ranges.delete(s);
    for (const a of arrays) this.#layouts.delete(a);
    this.#analysis.pop();
    this.#seen.pop();
    this.#script.pop();
    (this.form === 'int' ? this.#intForm : this.#bitvectorForm).pop();
  }

  /** Notes the symbols and arrays that come up in a frame. False if one that was free is bound now. */
  #register(frames: readonly Frame[], sent: SentFrame, formulas: readonly Term[]): boolean {
    const terms = newSubterms(formulas, this.#seen);
    for (const s of boundSymbols(terms)) {
      if (this.#ranges.has(s)) return false;
      this.#bound.add(s);
    }
    let implied: SymbolRanges | undefined;
    for (const t of terms) {
      if (t.sort.kind === 'array') sent.arrays.push(t);
      if (t.kind !== 'symbol' || this.#bound.has(t) || this.#ranges.has(t)) continue;
      implied ??= impliedRanges(frames.flatMap((f) => f.formulas));
      const declared = this.#declared.get(t) ?? I.everything;
      this.#ranges.set(t, I.intersect(declared, implied.get(t) ?? I.everything) ?? declared);
      sent.symbols.push(t);
    }
    return true;
  }

  /** Array terms get the layout of their class; false if a class outgrew the one it has, or two classes became one. */
  #updateLayouts(): boolean {
    if (this.#frames.every((f) => f.arrays.length === 0)) return true;
    const layouts = arrayLayouts([...this.#seen.keys()], this.#analysis);
    const old = new Map<ArrayLayout, ArrayLayout>();
    for (const [term, next] of layouts) {
      const has = this.#layouts.get(term);
      if (!has) continue;
      if (!fitsLayout(next, has) || (old.get(next) ?? has) !== has) return false;
      old.set(next, has);
    }
    for (const [term, next] of layouts) this.#layouts.set(term, old.get(next) ?? next);
    return true;
  }

  readValue(symbol: SymbolTerm, expression: SExpression): Value | undefined {
    const value = this.#readRaw(symbol, expression);
    const range = this.#declared.get(symbol);
    return value instanceof ArrayValue && range ? withElementsIn(value, range) : value;
  }

  #readRaw(symbol: SymbolTerm, expression: SExpression): Value | undefined {
    const { sort } = symbol;
    if (this.form === 'int') return readIntForm(expression, sort);
    if (sort.kind === 'bool') return readBool(expression);
    if (sort.kind === 'int') return readBitvectorForm(expression, this.#bitvectorForm.format(symbol));
    if (sort.kind === 'float') return readFloat(expression, sort.format);
    const layout = this.#layouts.get(symbol);
    if (sort.kind !== 'array' || !layout) return undefined;
    const element =
      sort.element.kind === 'bool' ? 'bool' : isFloat(sort.element) ? sort.element : elementFormat(layout);
    return readBitvectorArray(expression, indexFormat(layout), element);
  }
}

/** Elements outside a range can only stand where no formula looks: they are moved in. */
function withElementsIn(array: ArrayValue, range: I.Interval): ArrayValue {
  const clamp = (v: Value): Value => {
    if (typeof v !== 'bigint') return v;
    if (range.low !== undefined && v < range.low) return range.low;
    return range.high !== undefined && v > range.high ? range.high : v;
  };
  let result = new ArrayValue(clamp(array.default));
  for (const { index, element } of array.entries.values()) result = result.store(index, clamp(element));
  return result;
}

/** The subterms that are not seen yet, arguments first; they count as seen then. */
function newSubterms(roots: readonly Term[], seen: ScopedMap<Term, true>): Term[] {
  const order: Term[] = [];
  const stack: Term[] = [];
  for (const root of roots) {
    stack.push(root);
    while (stack.length > 0) {
      const term = stack[stack.length - 1]!;
      const missing = seen.has(term) ? [] : children(term).filter((c) => !seen.has(c));
      if (missing.length > 0) {
        for (const m of missing) stack.push(m);
        continue;
      }
      stack.pop();
      if (seen.has(term)) continue;
      seen.set(term, true);
      order.push(term);
    }
  }
  return order;
}
