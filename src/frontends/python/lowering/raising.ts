/**
 * Exceptions. One that nothing can catch is a Check: its property is the condition under which it is not raised. Inside a `try`, and
 * in functions that are called from inside one, it is a jump to the handlers, with the exception in a pseudo-variable; there its type
 * says which class it is and where it was raised.
 */
import type { CheckKind } from '../../../program/program.ts';
import type { Term } from '../../../terms/term.ts';
import type { Node } from '../ast.ts';
import type { Body } from './body.ts';
import { className } from './exception-classes.ts';
import { exceptionType, typesOf } from './types.ts';
import type { Value } from './value.ts';

/** Why an exception is raised, in words for a check. */
export interface Failure {
  readonly className: string;
  readonly node: Node;
  /** What holds when it is not raised: "`y` is not 0 in `x // y`". */
  readonly text: string;
  /** What went wrong when it is: "`x // y` divides by zero". */
  readonly failure: string;
  readonly kind?: CheckKind;
  /** What `str()` of the exception gives, if known. */
  readonly message?: string;
}

/** The pseudo-variable with the exception on its way to a handler. */
export const raisedKey = '.exception';

/** Raises unless the condition holds, and goes on where it does. */
export function failUnless(body: Body, condition: Term | boolean, failure: Failure): void {
  const property = body.values.term(condition);
  const t = body.values.terms;
  if (!body.alive || property === t.true) return;
  if (property !== t.false && !body.jumps.raise && isLookedAt(body, failure)) {
    const at = body.here();
    addCheck(body, at, property, failure);
    body.emit({ kind: 'assume', condition: property });
    return;
  }
  const { yes, no } = body.split(property);
  body.resume(no);
  raise(body, failure);
  body.resume(yes);
}

export function raise(body: Body, failure: Failure): void {
  if (!body.alive) return;
  raiseValue(body, newException(body, failure));
}

/** An exception object that is raised, or made, at a place. */
export function newException(body: Body, failure: Failure): Value {
  const type = exceptionType(failure.className, failure.node.start);
  body.unit.failures.set(type, failure);
  return { types: typesOf(type) };
}

/** Raises an exception object. requires: all types of the value are exceptions. */
export function raiseValue(body: Body, exception: Value): void {
  if (!body.alive) return;
  const { raise: handlers } = body.jumps;
  if (handlers) {
    body.store(raisedKey, exception);
    body.jump(handlers);
    return;
  }
  for (const type of exception.types) {
    const isType = body.values.term(body.values.hasType(exception, (other) => other === type));
    const { yes, no } = body.split(isType);
    body.resume(yes);
    uncaught(body, type);
    body.resume(no);
  }
  body.stop();
}

function uncaught(body: Body, type: string): void {
  const failure = body.unit.failures.get(type)!;
  if (body.unit.classes.isSubclass(failure.className, 'SystemExit')) body.event({ kind: 'exit', text: '', args: [] });
  else if (isLookedAt(body, failure)) addCheck(body, body.here(), body.values.terms.false, failure);
  body.endRun();
}

function addCheck(body: Body, at: number, property: Term, failure: Failure): void {
  if (body.dry || !body.alive) return;
  body.unit.builder.check({
    kind: kindOf(failure),
    at,
    property,
    text: failure.text,
    failure: `${failure.failure} (${className(failure.className)})`,
    origin: body.unit.span(failure.node),
  });
}

/** A division by zero is an exception too: it is looked at where either kind is. */
function isLookedAt(body: Body, failure: Failure): boolean {
  const { checks } = body.unit;
  const kind = kindOf(failure);
  return checks.has(kind) || (kind === 'division' && checks.has('exception'));
}

function kindOf(failure: Failure): CheckKind {
  if (failure.kind) return failure.kind;
  if (failure.className === 'ZeroDivisionError') return 'division';
  return 'exception';
}

/** `TypeError`: an operation on a value of a wrong type. */
export function typeError(node: Node, what: string, problem: string): Failure {
  return {
    className: 'TypeError',
    node,
    text: `${what} has values of the right types`,
    failure: `${what}: ${problem}`,
  };
}
