import { diagnose, Failure, fail } from '../diagnostics.ts';
import type { Annotation, BlockItem, CompoundStatement, Expression, Statement } from '../parser/ast.ts';
import type { Range } from '../preprocessor/source-file.ts';
import { formatType, type IntegerType, integerBounds, isInteger, isScalar, voidType } from '../types/ctype.ts';
import type { LoopHint, Typed, TypedStatement } from '../types/typed.ts';
import type { Context } from './context.ts';
import { assignable } from './conversion.ts';
import { declare } from './declarations.ts';
import { elaborate, rvalue, scalar, value } from './expressions.ts';
import { ignoredCall } from './formatted-calls.ts';
import { promoted } from './operators.ts';
import { failAssertion, requireConstant } from './type-names.ts';

/** Statements [C11 6.8] with their expressions typed. What we do not model becomes an `unsupported` statement. */

interface Surroundings {
  readonly loop: boolean;
  /** The type of the innermost switch's value, and the labels met in it. */
  readonly choice: { readonly type: IntegerType; readonly labels: CaseLabels; hasDefault: boolean } | undefined;
}

/** The labels of a switch: most are single values, which are found at once. */
class CaseLabels {
  readonly #values = new Set<bigint>();
  readonly #ranges: { readonly low: bigint; readonly high: bigint }[] = [];

