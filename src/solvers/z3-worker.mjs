// The inside of a z3 worker thread: z3's WebAssembly build, called synchronously. Plain JavaScript, because a worker is
// loaded by Node itself, from the sources and from the built package alike.
//
// The text of a script is copied to the heap first: the asynchronous wrapper of z3-solver leaves it on a stack that may be
// overwritten before it is read. One context per session. Any exception leaves the engine in an unknown state: the other
// side throws the worker away.
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

const quiet = () => {};
const initialise = createRequire(import.meta.url)(workerData.enginePath);
const engine = await initialise({ print: quiet, printErr: quiet });
const sessions = new Map();
const encoder = new TextEncoder();

engine.ccall(
  'Z3_global_param_set',
  'void',
  ['string', 'string'],
  ['memory_max_size', String(workerData.memoryLimitMegabytes)],
);

function makeContext() {
  const config = engine._Z3_mk_config();
  const context = engine._Z3_mk_context(config);
  engine._Z3_del_config(config);
  engine._set_noop_error_handler(context);
  return context;
}

function dropContext(session) {
  const context = sessions.get(session);
  if (context !== undefined) engine._Z3_del_context(context);
  sessions.delete(session);
}

function evaluate(context, text) {
  const bytes = encoder.encode(text);
  const address = engine._malloc(bytes.length + 1);
  if (address === 0) throw new Error('out of memory');
  try {
    engine.HEAPU8.set(bytes, address);
    engine.HEAPU8[address + bytes.length] = 0;
    return engine.UTF8ToString(engine._Z3_eval_smtlib2_string(context, address));
  } finally {
    engine._free(address);
  }
}

parentPort.on('message', ({ kind, id, session, fresh, text }) => {
  try {
    if (fresh || kind === 'drop') dropContext(session);
    if (kind === 'drop') return;
    if (!sessions.has(session)) sessions.set(session, makeContext());
    parentPort.postMessage({ id, output: evaluate(sessions.get(session), text) });
  } catch (error) {
    parentPort.postMessage({ id, failure: String(error?.message ?? error) });
  }
});
parentPort.postMessage({ ready: true });
