/**
 * `try` (language reference 8.4): handlers by class, `else`, and `finally`, whose body is carried out on every way out and is
 * therefore lowered once for each: normal end, break, continue, return, exception.
 */
import type { ExceptHandler, Expression, Try } from '../ast.ts';
import type { Body, Collector, Jumps, Point } from './body.ts';
import { builtinNamed } from './builtin-names.ts';
import { assignName, closureKey, variableKey } from './expressions.ts';
import { returnKey } from './instances.ts';
import { raisedKey, raiseValue } from './raising.ts';
import { execute } from './statements.ts';
import { classOf, exceptionOf, type Type, unboundType } from './types.ts';

export function executeTry(body: Body, node: Try): void {
  if (node.finalbody.length === 0) handled(body, node);
  else
    finalised(
      body,
      node.start,
      () => handled(body, node),
      () => execute(body, node.finalbody),
    );
}

/** Carries out `work`, and `finalise` on every way out of it. */
function finalised(body: Body, place: number, work: () => void, finalise: () => void): void {
  const outer = body.jumps;
  const inner = {
    ...(outer.break ? { break: body.collector() } : {}),
    ...(outer.continue ? { continue: body.collector() } : {}),
    return: body.collector(),
    raise: body.collector(),
  } satisfies Jumps;
  body.jumps = inner;
  work();
  body.jumps = outer;
  const ends: (Point | undefined)[] = [];
  finalise();
  if (body.alive) ends.push(body.point());

  const after = (from: Collector | undefined, saved: string | undefined, goOn: (key: string) => void): void => {
    body.join(from?.points ?? []);
    if (!body.alive) return;
    const key = `${saved ?? ''}.pending@${place}`;
    const { handled: before } = body;
    if (saved) body.store(key, body.load(saved));
    if (saved === raisedKey) body.handled = key;
    finalise();
    body.handled = before;
    if (body.alive) goOn(key);
    body.stop();
  };
  after(inner.break, undefined, () => body.jump(outer.break!));
  after(inner.continue, undefined, () => body.jump(outer.continue!));
  after(inner.return, returnKey, (key) => {
    body.store(returnKey, body.load(key));
    body.jump(outer.return);
  });
  after(inner.raise, raisedKey, (key) => raiseValue(body, body.load(key)));
  body.join(ends);
}

/** The body, its handlers and `else`. */
function handled(body: Body, node: Try): void {
  if (node.handlers.length === 0) {
    execute(body, node.body);
    return;
  }
  const outer = body.jumps;
  const raised = body.collector();
  body.jumps = { ...outer, raise: raised };
  execute(body, node.body);
  body.jumps = outer;
  execute(body, node.orelse);
  const ends: (Point | undefined)[] = [body.alive ? body.point() : undefined];

  const key = `.handled@${node.start}`;
  body.join(raised.points);
  if (body.alive) body.store(key, body.load(raisedKey));
  for (const handler of node.handlers) {
    if (!body.alive) break;
    const catches = classesCaught(body, handler);
    if (!catches) {
      body.unsupported(handler, `\`${body.unit.text(handler.type!)}\` as the class of a handler`);
      break;
    }
    const exception = body.load(key);
    const isCaught = (type: Type): boolean =>
      catches.some((cls) => body.unit.classes.isSubclass(exceptionOf(type)!.className, cls));
    const caught = exception.types.filter(isCaught);
    if (caught.length === 0) continue;
    const { yes, no } = body.split(body.values.term(body.values.hasType(exception, isCaught)));
    body.resume(yes);
    if (caught.length < exception.types.length) body.narrow(key, caught);
    handle(body, handler, key);
    ends.push(body.alive ? body.point() : undefined);
    body.resume(no);
    if (body.alive)
      body.narrow(
        key,
        exception.types.filter((type) => !isCaught(type)),
      );
  }
  if (body.alive) raiseValue(body, body.load(key));
  body.join(ends);
}

function handle(body: Body, handler: ExceptHandler, key: string): void {
  const { handled: before } = body;
  const { name } = handler;
  body.handled = key;
  if (name === null) execute(body, handler.body);
  else {
    assignName(body, name, handler, body.load(key));
    // `except E as name` deletes the name on every way out.
    finalised(
      body,
      handler.start,
      () => execute(body, handler.body),
      () => {
        if (body.alive) assignName(body, name, handler, body.values.object(unboundType));
      },
    );
  }
  body.handled = before;
}

/** The classes that a handler names; undefined if they are not known. */
function classesCaught(body: Body, handler: ExceptHandler): readonly string[] | undefined {
  if (!handler.type) return ['BaseException'];
  const named = (node: Expression): readonly string[] | undefined => {
    if (node.kind === 'Tuple') {
      const parts = node.elts.map(named);
      return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
    }
    if (node.kind !== 'Name') return undefined;
    const variable = variableKey(body, node.id);
    const types =
      variable === undefined ? [builtinNamed(node.id) ?? ''] : variable === closureKey ? [] : body.typesOf(variable);
    const cls = types.length === 1 ? classOf(types[0]!) : undefined;
    return cls === undefined ? undefined : [cls];
  };
  return named(handler.type);
}
