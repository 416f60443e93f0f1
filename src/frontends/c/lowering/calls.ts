import type { Term } from '../../../terms/term.ts';
import { unsupported } from '../diagnostics.ts';
import { conventionsName, headerThatDeclares } from '../preprocessor/headers/index.ts';
import { type Range, spanOf, textOf } from '../preprocessor/source-file.ts';
import { formatType } from '../types/ctype.ts';
import type { FunctionSymbol, Typed, TypedOf } from '../types/typed.ts';
import { lowerMemoryCall } from './allocation.ts';
import { lowerCondition } from './conditions.ts';
import { calledFunction, expressionsIn, expressionsOf } from './effects.ts';
import { keepOver, lowerEffect, lowerValue, typeOf } from './expressions.ts';
import { callThroughPointer } from './indirect-calls.ts';
import type { Value } from './integers.ts';
import { lowerIntrinsic, lowerUninterpreted } from './intrinsics.ts';
import { lowerLibraryCall } from './library.ts';
import { isMathFunction } from './math-library.ts';
import { anyRecord, lowerRecord, type RecordValue } from './records.ts';
import { convertScalar } from './scalars.ts';
import type { FunctionState } from './state.ts';
import { isAggregate, leavesOf, refusedType, type ScalarType, scalarType } from './storage.ts';
import { lowerThreadCall } from './threads.ts';
import { passArguments } from './variadic.ts';

/**
 * Calls. A function with a body is called by a `call` step. Without one it is a convention of verification, a function of the
 * C library that we know, or unknown: then, if it takes and returns only numbers, it may return anything and is assumed to
 * return and to change nothing here, which stands beside the answer; otherwise the call is refused.
 */
export function lowerCall(f: FunctionState, e: TypedOf<'call'>, used: boolean): Value | undefined;
export function lowerCall(f: FunctionState, e: TypedOf<'call'>, used: true, as: 'record'): RecordValue;
export function lowerCall(
  f: FunctionState,
  e: TypedOf<'call'>,
  used: boolean,
  as?: 'record',
): Value | RecordValue | undefined {
  const symbol = calledFunction(e);
  if (!symbol) return callThroughPointer(f, e, as);
  return callFunction(f, symbol, e, used, as);
}

/** A call of a known function; `e` is where it is called, directly or through a pointer. */
export function callFunction(
  f: FunctionState,
  symbol: FunctionSymbol,
  e: TypedOf<'call'>,
  used: boolean,
  as?: 'record',
): Value | RecordValue | undefined {
  // A model departs from the library where it asks for any value, or has another do so.
  if (symbol.name !== '__tertium_require') markModel(f, f.symbol, e.range);
  const uninterpreted = as === 'record' ? undefined : lowerUninterpreted(f, symbol, e);
  if (uninterpreted) return uninterpreted;
  const model = symbol.body?.range.file.builtIn;
  if (symbol.body && (as === 'record' || !model)) return callDefined(f, symbol, e, as);
  if (as === 'record') return lowerIntrinsic(f, symbol, e, 'record') ?? callUnknownRecord(f, symbol, e);
  const known =
    lowerConvention(f, symbol, e) ??
    lowerIntrinsic(f, symbol, e) ??
    lowerMemoryCall(f, symbol, e, used) ??
    lowerThreadCall(f, symbol, e) ??
    lowerLibraryCall(f, symbol, e, used);
  if (known) return known.value;
  // Our own model of a library function, in C (library/); what is known above is known more exactly.
  if (symbol.body) return callDefined(f, symbol, e);
  return callUnknown(f, symbol, e);
}

function markModel(f: FunctionState, model: FunctionSymbol, range: Range): void {
  const approximation = f.unit.approximationOf(model);
  if (approximation !== undefined) f.approximate(approximation, range);
}

function callsOthers({ body }: FunctionSymbol): boolean {
  if (!body) return false;
  for (const root of expressionsOf(body.statement)) {
    for (const e of expressionsIn(root)) if (e.kind === 'call') return true;
  }
  return false;
}

/** One argument, lowered: scalars with their types, or the address of a record that fits no registers. */
interface Part {
  value: Value;
  readonly type: ScalarType;
}

