import type { LocationId, LoopHead } from '../../../program/program.ts';
import { Failure, unsupported } from '../diagnostics.ts';
import { type Range, spanOf, textOf } from '../preprocessor/source-file.ts';
import { type CType, isInteger } from '../types/ctype.ts';
import type { LoopHint, TypedStatement } from '../types/typed.ts';
import { beginObject, lowerInitializer } from './assignments.ts';
import { branchOn, lowerCondition } from './conditions.ts';
import { expressionsIn, simple, statementsIn } from './effects.ts';
import { computation, lowerFull, lowerFullValue, lowerValue, sequence, typeOf } from './expressions.ts';
import { constantValue, convertInteger, inRange, type Value } from './integers.ts';
import { lowerRecord } from './records.ts';
import { convertScalar } from './scalars.ts';
import type { FunctionState } from './state.ts';
import { inMemory, isAggregate } from './storage.ts';

/** Statements as locations and edges. A statement with something that we do not model ends its path with a note. */
export function lowerStatement(f: FunctionState, s: TypedStatement): void {
  switch (s.kind) {
    case 'compound':
      inScope(f, s, () => {
        for (const item of s.items) lowerStatement(f, item);
      });
      return;
    case 'case':
    case 'default': {
      const at = f.caseLocations.get(s);
      if (at !== undefined) enter(f, at);
      lowerStatement(f, s.body);
      return;
    }
    case 'label':
      enter(f, f.label(s.name, s.range));
      lowerStatement(f, s.body);
      return;
    case 'loop':
      guarded(f, s, () => lowerLoop(f, s));
      return;
    case 'if':
      lowerIf(f, s);
      return;
    case 'switch':
      guarded(f, s, () => lowerSwitch(f, s));
      return;
    default:
      if (f.alive) guarded(f, s, () => lowerSimple(f, s));
  }
}

/** A block: what it declares in memory ends with it. */
function inScope(f: FunctionState, block: TypedStatement, body: () => void): void {
  f.scopes.push({ block, declared: [] });
  body();
  leaveScopes(f, f.scopes.length - 1);
  f.scopes.pop();
}

/** Ends the life of what the scopes above a depth have declared. */
export function leaveScopes(f: FunctionState, depth: number): void {
  if (!f.alive) return;
  for (const { declared } of f.scopes.slice(depth)) {
    for (const variable of declared) {
      const { alive } = f.object(variable);
      if (alive) f.emit({ kind: 'assign', target: alive, value: f.terms.false });
    }
  }
}

/** Falls into a location that jumps lead to as well. */
function enter(f: FunctionState, at: LocationId): void {
  f.jump(at);
  f.resume(at);
}

function guarded(f: FunctionState, s: TypedStatement, body: () => void): void {
  f.origin = s.range;
  const { targets } = f;
  const guards = f.guards.length;
  try {
    body();
  } catch (problem) {
    if (!(problem instanceof Failure)) throw problem;
    f.guards.length = guards;
    f.targets = targets;
    f.refuse(problem.diagnostic);
    // Labels inside may be jumped to: what stands behind them was not read.
    f.refuseLabels(s, problem.diagnostic);
  }
}

function lowerSimple(f: FunctionState, s: TypedStatement): void {
  switch (s.kind) {
    case 'expression':
      lowerFull(f, s.expression);
      return;
    case 'declare':
      lowerDeclaration(f, s);
      return;
    case 'vla-size':
      lowerLength(f, s);
      return;
    case 'return':
      lowerReturn(f, s);
      return;
    case 'break':
      leaveScopes(f, f.targets.breakScopes);
      if (f.targets.break !== undefined) f.jump(f.targets.break);
      return;
    case 'continue':
      leaveScopes(f, f.targets.continueScopes);
      if (f.targets.continue !== undefined) f.jump(f.targets.continue);
      return;
    case 'goto': {
      const kept = f.blocksAround(s.label);
      const left = f.scopes.findIndex(({ block }) => !kept.has(block));
      if (left >= 0) leaveScopes(f, left);
      f.jump(f.label(s.label, s.range));
      return;
    }
    case 'annotation':
      lowerAssertHint(f, s.hint);
      return;
    case 'empty':
      return;
    case 'unsupported':
      throw new Failure(s.diagnostic);
    case 'computed-goto':
      lowerComputedGoto(f, s);
      return;
    default:
      throw new Error(`statement ${s.kind} is not simple`);
  }
}