  /** False if one of the values is there already. */
  add(low: bigint, high: bigint): boolean {
    if (this.#ranges.some((other) => low <= other.high && other.low <= high)) return false;
    if (low === high) {
      if (this.#values.has(low)) return false;
      this.#values.add(low);
      return true;
    }
    for (const value of this.#values) if (low <= value && value <= high) return false;
    this.#ranges.push({ low, high });
    return true;
  }
}

const top: Surroundings = { loop: false, choice: undefined };

/** `sizes`: what variable-length parameters need computed first. */
export function functionBody(e: Context, body: CompoundStatement, sizes: readonly TypedStatement[]): TypedStatement {
  const items = [...sizes, ...body.items.flatMap((item) => blockItem(e, item, top))];
  return { kind: 'compound', items, range: body.range };
}

function blockItem(e: Context, item: BlockItem, around: Surroundings): TypedStatement[] {
  switch (item.kind) {
    case 'declaration':
      return declare(e, item);
    case 'function':
      throw new Failure(diagnose('unsupported', 'C0390', 'a function inside a function', item.range));
    case 'static-assert':
      if (requireConstant(e, item.condition, 'the condition') === 0n) failAssertion(item.message, item.range);
      return [];
    default:
      return [statement(e, item, around)];
  }
}

/** An `unsupported` failure inside one statement concerns that statement only. */
function guarded(e: Context, range: Range, body: () => TypedStatement): TypedStatement {
  const result = e.attempt(body);
  if (result.ok) return result.value;
  if (result.error.severity !== 'unsupported') throw new Failure(result.error);
  return { kind: 'unsupported', diagnostic: result.error, range };
}

function compound(e: Context, body: CompoundStatement, around: Surroundings): TypedStatement {
  e.pushScope();
  const items = body.items.flatMap((item) => blockItem(e, item, around));
  e.popScope();
  return { kind: 'compound', items, range: body.range };
}

/** GNU `({ … })`: its value is that of the last expression statement. Jumps out of it are not followed. */
export function statementExpression(e: Context, body: CompoundStatement, range: Range): Typed {
  e.pushScope();
  let last = body.items.at(-1);
  const labels: Statement[] = [];
  while (last?.kind === 'label') {
    labels.push({ ...last, body: { kind: 'empty', range: last.range } });
    last = last.body;
  }
  const around = e.surroundings as Surroundings | undefined;
  const front = last?.kind === 'expression' ? [...body.items.slice(0, -1), ...labels] : body.items;
  const items = front.flatMap((item) => blockItem(e, item, around ?? top));
  const result = last?.kind === 'expression' ? value(e, last.expression) : undefined;
  e.popScope();
  const statementBody: TypedStatement = { kind: 'compound', items, range };
  return { kind: 'statement-expression', body: statementBody, value: result, type: result?.type ?? voidType, range };
}

function statement(e: Context, s: Statement, around: Surroundings): TypedStatement {
  const saved = e.surroundings;
  e.surroundings = around;
  const result = e.deeper(s.range, () => statementHere(e, s, around));
  e.surroundings = saved;
  return result;
}

function statementHere(e: Context, s: Statement, around: Surroundings): TypedStatement {
  const { range } = s;
  const inner = (body: Statement, change: Partial<Surroundings> = {}): TypedStatement =>
    statement(e, body, { ...around, ...change });
  switch (s.kind) {
    case 'compound':
      return compound(e, s, around);
    case 'empty':
    case 'local-labels':
      return { kind: 'empty', range };
    case 'expression':
      return guarded(e, range, () => ({
        kind: 'expression',
        expression: ignoredCall(e, rvalueOrVoid(e, s.expression)),
        range,
      }));
    case 'if':
      return ifChain(e, s, around);
    case 'while':
    case 'do': {
      const condition = scalar(e, s.condition, 'a condition');
      const body = inner(s.body, { loop: true });
      const hints = loopHints(e, s.hints);
      return { kind: 'loop', keyword: s.kind, start: undefined, condition, step: undefined, body, hints, range };
    }
    case 'for':
      return forLoop(e, s, around);
    case 'switch': {
      const given = promoted(e, value(e, s.value));
      if (!isInteger(given.type))
        fail('C0391', `\`switch\` needs an integer, not ${formatType(given.type)}`, s.value.range);
      const valueType = e.types.promote(given.type);
      const choice = { type: valueType, labels: new CaseLabels(), hasDefault: false };
      return { kind: 'switch', value: given, valueType, body: inner(s.body, { choice, loop: around.loop }), range };
    }
    case 'case':
      return caseLabel(e, s, around);
    case 'default': {
      const { choice } = around;
      if (!choice) fail('C0392', '`default` outside of a switch', range);
      if (choice.hasDefault) fail('C0393', 'a second `default` in this switch', range);
      choice.hasDefault = true;
      return { kind: 'default', body: inner(s.body), range };
    }
    case 'label':
      return { kind: 'label', name: s.name, body: inner(s.body), range };
    case 'goto':
      return { kind: 'goto', label: s.label, range };
    case 'computed-goto':
      return { kind: 'computed-goto', target: value(e, s.target), range };
    case 'break':
      if (!around.loop && !around.choice) fail('C0392', '`break` outside of a loop or switch', range);
      return { kind: 'break', range };
    case 'continue':
      if (!around.loop) fail('C0392', '`continue` outside of a loop', range);
      return { kind: 'continue', range };
    case 'return':
      return guarded(e, range, () => returnStatement(e, s.value, range));
    case 'asm':
      return s.empty
        ? { kind: 'empty', range }
        : { kind: 'unsupported', diagnostic: diagnose('unsupported', 'C0394', 'inline assembly', range), range };
    case 'annotation': {
      const hint = hintOf(e, s.annotation);
      return hint ? { kind: 'annotation', hint, range } : { kind: 'empty', range };
    }
  }
}

function rvalueOrVoid(e: Context, x: Expression): Typed {
  const typed = elaborate(e, x);
  return typed.type.kind === 'array' || typed.type.kind === 'function' ? typed : rvalue(e, typed);
}

function ifChain(e: Context, s: Extract<Statement, { kind: 'if' }>, around: Surroundings): TypedStatement {
  const branches: { condition: Typed; consequent: TypedStatement; range: Range }[] = [];
  let rest: Statement | undefined = s;
  while (rest?.kind === 'if') {
    const branch: Extract<Statement, { kind: 'if' }> = rest;
    const condition = scalar(e, branch.condition, 'a condition');
    branches.push({ condition, consequent: statement(e, branch.consequent, around), range: branch.range });
    rest = branch.otherwise;
  }
  let result = rest && statement(e, rest, around);
  for (const { condition, consequent, range } of branches.reverse())
    result = { kind: 'if', condition, consequent, otherwise: result, range };
  return result!;
}

function forLoop(e: Context, s: Extract<Statement, { kind: 'for' }>, around: Surroundings): TypedStatement {
  const { range } = s;
  e.pushScope();
  let start: TypedStatement | undefined;
  if (s.start?.kind === 'declaration') start = { kind: 'compound', items: declare(e, s.start), range: s.start.range };
  else if (s.start) start = { kind: 'expression', expression: rvalueOrVoid(e, s.start), range: s.start.range };
  const condition = s.condition && scalar(e, s.condition, 'a condition');
  const step = s.step && rvalueOrVoid(e, s.step);
  const body = statement(e, s.body, { ...around, loop: true });
  const hints = loopHints(e, s.hints);
  e.popScope();
  return { kind: 'loop', keyword: 'for', start, condition, step, body, hints, range };
}

function caseLabel(e: Context, s: Extract<Statement, { kind: 'case' }>, around: Surroundings): TypedStatement {
  const { choice } = around;
  if (!choice) fail('C0392', '`case` outside of a switch', s.range);
  const convertLabel = (x: Expression): bigint => {
    const label = requireConstant(e, x, 'a case');
    return choice.type.signed ? BigInt.asIntN(choice.type.bits, label) : BigInt.asUintN(choice.type.bits, label);
  };
  const low = convertLabel(s.low);
  const high = s.high ? convertLabel(s.high) : low;
  if (high < low) e.warn('C0393', 'this range of cases is empty', s.range);
  const bounds = integerBounds(choice.type);
  if (low < bounds.low || high > bounds.high) fail('C0393', 'this case can never be met', s.range);
  if (!choice.labels.add(low, high)) fail('C0393', `case ${low} appears twice in this switch`, s.range);
  return { kind: 'case', label: { low, high }, body: statement(e, s.body, around), range: s.range };
}

function returnStatement(e: Context, x: Expression | undefined, range: Range): TypedStatement {
  const wanted = e.current!.type.result;
  if (!x) {
    if (wanted.kind !== 'void') e.warn('C0395', '`return` without a value in a function that returns one', range);
    return { kind: 'return', value: undefined, range };
  }
  const typed = value(e, x);
  if (wanted.kind === 'void') {
    if (typed.type.kind !== 'void') e.warn('C0395', '`return` with a value in a function that returns none', range);
    const discarded: Typed = { kind: 'convert', operand: typed, explicit: true, type: voidType, range: x.range };
    return { kind: 'return', value: discarded, range };
  }
  return { kind: 'return', value: assignable(e, typed, wanted, 'returning', x.range), range };
}

function loopHints(e: Context, annotations: readonly Annotation[]): LoopHint[] {
  return annotations.flatMap((annotation) => hintOf(e, annotation) ?? []);
}

/** A hint that does not type is dropped with a warning: it is help, never an assumption. */
function hintOf(e: Context, annotation: Annotation): LoopHint | undefined {
  const typed = e.attempt(() => value(e, annotation.expression));
  const problem = !typed.ok
    ? typed.error.message
    : !isScalar(typed.value.type) || (annotation.kind === 'loop-variant' && !isInteger(typed.value.type))
      ? 'it has no number as its value'
      : undefined;
  if (problem !== undefined || !typed.ok) {
    e.warn('C0396', `this hint is not used: ${problem}`, annotation.range);
    return undefined;
  }
  return { kind: annotation.kind, expression: typed.value, meaning: annotation.meaning, range: annotation.range };
}