const addressType: ScalarType = { kind: 'pointer', to: { kind: 'void' } };

function callDefined(
  f: FunctionState,
  symbol: FunctionSymbol,
  e: TypedOf<'call'>,
  as?: 'record',
): Value | RecordValue | undefined {
  const { unit } = f;
  const parameters = symbol.body!.parameters;
  const tooFew = e.args.length < parameters.length;
  const called = e.callee.type.kind === 'pointer' ? e.callee.type.to : e.callee.type;
  if (tooFew && called.kind === 'function' && called.prototype)
    unsupported('C0609', `a call of \`${symbol.name}\` with too few arguments`, e.range);
  const groups: Part[][] = [];
  const further: Typed[] = [];
  for (const [i, arg] of e.args.entries()) {
    for (const group of groups) for (const part of group) part.value = keepOver(f, part.value, part.type, [arg]);
    const parameter = parameters[i];
    if (!parameter) {
      if (symbol.type.variadic) further.push(arg);
      else lowerEffect(f, arg);
    } else if (isAggregate(parameter.type)) {
      const value = lowerRecord(f, arg);
      groups.push(
        value.kind === 'memory'
          ? [{ value: { term: value.address }, type: addressType }]
          : [...value.parts.values()].map(({ value: part, leaf }) => ({ value: part, type: leaf.type })),
      );
    } else {
      const type = scalarType(parameter.type);
      if (!type) {
        const { code, what } = refusedType(parameter.type);
        return unsupported(code, `${what} (\`${textOf(arg.range)}\`)`, arg.range);
      }
      // A function in the old style takes promoted arguments and converts them itself.
      const value = convertScalar(f, lowerValue(f, arg), typeOf(arg), type, arg.range);
      groups.push([{ value, type }]);
    }
  }
  // Without a prototype nothing compares the numbers of arguments; a parameter without one holds anything [C11 6.5.2.2p6].
  for (const parameter of parameters.slice(e.args.length)) {
    const type = scalarType(parameter.type);
    if (!type) unsupported('C0609', `a call of \`${symbol.name}\` with too few arguments`, e.range);
    groups.push([{ value: f.anything(type), type }]);
    f.unit.assume(`a missing argument of \`${symbol.name}\` is taken to be any value`, e.range);
  }
  const args: Term[] = groups.flat().map((part) => part.value.term);
  if (symbol.type.variadic) {
    const saved = groups.flat().map((part) => keepOver(f, part.value, part.type, further).term);
    args.splice(0, args.length, ...saved, passArguments(f, symbol, further, e.range));
  }
  unit.need(symbol);
  if (!callsOthers(symbol)) markModel(f, symbol, e.range);
  const result = symbol.type.result;
  const leaves = leavesOf(result);
  const results = (leaves ?? []).map((leaf) => f.temporary(`${symbol.name} result`, leaf.type));
  // By convention, a function of such a name runs in one step.
  const atomic = unit.threads.several && /^__VERIFIER_atomic_/.test(symbol.name);
  if (atomic) f.emit(unit.threads.atomic('begin'));
  f.emit({ kind: 'call', callee: symbol.name, args, results, origin: spanOf(e.range) });
  if (atomic) f.emit(unit.threads.atomic('end'));
  f.separate();
  if (!leaves) {
    const address = unit.resultObject(symbol).base;
    return as === 'record' ? { kind: 'memory', address } : undefined;
  }
  const values = leaves.map((leaf, i) => ({ value: { term: results[i]!, ...f.boundsOf(leaf.type) }, leaf }));
  if (as === 'record') return { kind: 'scalars', parts: new Map(leaves.map((leaf, i) => [leaf.path, values[i]!])) };
  return values[0]?.value;
}

/** `a && !b` as a check at the current place. */
export function assertion(f: FunctionState, condition: Typed, range: Range, message?: string): void {
  const property = lowerCondition(f, condition);
  const what = textOf(condition.range);
  const note = message === undefined ? '' : ` (${message})`;
  if (f.unit.checked('assertion')) {
    if (property === f.terms.true) return;
    f.require(
      { kind: 'assertion', property, text: `\`${what}\` holds${note}`, failure: `\`${what}\` is false${note}` },
      range,
    );
    return;
  }
  // Not looked at: a false assertion ends the program, as it does when it runs.
  const good = f.newLocation();
  const bad = f.newLocation();
  f.branch(property, good, bad);
  f.resume(bad);
  f.abort(range);
  f.resume(good);
}

