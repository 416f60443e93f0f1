import { unsupported } from '../diagnostics.ts';
import { textOf } from '../preprocessor/source-file.ts';
import { creators } from '../threads/operations.ts';
import type { FunctionSymbol, Typed, TypedOf, TypedUnit } from '../types/typed.ts';
import { calledFunction, expressionsIn, expressionsOf } from './effects.ts';
import { hasExitHandlers } from './exit-handlers.ts';
import { lowerEffect, lowerValue, typeOf } from './expressions.ts';
import { constantValue, type Value } from './integers.ts';
import { writePlace } from './places.ts';
import type { FunctionState } from './state.ts';
import { leavesOf } from './storage.ts';

/** Starting threads: the body of the thread is a branch of its own, which threads/interleaving.ts takes apart again. */

/** Whether some function of the program starts a thread. */
export function startsThreads(unit: TypedUnit): boolean {
  for (const symbol of unit.functions.values()) {
    if (!symbol.body) continue;
    for (const root of expressionsOf(symbol.body.statement)) {
      for (const e of expressionsIn(root)) {
        const callee = calledFunction(e);
        if (callee && !callee.body && Object.hasOwn(creators, callee.name)) return true;
      }
    }
  }
  return false;
}

export function lowerThreadCall(
  f: FunctionState,
  symbol: FunctionSymbol,
  e: TypedOf<'call'>,
): { readonly value: Value | undefined } | undefined {
  const { unit } = f;
  if (!Object.hasOwn(creators, symbol.name)) return undefined;
  const { body, argument } = creators[symbol.name]!;
  if (e.args.length !== argument + 1) return undefined;
  const thread = functionIn(e.args[body]!);
  if (!thread?.body) {
    return unsupported(
      'C0640',
      `a thread whose function is not named where it starts (\`${textOf(e.range)}\`)`,
      e.range,
    );
  }
  const leaves = leavesOf(thread.type.result);
  const parameters = thread.body.parameters;
  const known =
    parameters.length <= 1 &&
    parameters.every((p) => p.type.kind === 'pointer') &&
    !thread.type.variadic &&
    leaves !== undefined &&
    leaves.length <= 1 &&
    leaves.every((leaf) => leaf.type.kind !== 'floating');
  if (!known) return unsupported('C0640', `a thread that runs \`${thread.name}\`, which has another type`, e.range);
  const where = f.save(lowerValue(f, e.args[0]!), typeOf(e.args[0]!), 'place of the thread');
  if (body === 2) lowerEffect(f, e.args[1]!);
  const given = f.save(lowerValue(f, e.args[argument]!), typeOf(e.args[argument]!), 'argument of the thread');
  const { ulong } = unit.types;
  const id = f.temporary('thread', ulong);
  unit.need(thread);
  f.separate();
  const at = f.location();
  f.emit({ kind: 'assign', target: unit.threads.create, value: id });
  const results = leaves.map((leaf) => f.temporary(`${thread.name} result`, leaf.type));
  f.emit({ kind: 'call', callee: thread.name, args: parameters.map(() => given.term), results });
  f.separate();
  f.emit({ kind: 'assign', target: unit.threads.exit, value: results[0] ?? f.terms.int(0) });
  f.stop();
  const next = f.newLocation();
  f.resume(at);
  f.jump(next);
  f.resume(next);
  if (where.term !== f.terms.int(0)) {
    const place = {
      kind: 'memory' as const,
      address: { start: where.term, subscripts: [] },
      type: ulong,
      certain: false,
    };
    writePlace(f, place, { term: id, ...f.boundsOf(ulong) }, e.args[0]!.range);
  }
  unit.assume('a thread can always be started', e.range);
  return { value: constantValue(f.terms, 0n) };
}

/** Ends the thread that calls it. */
export function exitThread(f: FunctionState, e: TypedOf<'call'>): void {
  if (hasExitHandlers(f.unit.unit))
    unsupported('C0648', 'threads that end themselves, together with `atexit`', e.range);
  const value = e.args[0] ? lowerValue(f, e.args[0]).term : f.terms.int(0);
  f.emit({ kind: 'assign', target: f.unit.threads.exit, value });
  f.stop();
}

function functionIn(e: Typed): FunctionSymbol | undefined {
  let at = e;
  while (at.kind === 'convert') at = at.operand;
  return at.kind === 'address' && at.lvalue.kind === 'function' ? at.lvalue.symbol : undefined;
}

/** `thread-…` and `atomic-…`: what models of the library, and the macros of atomic operations, are written with. */
export function lowerThreadBuiltin(f: FunctionState, e: TypedOf<'builtin'>): Value | undefined {
  const { threads } = f.unit;
  const first = e.args[0];
  switch (e.name) {
    case 'atomic-begin':
    case 'atomic-end':
      if (threads.several) f.emit(threads.atomic(e.name === 'atomic-begin' ? 'begin' : 'end'));
      return undefined;
    case 'thread-self':
      return threads.several
        ? f.save({ term: threads.self, ...f.boundsOf(f.unit.types.uint) }, f.unit.types.ulong, 'thread')
        : constantValue(f.terms, 1n);
    case 'thread-wait': {
      const thread = lowerValue(f, first!).term;
      if (threads.several) f.emit({ kind: 'assume', condition: threads.hasEnded(thread) });
      return undefined;
    }
    case 'thread-result': {
      const thread = lowerValue(f, first!).term;
      if (!threads.several) return constantValue(f.terms, 0n);
      return f.save({ term: threads.resultOf(thread) }, { kind: 'pointer', to: { kind: 'void' } }, 'thread result');
    }
    default:
      return undefined;
  }
}