function lowerDeclaration(f: FunctionState, s: Extract<TypedStatement, { kind: 'declare' }>): void {
  const { variable } = s;
  if (s.initializer) {
    lowerInitializer(f, variable, s.initializer);
    return;
  }
  if (inMemory(variable)) {
    const object = f.object(variable);
    if (object.extent) {
      const size = dynamicSizeOf(f, variable.type, s.range);
      limitSize(f, size, s.range);
      f.emit({ kind: 'assign', target: object.extent, value: size.term });
    }
    const place = beginObject(f, variable);
    f.emit(f.unit.memory.fill(place.address.start, 'anything'));
    f.unfollowed(s.range);
    return;
  }
  // Each time control comes by, the variable holds anything again.
  for (const cell of f.storage(variable).values()) {
    if (cell.type.kind === 'pointer')
      f.emit({ kind: 'assign', target: cell.symbol, value: f.anything(cell.type).term });
    else if (f.repeated) f.emit({ kind: 'havoc', target: cell.symbol });
    f.withoutValue(cell);
  }
}

/** `goto *p`: to the label whose address p is; jumping to anything else is undefined behaviour. */
function lowerComputedGoto(f: FunctionState, s: Extract<TypedStatement, { kind: 'computed-goto' }>): void {
  const { terms, unit } = f;
  const target = f.save(lowerFullValue(f, s.target), { kind: 'pointer', to: { kind: 'void' } }, 'label');
  const cases = f.labelNames.map((name) => ({
    condition: terms.equal(target.term, unit.labelObject(name, s.range).base),
    at: f.label(name, s.range),
  }));
  const property = terms.any(cases.map((c) => c.condition));
  if (unit.checked('pointer')) {
    const text = '{} leads to a label of this function';
    f.require({ kind: 'pointer', property, text, failure: '{} leads to no label of this function' }, s.target.range);
  }
  const nowhere = f.newLocation();
  f.choose(cases, nowhere);
  f.resume(nowhere);
  f.emit({ kind: 'assume', condition: terms.false });
  f.stop();
}

/** No larger array, so that objects keep apart. */
const largestArrayBytes = (1n << 40n) - 64n;

/** The size of an array must be a number of bytes that there is; that the stack suffices for it is assumed. */
function limitSize(f: FunctionState, size: Value, range: Range): void {
  const { terms, unit } = f;
  const most = (1n << BigInt(8 * unit.pointerBytes - 1)) - 1n;
  if (unit.checked('bounds') && unit.options.integers !== 'math') {
    const property = terms.lessEqual(size.term, terms.int(most));
    const text = 'the size of {} is a possible number of bytes';
    f.require({ kind: 'bounds', property, text, failure: 'the size of {} is more than there are addresses' }, range);
  }
  f.emit({ kind: 'assume', condition: terms.lessEqual(size.term, terms.int(largestArrayBytes)) });
  unit.assume('the stack has room for the arrays of variable length, and each has less than 2^40 bytes', range);
}

/** The size in bytes of an array whose lengths were computed where it was declared. */
function dynamicSizeOf(f: FunctionState, type: CType, range: Range): Value {
  if (type.kind !== 'array' || f.unit.sizeOf(type) !== undefined) {
    const size = f.unit.sizeOf(type);
    if (size === undefined) return unsupported('C0614', 'an array of variable length', range);
    return constantValue(f.terms, BigInt(size));
  }
  const element = dynamicSizeOf(f, type.element, range);
  const length = type.variableLength
    ? f.read(f.storage(type.variableLength).get('')!)
    : constantValue(f.terms, BigInt(type.length ?? 0));
  return { term: f.terms.multiply(length.term, element.term) };
}

/** The length of a variable-length array: it must be positive [C11 6.7.6.2p5]. */
function lowerLength(f: FunctionState, s: Extract<TypedStatement, { kind: 'vla-size' }>): void {
  const given = s.value.kind === 'convert' ? s.value.operand : s.value;
  const value = lowerFullValue(f, given);
  const positive = f.terms.less(f.terms.int(0), value.term);
  if (f.unit.checked('bounds') && (value.low === undefined || value.low < 1n)) {
    const text = 'the length {} of the array is positive';
    f.require(
      { kind: 'bounds', property: positive, text, failure: 'the length {} of the array is not positive' },
      given.range,
    );
  }
  const { size } = f.unit.types;
  const fitted = isInteger(given.type)
    ? convertInteger(f.arithmetic(s.range), value, size)
    : unsupported('C0614', 'this length of an array', s.range);
  const cell = f.storage(s.variable).get('')!;
  f.emit({ kind: 'assign', target: cell.symbol, value: fitted.term });
}