interface Known {
  readonly value: Value | undefined;
}

export const nondet =
  /^(?:__VERIFIER_nondet_|__CPROVER_nondet_|__ESBMC_nondet_|nondet_|__nondet_)\w+$|^(?:nondet|__VERIFIER_nondet|__nondet)$/;
const assumes = new Set([
  '__VERIFIER_assume',
  '__ESBMC_assume',
  '__CPROVER_assume',
  'assume',
  '__assume',
  'assume_abort_if_not',
]);
const asserts = new Set(['__VERIFIER_assert', '__ESBMC_assert', '__CPROVER_assert', '__assert', 'assert']);
const errors = new Set(['__VERIFIER_error', 'reach_error', '__VERIFIER_fail']);
const assertFailures = new Set(['__assert_fail', '__assert_func', '__assert_rtn', '__assert_perror_fail', '_wassert']);
const silent = new Set([
  '__VERIFIER_atomic_begin',
  '__VERIFIER_atomic_end',
  '__ESBMC_atomic_begin',
  '__ESBMC_atomic_end',
  '__CPROVER_atomic_begin',
  '__CPROVER_atomic_end',
]);

/** The conventions of verification: nondeterministic values, assumptions, assertions, errors. */
function lowerConvention(f: FunctionState, symbol: FunctionSymbol, e: TypedOf<'call'>): Known | undefined {
  const { name } = symbol;
  const first = e.args[0];
  // Given an address, it may write there: that is for whoever models memory.
  if (nondet.test(name) && e.args.every((arg) => arg.type.kind !== 'pointer')) {
    for (const arg of e.args) lowerEffect(f, arg);
    const { result } = symbol.type;
    if (result.kind === 'void') return { value: undefined };
    const type = scalarType(result);
    if (type) return { value: f.anything(type, `${name}()`) };
    const { code, what } = refusedType(result);
    return unsupported(code, `${what} (\`${textOf(e.range)}\`)`, e.range);
  }
  if (assumes.has(name) && first) {
    f.emit({ kind: 'assume', condition: lowerCondition(f, first) });
    return { value: undefined };
  }
  if (asserts.has(name) && first) {
    assertion(f, first, e.range, literalText(e.args[1]));
    return { value: undefined };
  }
  if (errors.has(name)) {
    failHere(f, 'unreachable', e.range, `\`${name}\` is never called`, `\`${name}\` is called`);
    return { value: undefined };
  }
  if (assertFailures.has(name)) {
    const message = literalText(first);
    const what = message === undefined ? 'an assertion' : `\`${message}\``;
    failHere(f, 'assertion', e.range, `${what} holds`, `${what} is false`);
    return { value: undefined };
  }
  if (silent.has(name)) {
    if (f.unit.threads.several) f.emit(f.unit.threads.atomic(name.endsWith('begin') ? 'begin' : 'end'));
    return { value: undefined };
  }
  if ((name === '__tertium_require' || name === '__tertium_require_fit') && first) {
    const kind = name === '__tertium_require' ? 'bounds' : 'overflow';
    const property = lowerCondition(f, first);
    const failure = literalText(e.args[1]) ?? '';
    if (f.unit.checked(kind)) {
      f.require({ kind, property, text: `it is not so that ${failure}`, failure }, e.range);
    }
    return { value: undefined };
  }
  const asked = name === 'terminates' && first && functionIn(first);
  if (asked) {
    // The question itself, as a function. Whatever it answers is possible here; see SOUNDNESS.md.
    const call = `terminates(${asked.name})`;
    f.approximate(`\`${call}\` may answer yes or no here`, e.range);
    return { value: f.anything(f.unit.types.bool, call) };
  }
  return undefined;
}

/** The function that an argument names. */
function functionIn(e: Typed): FunctionSymbol | undefined {
  let at = e;
  while (at.kind === 'convert') at = at.operand;
  return at.kind === 'address' && at.lvalue.kind === 'function' ? at.lvalue.symbol : undefined;
}

