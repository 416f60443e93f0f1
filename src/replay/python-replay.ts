import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Task } from '../program/question.ts';
import type { NativeReplay } from '../reports/report.ts';
import type { Value } from '../terms/value.ts';
import { expectationOf, type Witness } from './expectation.ts';
import { runLimited } from './native-run.ts';

/**
 * Runs a counterexample in Python for real: a generated script loads the user's file, answers nondeterministic functions from
 * a list, calls the function with the values, and tells how it ended. Limits as in native-run.ts.
 */
const runTimeoutMs = 3_000;

/** How the run is started: the arguments as they stand in a call, and the values of globals. The front end knows them. */
export interface PythonStart {
  readonly args: readonly string[];
  readonly globals: readonly (readonly [name: string, value: string])[];
}

export async function replayPython(
  task: Task,
  witness: Witness,
  start: PythonStart | undefined,
  workingFolder: string,
): Promise<NativeReplay> {
  const cannot = (text: string): NativeReplay => ({ kind: 'cannot-run', text });
  const expected = expectationOf(task, witness);
  if (!expected) return cannot('not run: the run ends at nothing that can be seen from outside');
  const values = expected.inputs.map((i) => literal(i.value));
  if (!start || values.includes(undefined)) return cannot('not run: a value has no Python literal');
  const folder = mkdtempSync(join(tmpdir(), 'tertium-replay-'));
  try {
    const source = resolve(workingFolder, task.subject.path);
    const name = task.subject.functionName;
    writeFileSync(
      join(folder, 'harness.py'),
      harness({
        source,
        ...(name === undefined ? {} : { name }),
        start,
        inputs: expected.inputs.map((i, at) => ({ name: i.name.replace(/\(.*\)$/, ''), value: values[at]! })),
      }),
    );
    const run = await runLimited('python3', ['-B', 'harness.py'], {
      timeoutMs: runTimeoutMs,
      memoryMegabytes: 1000,
      folder,
    });
    if (run.kind === 'not-started') return cannot('not run: there is no `python3`');
    const ended = run.kind === 'timeout' ? `still running after ${runTimeoutMs / 1000} s` : 'it ended';
    const same = (text: string): NativeReplay => ({ kind: 'same', text: `python3: ${text}` });
    const different = (text: string): NativeReplay => ({ kind: 'different', text: `python3: ${text}` });
    const raised = /^tertium-raised (\w+) (\d+)$/m.exec(run.stderr);
    const returned = /^tertium-returned (.*)$/m.exec(run.stderr)?.[1];
    const { end } = expected;
    switch (end.kind) {
      case 'endless':
        if (run.kind === 'timeout') return same(`${ended}, as it must be`);
        return different(raised ? `${raised[1]} was raised at line ${raised[2]}` : ended);
      case 'check': {
        const line = end.check.origin?.start.line;
        if (!raised) return different(`nothing was raised; ${ended}`);
        const text = `${raised[1]} was raised at line ${raised[2]}`;
        return line === undefined || Number(raised[2]) === line ? same(text) : different(text);
      }
      case 'event': {
        if (end.event.kind === 'print') {
          const text = end.event.text.split('{}')[0]!.trim();
          return run.stdout.includes(text)
            ? same(`it printed ${JSON.stringify(text)}`)
            : different(`the text was not printed; ${ended}`);
        }
        const value = end.values[0];
        const wanted = value === undefined ? 'None' : literal(value);
        if (returned === undefined) return different(raised ? `${raised[1]} was raised` : ended);
        return equal(returned, wanted) ? same(`it returned ${returned}`) : different(`it returned ${returned}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** False is 0 and True is 1 in Python. */
function equal(a: string, b: string | undefined): boolean {
  const number = (text: string | undefined): string | undefined =>
    text === 'True' ? '1' : text === 'False' ? '0' : text;
  return number(a) === number(b);
}

function literal(value: Value): string | undefined {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'bigint' ? String(value) : undefined;
}

function harness(about: {
  source: string;
  name?: string;
  start: PythonStart;
  inputs: readonly { name: string; value: string }[];
}): string {
  const names = [...new Set(about.inputs.map((i) => i.name))];
  const globals = about.start.globals
    .map(
      ([name, value]) => `    module[${JSON.stringify(about.name)}].__globals__[${JSON.stringify(name)}] = ${value}\n`,
    )
    .join('');
  return `import builtins, runpy, sys, traceback
sys.setrecursionlimit(20000)
path = ${JSON.stringify(about.source)}
inputs = [${about.inputs.map((i) => i.value).join(', ')}]
def next_input(*args, **kwargs):
    return inputs.pop(0) if inputs else 0
class AssumptionFailed(BaseException):
    pass
def assume(condition):
    if not condition:
        raise AssumptionFailed
def verify(condition, *message):
    assert condition
for tool in ("__ESBMC_", "__VERIFIER_"):
    setattr(builtins, tool + "assume", assume)
    setattr(builtins, tool + "assert", verify)
    setattr(builtins, tool + "cover", lambda *condition: None)
for name in ${JSON.stringify(names)}:
    home, _, last = name.rpartition(".")
    setattr(__import__(home) if home else builtins, last, next_input)
try:
    module = runpy.run_path(path, run_name=${about.name === undefined ? '"__main__"' : '"subject"'})
${globals}    result = ${about.name === undefined ? 'None' : `module[${JSON.stringify(about.name)}](${about.start.args.join(', ')})`}
    sys.stdout.flush()
    print("tertium-returned", repr(result), file=sys.stderr)
except BaseException as error:
    sys.stdout.flush()
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    print("tertium-raised", type(error).__name__, lines[-1] if lines else 0, file=sys.stderr)
`;
}
