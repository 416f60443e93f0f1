/**
 * Replays a counterexample in CPython: writes the program that python3 is to run, and judges what it reports. No process is started here.
 *
 * The harness holds the user's text and the inputs of the run: what the nondeterministic functions return, in order, and the arguments of
 * the function that was asked about. Of the module it carries out everything, or, for a function, its definitions and assignments alone.
 * It ends by writing one line to standard error, `tertium-replay: {…}`.
 */
import { Machine, TraceChoices } from '../../program/interpreter.ts';
import type { Program } from '../../program/program.ts';
import type { Task } from '../../program/question.ts';
import type { Trace } from '../../program/trace.ts';
import type { SymbolTerm } from '../../terms/term.ts';
import type { Value } from '../../terms/value.ts';
import { boolType, noneType, type Type } from './lowering/types.ts';

/** What the front end keeps about a program it has made, for replay. */
export interface Origin {
  readonly text: string;
  /** The parameters of the function asked about: the symbols that hold each, in order; absent for the module. */
  readonly parameters?: readonly StoredValue[];
  /** Globals that may hold any value at the start, by name. */
  readonly globals: ReadonlyMap<string, StoredValue>;
  readonly typeOfTag: ReadonlyMap<bigint, Type>;
}

export interface StoredValue {
  /** `*name` for a parameter that is passed by keyword only. */
  readonly name: string;
  readonly types: readonly Type[];
  readonly payload: SymbolTerm | undefined;
  readonly tag: SymbolTerm | undefined;
}

const origins = new WeakMap<Program, Origin>();

export const rememberOrigin = (program: Program, origin: Origin): void => {
  origins.set(program, origin);
};

/** How the run ends, as the interpreter sees it. */
export type ReplayOutcome =
  | { readonly kind: 'exception'; readonly className: string; readonly line: number }
  | { readonly kind: 'returned'; readonly value: string | undefined }
  | { readonly kind: 'exit' }
  | { readonly kind: 'goes-on' };

export interface ReplayHarness {
  /** A whole Python program. */
  readonly text: string;
  readonly expected: ReplayOutcome;
  readonly inputs: readonly { readonly name: string; readonly value: string }[];
}

const stepLimit = 1_000_000;

/** errors: undefined if the run cannot be shown in Python (values that no Python call can pass). requires: the task is ours. */
export function replayHarness(task: Task, trace: Trace): ReplayHarness | undefined {
  const origin = origins.get(task.program);
  if (!origin) return undefined;
  const recorder = new InputRecorder(task.program, trace);
  const machine = new Machine(task.program, recorder);
  let exited = false;
  const outcome = machine.run({
    stepLimit,
    onEvent: (event) => {
      if (event.kind === 'exit') exited = true;
    },
  });
  const args = origin.parameters?.map((p) => pythonValue(origin, p, trace));
  const globals = [...origin.globals].map(([name, stored]) => [name, pythonValue(origin, stored, trace)] as const);
  if (args?.includes(undefined) || globals.some(([, value]) => value === undefined)) return undefined;
  const inputs = recorder.inputs.map(pythonLiteral);
  const expected = ((): ReplayOutcome => {
    switch (outcome.kind) {
      case 'check-failed': {
        const [, className] = /\((\w+)\)$/.exec(outcome.check.failure) ?? [];
        return { kind: 'exception', className: className ?? '', line: outcome.check.origin?.start.line ?? 0 };
      }
      case 'ended':
        return exited ? { kind: 'exit' } : { kind: 'returned', value: undefined };
      default:
        return { kind: 'goes-on' };
    }
  })();
  const named = (origin.parameters ?? []).map((p, i) => ({ name: p.name.replace('*', ''), value: args![i]! }));
  const called = inputs.map((value, i) => ({ name: `input ${i + 1}`, value }));
  return {
    text: harnessText(
      origin,
      task.subject.functionName,
      args as string[] | undefined,
      globals as [string, string][],
      inputs,
    ),
    expected,
    inputs: [...named, ...called],
  };
}

/** Records the values that the program's nondeterministic calls get. */
class InputRecorder extends TraceChoices {
  readonly #program: Program;
  readonly inputs: Value[] = [];

  constructor(program: Program, trace: Trace) {
    super(trace);
    this.#program = program;
  }

  override havoc(symbol: SymbolTerm): Value | undefined {
    const value = super.havoc(symbol);
    if (this.#program.variables.get(symbol)?.name === inputName) {
      this.inputs.push(value ?? (symbol.sort.kind === 'bool' ? false : 0n));
    }
    return value;
  }
}

