/** Calls of built-in functions on numbers, of `print`, and of the conventions of verification tools. */
import type { Event } from '../../../program/program.ts';
import { boolSort, intSort } from '../../../terms/sort.ts';
import type { Term } from '../../../terms/term.ts';
import type { Expression } from '../ast.ts';
import { inputName } from '../replay.ts';
import type { Body, Point } from './body.ts';
import { branch, evaluate, evaluateAll, noteDigits } from './expressions.ts';
import { demand, demandNumber, describeTypes, isObject } from './narrowing.ts';
import { binaryOperation } from './operators.ts';
import { failUnless, newException, raise } from './raising.ts';
import { truth } from './truth.ts';
import { isTypeTest, typeTest } from './type-tests.ts';
import {
  boolType,
  builtinType,
  exceptionOf,
  functionOf,
  intType,
  isNumeric,
  join,
  noneType,
  numberType,
  objectType,
  type Type,
  textOf,
} from './types.ts';
import { NeedsExactTypes } from './unit.ts';
import { nothing, type Value } from './value.ts';

type Call = Expression & { kind: 'Call' };

export function callBuiltin(body: Body, name: string, node: Call): Value {
  const { values, unit } = body;
  const count = node.args.length;
  const text = `\`${unit.text(node)}\``;
  const plain = node.keywords.length === 0 && node.args.every((a) => a.kind !== 'Starred');
  if (name === 'print') return print(body, node);
  if (!plain) return body.unsupported(node, text);
  switch (name) {
    case 'isinstance':
      if (!isTypeTest(node)) return body.unsupported(node, text);
      return whileAlive(body, () => values.bool(typeTest(body, node)));
    case 'abs':
    case 'round':
    case 'int': {
      if (count !== 1) return count === 0 && name === 'int' ? values.constant(0n) : body.unsupported(node, text);
      const argument = evaluate(body, node.args[0]!);
      if (!body.alive) return nothing;
      const number = numberOnly(body, argument, node);
      if (!body.alive || number.types.length === 0) return nothing;
      const x = values.asInt(number);
      return values.int(name === 'abs' ? values.terms.apply('abs', [x]) : x);
    }
    case 'bool': {
      if (count > 1) return body.unsupported(node, text);
      if (count === 0) return values.constant(false);
      const value = evaluate(body, node.args[0]!);
      return whileAlive(body, () => values.bool(truth(body, value, node)));
    }
    case 'max':
    case 'min':
      return count < 2 ? body.unsupported(node, text) : extreme(body, name, node);
    case 'pow': {
      if (count !== 2) return body.unsupported(node, text);
      const [base, exponent] = evaluateAll(body, node.args);
      return body.alive ? binaryOperation(body, 'Pow', base!, exponent!, node) : nothing;
    }
    case 'str':
    case 'repr':
      return textOfValue(body, node);
    case 'type':
      return count === 1 ? typeOf(body, node) : body.unsupported(node, text);
    case 'exit':
    case 'quit':
    case 'sys.exit':
      evaluateAll(body, node.args);
      raise(body, { className: 'SystemExit', node, text: `${text} is not reached`, failure: `${text} is reached` });
      return nothing;
    case 'random.randint':
      return count === 2 ? randomInteger(body, node) : body.unsupported(node, text);
    case 'nondet_int':
      return values.int(havoc(body, inputLabel(body, node), intSort));
    case 'nondet_nat': {
      const value = havoc(body, inputLabel(body, node), intSort);
      body.emit({ kind: 'assume', condition: values.terms.lessEqual(values.terms.int(0), value) });
      return values.int(value);
    }
    case 'nondet_bool':
      return values.bool(havoc(body, inputLabel(body, node), boolSort));
    case 'assume':
      return assume(body, node);
    case 'verify':
      return verify(body, node);
    case 'terminates':
      return askTermination(body, node);
    default:
      return body.unsupported(node, text);
  }
}

function whileAlive(body: Body, make: () => Value): Value {
  if (!body.alive) return nothing;
  const value = make();
  return body.alive ? value : nothing;
}

/** A number; for None Python raises TypeError; texts could be converted, which is not modelled. */
function numberOnly(body: Body, value: Value, node: Call): Value {
  const known = demand(
    body,
    value,
    (type) => textOf(type) === undefined && !isObject(type),
    (rest) => {
      body.unsupported(node, `\`${body.unit.text(node)}\` on ${describeTypes(rest.types)}`);
    },
  );
  return body.alive && known.types.length > 0 ? demandNumber(body, known, node) : nothing;
}

