/**
 * `while` and `for … in range(…)` with their `else` (language reference 8.2, 8.3). The range is evaluated once; the loop variable
 * gets its value at the start of each turn from a counter of its own, so that assigning to it in the body changes nothing for the next
 * turn, and it stays unbound after a loop without turns.
 */
import type { LoopHead } from '../../../program/program.ts';
import type { Expression, For, While } from '../ast.ts';
import { namesBoundAt, nodesOf } from '../bound-names.ts';
import type { Body, Point } from './body.ts';
import { builtinNamed } from './builtin-names.ts';
import { assignName, branch, evaluateAll, variableKey } from './expressions.ts';
import { attachHints } from './hints.ts';
import { demandNumber } from './narrowing.ts';
import { failUnless } from './raising.ts';
import { execute } from './statements.ts';
import { builtinType, intType, typesOf } from './types.ts';
import type { Value } from './value.ts';

interface Turn {
  readonly back: readonly Point[];
  readonly breaks: readonly Point[];
  /** Where the loop goes on when its condition fails. */
  readonly done: Point | undefined;
}

/** A loop, given how one turn starts at the head: the points inside the turn and after the last. */
function loop(
  body: Body,
  node: For | While,
  keyword: LoopHead['keyword'],
  conditionText: string,
  enter: () => { readonly yes: Point | undefined; readonly no: Point | undefined },
  atHead: () => void,
): void {
  const { jumps } = body;
  const turn = (): Turn => {
    const { yes, no } = enter();
    const breaks = body.collector();
    const continues = body.collector();
    body.resume(yes);
    body.jumps = { ...jumps, break: breaks, continue: continues };
    execute(body, node.body);
    body.jumps = jumps;
    body.jump(continues);
    return { back: continues.points, breaks: breaks.points, done: no };
  };
  const head = body.loopHead(node, () => turn().back);
  const origin = body.unit.span(node);
  body.describeLoop(head.at, { origin, loop: { keyword, conditionText, origin } });
  atHead();
  attachHints(body, node, head.at);
  const { back, breaks, done } = turn();
  body.closeLoop(back, head);
  body.resume(done);
  execute(body, node.orelse);
  body.join([...breaks, body.alive ? body.point() : undefined]);
}

export function executeWhile(body: Body, node: While): void {
  loop(
    body,
    node,
    'while',
    body.unit.text(node.test),
    () => branch(body, node.test),
    () => undefined,
  );
}

export function executeFor(body: Body, node: For): void {
  const { unit, values } = body;
  const t = values.terms;
  const call = rangeCall(body, node.iter);
  if (!call || node.target.kind !== 'Name') {
    body.unsupported(node, `\`for ${unit.text(node.target)} in ${unit.text(node.iter)}\``);
    return;
  }
  const numbers: Value[] = [];
  for (const value of evaluateAll(body, call.args)) {
    const number = demandNumber(body, value, call);
    if (!body.alive || number.types.length === 0) return;
    numbers.push(keptDuring(body, node, values.int(values.asInt(number))));
  }
  if (!body.alive) return;
  const [first, second, third] = numbers;
  const start = second ? first! : values.constant(0n);
  const stop = (second ?? first)!.payload!;
  const step = (third ?? values.constant(1n)).payload!;
  failUnless(body, values.isNonZero(step), {
    className: 'ValueError',
    node: call,
    text: `the step of \`${unit.text(call)}\` is not 0`,
    failure: `the step of \`${unit.text(call)}\` is 0`,
    message: 'range() arg 3 must not be zero',
  });
  if (!body.alive) return;
  const { id } = node.target;
  const counter = `.${id}.next@${node.start}`;
  body.store(counter, start);
  const upwards = t.less(t.int(0), step);
  const enter = (): ReturnType<typeof branch> => {
    const next = body.load(counter).payload!;
    const below = t.less(next, stop);
    const above = t.greater(next, stop);
    const direction = step.kind === 'value' ? (step.value as bigint) > 0n : undefined;
    const more =
      direction === undefined ? t.or(t.and(upwards, below), t.and(t.not(upwards), above)) : direction ? below : above;
    const { yes, no } = body.split(more);
    body.resume(yes);
    assignName(body, id, node.target, body.load(counter));
    if (body.alive) body.store(counter, values.int(t.add(next, step)));
    return { yes: body.alive ? body.point() : undefined, no };
  };
  const key = variableKey(body, id)!;
  const atHead = (): void => {
    // In a hint the loop variable stands for the value that the next turn would give it.
    body.overrides = new Map([[key, { types: typesOf(intType), payload: body.load(counter).payload! }]]);
  };
  loop(body, node, 'for', `${id} in ${unit.text(node.iter)}`, enter, atHead);
  if (body.alive) body.forget(counter);
}

/** The bounds are evaluated once: they are kept if the loop may change what they are made of. */
function keptDuring(body: Body, node: For, value: Value): Value {
  const names = new Set<string>();
  let calls = false;
  for (const part of nodesOf([node.target, ...node.body])) {
    for (const name of namesBoundAt(part)) if (name !== null) names.add(name);
    if (part === node.target && part.kind === 'Name') names.add(part.id);
    if (part.kind === 'Call') calls = true;
  }
  const keys = [...names].map((name) => variableKey(body, name)).filter((key) => key !== undefined);
  if (calls) keys.push(...[...body.environment.keys()].filter((key) => body.unit.isShared(key)));
  return keys.some((key) => body.dependsOn(value, key)) ? body.freeze(value) : value;
}

function rangeCall(body: Body, node: Expression): (Expression & { kind: 'Call' }) | undefined {
  if (node.kind !== 'Call' || node.func.kind !== 'Name' || node.func.id !== 'range') return undefined;
  if (variableKey(body, 'range') !== undefined || builtinNamed('range') !== builtinType('range')) return undefined;
  const plain = node.keywords.length === 0 && node.args.every((a) => a.kind !== 'Starred');
  return plain && node.args.length >= 1 && node.args.length <= 3 ? node : undefined;
}