function lowerReturn(f: FunctionState, s: Extract<TypedStatement, { kind: 'return' }>): void {
  if (s.value) {
    const { result } = f.symbol.type;
    if (isAggregate(s.value.type)) {
      sequence(f, s.value);
      const value = lowerRecord(f, s.value);
      if (value.kind === 'memory') {
        const target = f.unit.resultObject(f.symbol).base;
        f.emit(f.unit.memory.copy(target, value.address, f.unit.sizeOf(result) ?? 0, result));
      } else {
        for (const cell of f.results)
          f.emit({ kind: 'assign', target: cell.symbol, value: value.parts.get(cell.path)!.value.term });
      }
    } else if (f.results[0] && s.value.type.kind !== 'void') {
      const [cell] = f.results;
      const value = lowerFullValue(f, s.value);
      const fitted = convertScalar(f, value, typeOf(s.value), cell.type, s.range);
      f.emit({ kind: 'assign', target: cell.symbol, value: fitted.term });
    } else {
      lowerFull(f, s.value);
    }
  }
  endCall(f);
  f.jump(f.procedure.exit);
}

/** What a call had in memory ends with it. */
export function endCall(f: FunctionState): void {
  leaveScopes(f, 0);
  if (f.stackAlive) f.emit({ kind: 'assign', target: f.stackAlive, value: f.terms.false });
}

/** Chains of `else if` are walked in a loop. */
function lowerIf(f: FunctionState, first: Extract<TypedStatement, { kind: 'if' }>): void {
  const after = f.newLocation();
  let s: TypedStatement | undefined = first;
  while (s?.kind === 'if') {
    const branch: Extract<TypedStatement, { kind: 'if' }> = s;
    const yes = f.newLocation(branch.consequent.range);
    const no = branch.otherwise ? f.newLocation(branch.otherwise.range) : after;
    guarded(f, branch, () => {
      if (!f.alive) return;
      sequence(f, branch.condition);
      branchOn(f, branch.condition, yes, no);
    });
    f.resumeIfReached(yes);
    lowerStatement(f, branch.consequent);
    f.jump(after);
    f.resumeIfReached(no);
    s = branch.otherwise;
  }
  if (s) lowerStatement(f, s);
  if (f.at !== after) f.jump(after);
  f.resumeIfReached(after);
}

function lowerLoop(f: FunctionState, s: Extract<TypedStatement, { kind: 'loop' }>): void {
  inScope(f, s, () => lowerLoopHere(f, s));
}

function lowerLoopHere(f: FunctionState, s: Extract<TypedStatement, { kind: 'loop' }>): void {
  // What a `for` declares lives as long as the loop.
  if (s.start?.kind === 'compound') for (const item of s.start.items) lowerStatement(f, item);
  else if (s.start) lowerStatement(f, s.start);
  const origin = spanOf(headRange(s));
  const loop: LoopHead = {
    keyword: s.keyword,
    ...(s.condition ? { conditionText: textOf(s.condition.range) } : {}),
    origin,
  };
  const head = f.procedure.location({ origin, loop });
  const after = f.newLocation();
  const next = f.newLocation();
  f.jump(head);
  f.resume(head);
  lowerHints(f, s.hints, head);
  const saved = { targets: f.targets, repeated: f.repeated };
  const depth = f.scopes.length;
  f.targets = { break: after, continue: next, breakScopes: depth, continueScopes: depth };
  f.repeated = true;
  const test = (yes: LocationId): void => {
    if (!f.alive) return;
    if (!s.condition) {
      f.jump(yes);
      return;
    }
    f.origin = s.condition.range;
    sequence(f, s.condition);
    branchOn(f, s.condition, yes, after);
  };
  if (s.keyword === 'do') {
    lowerStatement(f, s.body);
    f.jump(next);
    f.resumeIfReached(next);
    test(head);
  } else {
    const body = f.newLocation(s.body.range);
    test(body);
    f.resumeIfReached(body);
    lowerStatement(f, s.body);
    f.jump(next);
    f.resumeIfReached(next);
    if (s.step && f.alive) {
      f.origin = s.step.range;
      lowerFull(f, s.step);
    }
    f.jump(head);
  }
  f.targets = saved.targets;
  f.repeated = saved.repeated;
  f.resumeIfReached(after);
}