function extreme(body: Body, name: 'max' | 'min', node: Call): Value {
  const { values } = body;
  const t = values.terms;
  const numbers: Value[] = [];
  for (const value of evaluateAll(body, node.args)) {
    const number = demandNumber(body, value, node);
    if (!body.alive || number.types.length === 0) return nothing;
    numbers.push(number);
  }
  if (!body.alive) return nothing;
  // The first of equal values is the result, as in CPython.
  return numbers.reduce((best, next) => {
    const [x, y] = [values.asInt(best), values.asInt(next)];
    const better = name === 'max' ? t.less(x, y) : t.less(y, x);
    return values.select(better, next, best, join(best.types, next.types));
  });
}

function textOfValue(body: Body, node: Call): Value {
  const [value] = evaluateAll(body, node.args);
  if (!body.alive || node.args.length > 1) return body.unsupported(node, `\`${body.unit.text(node)}\``);
  if (value) {
    noteDigits(body, value);
    if (value.types.some(isObject)) return body.unsupported(node, `the text of ${describeTypes(value.types)}`);
  }
  return body.values.object(objectType('a string'));
}

/** The classes of the modelled values; each is a type of its own, so that the tag goes over. */
function typeOf(body: Body, node: Call): Value {
  const value = evaluate(body, node.args[0]!);
  if (!body.alive) return nothing;
  const known = demand(body, value, isNumeric, (rest) => {
    body.unsupported(node, `the type of ${describeTypes(rest.types)}`);
  });
  if (!body.alive || known.types.length === 0) return nothing;
  if (known.types.includes(numberType)) throw new NeedsExactTypes();
  const { values } = body;
  const results: Value[] = known.types.map((type) => values.object(builtinType(type === boolType ? 'bool' : 'int')));
  if (results.length === 1) return results[0]!;
  const isInt = values.term(values.hasType(known, (type) => type === intType));
  const [first, second] = known.types[0] === intType ? results : [...results].reverse();
  return values.select(isInt, first!, second!, join(first!.types, second!.types));
}

/** The call as the user wrote it, if by the function's own name. */
const inputLabel = (body: Body, node: Call): string => body.unit.text(node);

function havoc(body: Body, input: string, sort: typeof intSort): Term {
  const target = body.temporary(inputName, sort);
  body.emit({ kind: 'havoc', target, input });
  return target;
}

function randomInteger(body: Body, node: Call): Value {
  const { values } = body;
  const t = values.terms;
  const bounds: Term[] = [];
  for (const value of evaluateAll(body, node.args)) {
    const number = demandNumber(body, value, node);
    if (!body.alive || number.types.length === 0) return nothing;
    bounds.push(values.asInt(body.freeze(number)));
  }
  const [low, high] = bounds;
  if (!body.alive) return nothing;
  const text = `\`${body.unit.text(node)}\``;
  failUnless(body, t.lessEqual(low!, high!), {
    className: 'ValueError',
    node,
    text: `the range of ${text} is not empty`,
    failure: `the range of ${text} is empty`,
  });
  if (!body.alive) return nothing;
  const result = havoc(body, `random.randint(${node.args.map((a) => body.unit.text(a)).join(', ')})`, intSort);
  body.emit({ kind: 'assume', condition: values.all([t.lessEqual(low!, result), t.lessEqual(result, high!)]) });
  return values.int(result);
}

/** The question itself, as a function. Whatever it answers is possible here; see SOUNDNESS.md. */
function askTermination(body: Body, node: Call): Value {
  const [subject] = evaluateAll(body, node.args);
  if (!body.alive) return nothing;
  const id = subject?.types.length === 1 && node.args.length === 1 ? functionOf(subject.types[0]!) : undefined;
  const text = `\`${body.unit.text(node)}\``;
  if (id === undefined) return body.unsupported(node, text);
  const call = `terminates(${body.unit.functions[id]!.name})`;
  const answer = body.temporary(inputName, intSort, { low: 0n, high: 1n });
  body.emit({ kind: 'havoc', target: answer, input: call });
  if (!body.dry) {
    const origin = body.unit.span(node);
    body.unit.assume({ kind: 'approximation', side: 'over', text: `\`${call}\` may answer yes or no here`, origin });
  }
  return body.values.bool(body.values.isNonZero(answer));
}

/** Runs on which the condition is false are no runs. */
function assume(body: Body, node: Call): Value {
  if (node.args.length !== 1) return body.unsupported(node, `\`${body.unit.text(node)}\``);
  const { yes, no } = branch(body, node.args[0]!);
  body.resume(no);
  if (body.alive) {
    body.emit({ kind: 'assume', condition: body.values.terms.false });
    body.endRun();
  }
  body.resume(yes);
  return body.alive ? body.values.object(noneType) : nothing;
}

/** An assertion of a verification tool: nothing in the program catches its failure. */
function verify(body: Body, node: Call): Value {
  const [test] = node.args;
  if (!test || node.args.length > 2) return body.unsupported(node, `\`${body.unit.text(node)}\``);
  const { yes, no } = branch(body, test);
  const { jumps } = body;
  body.resume(no);
  const { raise: _, ...uncaught } = jumps;
  body.jumps = uncaught;
  failUnless(body, false, {
    className: 'AssertionError',
    node,
    text: `\`${body.unit.text(test)}\` holds`,
    failure: `\`${body.unit.text(test)}\` fails`,
    kind: 'assertion',
  });
  body.jumps = jumps;
  body.resume(yes);
  return body.alive ? body.values.object(noneType) : nothing;
}