/** Reaching this is a failure; if nobody looks at it, the program ends as it would when it runs. */
function failHere(
  f: FunctionState,
  kind: 'unreachable' | 'assertion',
  range: Range,
  text: string,
  failure: string,
): void {
  if (f.unit.checked(kind)) {
    f.require({ kind, property: f.terms.false, text, failure }, range);
    f.stop();
  } else {
    f.abort(range);
  }
}

/** The text of a string literal argument. */
export function literalText(e: Typed | undefined): string | undefined {
  let at = e;
  while (at?.kind === 'convert') at = at.operand;
  const literal = at?.kind === 'address' ? at.lvalue : undefined;
  return literal?.kind === 'string' ? new TextDecoder().decode(Uint8Array.from(literal.units)) : undefined;
}

function callUnknown(f: FunctionState, symbol: FunctionSymbol, e: TypedOf<'call'>): Value | undefined {
  const { result } = symbol.type;
  const type = result.kind === 'void' ? undefined : scalarType(result);
  refuseLibrary(symbol, e);
  if (!type && result.kind === 'record') {
    // Nobody uses the structure that it returns.
    callUnknownRecord(f, symbol, e);
    return undefined;
  }
  if (!type && result.kind !== 'void') {
    const { code, what } = refusedType(result);
    unsupported(code, `${what}, which \`${symbol.name}\` returns`, e.range);
  }
  let changes = false;
  for (const arg of e.args) {
    const to = arg.type.kind === 'pointer' ? arg.type.to : undefined;
    if (isAggregate(arg.type)) lowerRecord(f, arg);
    else if (to && !to.const && to.kind !== 'function' && !symbol.noreturn) {
      // It may write to what it is given an address of.
      f.emit(f.unit.memory.fill(f.save(lowerValue(f, arg), addressType).term, 'anything'));
      changes = true;
    } else lowerEffect(f, arg);
  }
  if (symbol.noreturn) {
    f.unit.assume(`\`${symbol.name}\`, which has no body here, ends the program`, e.range);
    f.stop();
    return undefined;
  }
  const gives = result.kind === 'void' ? '' : ` may return any ${formatType(result)},`;
  const what = changes
    ? 'may change the objects that its arguments lead to, and nothing else here'
    : 'changes nothing here';
  const text = `\`${symbol.name}\`, which has no body here,${gives} returns always, and ${what}`;
  // What a function of the C library does is known, if not to us: then the rest is no matter of the outside world.
  const ours = changes || symbol.library || isMathFunction(symbol.name);
  if (ours) f.approximate(text, e.range);
  else f.unit.assume(text, e.range);
  return type ? f.anything(type, `${symbol.name}()`) : undefined;
}

/** What the C library does is fixed: a function of it that we have no model of is not "any function". */
function refuseLibrary(symbol: FunctionSymbol, e: TypedOf<'call'>): void {
  if (/^__(?:ESBMC|CPROVER)_/.test(symbol.name)) {
    unsupported('C0608', `\`${symbol.name}\`, which another tool gives a meaning of its own`, e.range);
  }
  if (symbol.namesake) return;
  const header = headerThatDeclares(symbol.name);
  if ((symbol.library && header !== conventionsName) || (header !== undefined && header !== conventionsName))
    unsupported('C0608', `\`${symbol.name}\` of the C library`, e.range);
}

/** A structure from outside: by the conventions of verification, or from an unknown function of numbers. */
function callUnknownRecord(f: FunctionState, symbol: FunctionSymbol, e: TypedOf<'call'>): RecordValue {
  if (!nondet.test(symbol.name)) refuseLibrary(symbol, e);
  for (const arg of e.args) {
    if (arg.type.kind === 'record') lowerRecord(f, arg);
    else lowerEffect(f, arg);
  }
  if (!nondet.test(symbol.name)) {
    const text = `\`${symbol.name}\`, which has no body here, may return any value, returns always, and changes nothing here`;
    if (symbol.library) f.approximate(text, e.range);
    else f.unit.assume(text, e.range);
  }
  return anyRecord(f, symbol.type.result, `${symbol.name}()`, e.range);
}