/** From the keyword to the end of the condition. */
function headRange(s: Extract<TypedStatement, { kind: 'loop' }>): Range {
  if (s.keyword === 'do') return s.condition?.range ?? s.range;
  const end =
    s.body.range.file === s.range.file && s.body.range.start > s.range.start ? s.body.range.start : s.range.end;
  const text = s.range.file.text.slice(s.range.start, end).trimEnd();
  return { ...s.range, end: s.range.start + text.length };
}

function lowerHints(f: FunctionState, hints: readonly LoopHint[], head: LocationId): void {
  for (const hint of hints) {
    const term = hintTerm(f, hint);
    if (!term) continue;
    const kind = hint.kind === 'loop-invariant' ? 'invariant' : hint.kind === 'loop-variant' ? 'variant' : 'assert';
    f.unit.builder.hint({ kind, at: head, term, text: textOf(hint.expression.range), origin: spanOf(hint.range) });
  }
}

/** A hint as a term; undefined, with a warning, if it changes something or says what we do not model. */
function hintTerm(f: FunctionState, hint: LoopHint): ReturnType<typeof lowerCondition> | undefined {
  const refuse = (why: string): undefined => {
    f.unit.warn('C0520', `this hint is not used: ${why}`, hint.range);
    return undefined;
  };
  for (const part of expressionsIn(hint.expression)) {
    if (part.kind === 'call' ? !computation(part) : !simple(part))
      return refuse('it changes something or calls a function that does more than compute');
  }
  f.annotation = true;
  try {
    return hint.kind === 'loop-variant' ? lowerValue(f, hint.expression).term : lowerCondition(f, hint.expression);
  } catch (problem) {
    if (problem instanceof Failure) return refuse(`${problem.diagnostic.message} is not supported`);
    throw problem;
  } finally {
    f.annotation = false;
    f.bound = undefined;
  }
}

function lowerAssertHint(f: FunctionState, hint: LoopHint): void {
  const property = hintTerm(f, hint);
  if (!property || !f.unit.checked('assertion')) return;
  const what = textOf(hint.expression.range);
  f.require({ kind: 'assertion', property, text: `\`${what}\` holds`, failure: `\`${what}\` is false` }, hint.range);
}

function lowerSwitch(f: FunctionState, s: Extract<TypedStatement, { kind: 'switch' }>): void {
  const { terms } = f;
  const after = f.newLocation();
  const cases: { low: bigint; high: bigint; at: LocationId }[] = [];
  let fallback = after;
  for (const inner of casesOf(s.body)) {
    const at = f.newLocation(inner.range);
    f.caseLocations.set(inner, at);
    if (inner.kind === 'case') cases.push({ ...inner.label, at });
    else fallback = at;
  }
  if (f.alive) {
    const given = lowerFullValue(f, s.value);
    const value =
      given.term.kind === 'symbol' || given.term.kind === 'value' ? given : f.save(given, s.valueType, 'switch');
    // Only ranges that the value can reach get an edge.
    const conditions = cases.map(({ low, high, at }) => ({
      at,
      condition:
        low === high
          ? terms.equal(value.term, terms.int(low))
          : (inRange(terms, { term: value.term }, low, high) ?? terms.true),
    }));
    const constant = value.term.kind === 'value' ? (value.term.value as bigint) : undefined;
    if (constant !== undefined) {
      const hit = cases.find(({ low, high }) => low <= constant && constant <= high);
      f.jump(hit ? hit.at : fallback);
    } else {
      f.choose(conditions, fallback);
    }
  }
  const { targets } = f;
  f.targets = { ...targets, break: after, breakScopes: f.scopes.length };
  lowerStatement(f, s.body);
  f.jump(after);
  f.targets = targets;
  f.resumeIfReached(after);
}

/** The labels of this switch, not those of switches inside it. */
function casesOf(body: TypedStatement): Extract<TypedStatement, { kind: 'case' | 'default' }>[] {
  const found: Extract<TypedStatement, { kind: 'case' | 'default' }>[] = [];
  const inner = new Set<TypedStatement>();
  for (const s of statementsIn(body)) {
    if (s.kind === 'switch') for (const nested of statementsIn(s.body)) inner.add(nested);
    if (s.kind === 'case' || s.kind === 'default') found.push(s);
  }
  return found.filter((s) => !inner.has(s)).sort((a, b) => a.range.start - b.range.start);
}