// ---- print

/** One event per print; where an argument has several types, one for each. */
function print(body: Body, node: Call): Value {
  const text = `\`${body.unit.text(node)}\``;
  if (node.args.some((a) => a.kind === 'Starred')) return body.unsupported(node, text);
  let separator = ' ';
  let end = '\n';
  for (const { arg, value } of node.keywords) {
    if (arg === 'flush' && value.kind === 'Constant') continue;
    const literal = value.kind === 'Constant' && value.value.type === 'str' ? value.value.value : undefined;
    if (literal === undefined) return body.unsupported(node, text);
    if (arg === 'sep') separator = literal;
    else if (arg === 'end') end = literal;
    else return body.unsupported(node, text);
  }
  const parts: (string | Value)[] = [];
  const pieces: Expression[] = [];
  for (const argument of node.args) {
    const inner = argument.kind === 'JoinedStr' ? argument.values : [argument];
    if (inner.some((p) => p.kind === 'FormattedValue' && p.format_spec)) {
      return body.unsupported(node, 'a format specification');
    }
    pieces.push(...inner.map((p) => (p.kind === 'FormattedValue' ? p.value : p)));
  }
  const found = evaluateAll(body, pieces);
  if (!body.alive) return nothing;
  let next = 0;
  for (const [i, argument] of node.args.entries()) {
    if (i > 0) parts.push(separator);
    const length = argument.kind === 'JoinedStr' ? argument.values.length : 1;
    parts.push(...found.slice(next, next + length));
    next += length;
  }
  parts.push(end);
  const quoted = node.args.some(
    (a) => a.kind === 'JoinedStr' && a.values.some((p) => p.kind === 'FormattedValue' && /[ra]/.test(p.conversion)),
  );
  if (quoted && found.some((v) => v.types.some((type) => textOf(type) !== undefined))) {
    return body.unsupported(node, 'the quoted form of a string');
  }
  return printParts(body, node, parts);
}

function printParts(body: Body, node: Call, parts: readonly (string | Value)[]): Value {
  const several = parts.findIndex((part) => typeof part !== 'string' && part.types.length > 1);
  if (several >= 0) {
    const value = parts[several] as Value;
    const ends: (Point | undefined)[] = [];
    let rest: Point | undefined = body.point();
    for (const type of value.types) {
      body.resume(rest);
      const { yes, no } = body.split(body.values.term(body.values.hasType(value, (other) => other === type)));
      rest = no;
      body.resume(yes);
      if (!body.alive) continue;
      printParts(body, node, parts.with(several, body.values.narrow(value, [type])));
      if (body.alive) ends.push(body.point());
    }
    body.join(ends);
    return body.alive ? body.values.object(noneType) : nothing;
  }
  let text = '';
  const args: Term[] = [];
  const formats: string[] = [];
  for (const part of parts) {
    const literal = typeof part === 'string' ? part : literalText(body, part.types[0]!);
    if (literal !== undefined) text += literal;
    else if (typeof part !== 'string' && part.payload) {
      noteDigits(body, part);
      text += '{}';
      args.push(part.payload);
      formats.push(part.types[0]!);
    } else return body.unsupported(node, `printing ${typeof part === 'string' ? 'this' : describeTypes(part.types)}`);
  }
  const event: Omit<Event, 'at' | 'origin'> = { kind: 'print', text, args, formats };
  body.event(event);
  return body.values.object(noneType);
}

/** What an object without payload prints as; undefined for numbers and what is not modelled. */
function literalText(body: Body, type: Type): string | undefined {
  if (type === noneType) return 'None';
  return exceptionOf(type) ? body.unit.failures.get(type)?.message : textOf(type);
}

/** `ValueError("…")`: an exception object; its message is known if it is a literal. */
export function makeException(body: Body, cls: string, node: Call): Value {
  if (node.keywords.length > 0 || node.args.some((a) => a.kind === 'Starred')) {
    return body.unsupported(node, `\`${body.unit.text(node)}\``);
  }
  const args = evaluateAll(body, node.args);
  if (!body.alive) return nothing;
  const texts = args.map((a) => (a.types.length === 1 ? textOf(a.types[0]!) : undefined));
  const message = args.length === 0 ? '' : args.length === 1 ? texts[0] : undefined;
  return newException(body, {
    className: cls,
    node,
    text: `${cls.split('@')[0]} is not raised`,
    failure: 'the program raises an exception',
    kind: 'exception',
    ...(message === undefined ? {} : { message }),
  });
}