/** The name of the temporaries that receive inputs. */
export const inputName = 'input';

function pythonValue(origin: Origin, stored: StoredValue, trace: Trace): string | undefined {
  const read = (symbol: SymbolTerm | undefined): Value | undefined =>
    symbol && (trace.initial.get(symbol) ?? (symbol.sort.kind === 'bool' ? false : 0n));
  const tag = read(stored.tag);
  const type = tag === undefined ? stored.types[0] : origin.typeOfTag.get(tag as bigint);
  if (type === noneType) return 'None';
  const payload = read(stored.payload);
  if (payload === undefined || type === undefined) return undefined;
  if (type === boolType) return payload === true || payload === 1n ? 'True' : 'False';
  return pythonLiteral(payload);
}

/** Integers of many digits are written in hexadecimal, which CPython reads without a limit. */
function pythonLiteral(value: Value): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value !== 'bigint') return 'None';
  const decimal = String(value);
  if (decimal.length <= 1000) return decimal;
  return value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
}

function harnessText(
  origin: Origin,
  functionName: string | undefined,
  args: readonly string[] | undefined,
  globals: readonly (readonly [string, string])[],
  inputs: readonly string[],
): string {
  const positional = (origin.parameters ?? []).map((p, i) => (p.name.startsWith('*') ? undefined : args![i]!));
  const keyword = (origin.parameters ?? []).flatMap((p, i) =>
    p.name.startsWith('*') ? [`${p.name.slice(1)}=${args![i]}`] : [],
  );
  const call = [...positional.filter((a) => a !== undefined), ...keyword].join(', ');
  const definitionsOnly = functionName === undefined ? 'tree' : 'definitions(tree)';
  return `# Replays one run of the program below with the inputs that make it go wrong.
import ast, json, random, sys

source = ${JSON.stringify(origin.text)}
inputs = iter([${inputs.join(', ')}])

class AssumptionFailed(BaseException):
    pass

def report(**what):
    sys.stdout.flush()
    print("tertium-replay: " + json.dumps(what), file=sys.stderr, flush=True)
    sys.exit(0)

def next_input(*_):
    try:
        return next(inputs)
    except StopIteration:
        report(outcome="no more inputs")

def assume(condition):
    if not condition:
        raise AssumptionFailed

def verify(condition, *_):
    assert condition

def definitions(tree):
    kinds = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)
    tree.body = [node for node in tree.body if isinstance(node, kinds)]
    return tree

names = {"__name__": "__main__"}
for name in ("nondet_int", "nondet_bool", "nondet_uint"):
    for prefix in ("", "__VERIFIER_", "__ESBMC_"):
        names[prefix + name] = next_input
for prefix in ("__VERIFIER_", "__ESBMC_"):
    names[prefix + "assume"] = assume
    names[prefix + "assert"] = verify
    names[prefix + "cover"] = lambda *_: None
random.randint = next_input

def line_of(error):
    line, trace = None, error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == "<program>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line

try:
    tree = ast.parse(source, "<program>")
    exec(compile(${definitionsOnly}, "<program>", "exec"), names)
${globals.map(([name, value]) => `    names[${JSON.stringify(name)}] = ${value}\n`).join('')}${
  functionName === undefined ? '    result = None' : `    result = names[${JSON.stringify(functionName)}](${call})`
}
except AssumptionFailed:
    report(outcome="assumption failed")
except SystemExit:
    report(outcome="exit")
except BaseException as error:
    report(outcome="exception", name=type(error).__name__, line=line_of(error))
report(outcome="returned", value=repr(result) if isinstance(result, (int, bool, type(None))) else None)
`;
}

/** Compares what the harness reported with what the interpreter expects. `timedOut`: it was stopped after its time. */
export function judgeReplay(
  harness: ReplayHarness,
  standardError: string,
  timedOut: boolean,
): 'same' | 'different' | 'cannot-run' {
  const line = standardError.split('\n').findLast((l) => l.startsWith('tertium-replay: '));
  const { expected } = harness;
  if (!line) return timedOut ? (expected.kind === 'goes-on' ? 'same' : 'cannot-run') : 'cannot-run';
  const said = JSON.parse(line.slice('tertium-replay: '.length)) as { outcome: string; name?: string; line?: number };
  switch (expected.kind) {
    case 'exception':
      return said.outcome === 'exception' && said.name === expected.className && said.line === expected.line
        ? 'same'
        : 'different';
    case 'returned':
    case 'exit':
      return said.outcome === expected.kind ? 'same' : 'different';
    case 'goes-on':
      return 'different';
  }
}
