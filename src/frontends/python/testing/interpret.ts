/** Runs the lowered form of a closed program in the interpreter, and tells what it prints and how it ends, in CPython's words. */
import type { Diagnostic } from '../../../base/diagnostic.ts';
import type { Result } from '../../../base/result.ts';
import type { FrontEndOptions, FrontEndRequest, Reading } from '../../../program/front-end.ts';
import { Machine, TraceChoices } from '../../../program/interpreter.ts';
import type { SymbolTerm } from '../../../terms/term.ts';
import { formatValue, type Value } from '../../../terms/value.ts';
import { moduleName, pythonFrontEnd } from '../front-end.ts';

export interface RunResult {
  readonly output: string;
  readonly exception: string | null;
  readonly line: number | null;
}

export type Interpretation = RunResult | { readonly unsupported: string };

const options: FrontEndOptions = {
  integers: 'math',
  dataModel: 'lp64',
  checks: pythonFrontEnd.defaultChecks,
  include: () => undefined,
};

/** The module's own code. */
export function interpret(text: string): Interpretation {
  const reading = read(text, { question: 'terminates', functionName: moduleName, options });
  return reading.ok ? run(reading.value, []) : { unsupported: reading.error[0]!.message };
}

/**
 * A function, called with integers. `returns` is what CPython got: the result's exception is `wrong result` if that is not what the
 * function returns here.
 */
export function interpretCall(
  text: string,
  functionName: string,
  args: readonly number[],
  returns: number | boolean | null,
): Interpretation {
  const value = typeof returns === 'number' ? BigInt(returns) : (returns ?? 0n);
  const event = { kind: 'returns', value } as const;
  const reading = read(text, { question: 'ever', functionName, event, options });
  if (!reading.ok) return { unsupported: reading.error[0]!.message };
  const found = run(reading.value, args);
  if ('unsupported' in found || found.exception !== null) return found;
  const equal = found.atTarget;
  return { ...found, exception: equal === (returns !== null) ? null : 'wrong result' };
}

const read = (text: string, request: FrontEndRequest): Result<Reading, readonly Diagnostic[]> =>
  pythonFrontEnd.read([{ path: 'a.py', text }], request);

type Finished = (RunResult & { readonly atTarget: boolean }) | { readonly unsupported: string };

function run(reading: Reading, args: readonly number[]): Finished {
  const { program } = reading.tasks[0]!;
  const { params } = program.procedures.get(program.main)!;
  // A parameter that may be an int or a bool has a tag; the number of `int` is one of the first.
  const isTag = (p: SymbolTerm): boolean => program.variables.get(p)!.internal === true;
  const tags = params.some(isTag) ? [1n, 2n, 3n, 4n, 5n, 6n] : [0n];
  const payloads = params.filter((p) => !isTag(p));
  for (const tag of tags) {
    const initial = new Map(params.map((p) => [p, isTag(p) ? tag : BigInt(args[payloads.indexOf(p)]!)]));
    const found = runFrom(reading, initial);
    if (!('unsupported' in found) || found.unsupported !== blockedAtStart) return found;
  }
  return { unsupported: blockedAtStart };
}

const blockedAtStart = 'blocked at the start';

function runFrom(reading: Reading, initial: ReadonlyMap<SymbolTerm, Value>): Finished {
  const { program, question } = reading.tasks[0]!;
  const machine = new Machine(program, new TraceChoices({ initial, havocs: [] }));
  const targets = question.kind === 'terminates' ? [] : question.targets;
  let output = '';
  let atTarget = false;
  const outcome = machine.run({
    stepLimit: 100_000,
    onEvent: (event, values) => {
      if (event.kind === 'print') output += printed(event.text, values, event.formats ?? []);
    },
    onLocation: (at) => {
      if (targets.some((t) => t.at === at && machine.evaluate(t.property) === true)) atTarget = true;
      return undefined;
    },
  });
  switch (outcome.kind) {
    case 'ended':
      return { output, exception: null, line: null, atTarget };
    case 'check-failed': {
      const { check } = outcome;
      return { output, exception: /\((\w+)\)$/.exec(check.failure)![1]!, line: check.origin!.start.line, atTarget };
    }
    case 'blocked':
      if (machine.steps === 0) return { unsupported: blockedAtStart };
      return { unsupported: reading.warnings[0]?.message ?? 'blocked' };
    default:
      return { unsupported: `the run ends as ${outcome.kind}` };
  }
}

function printed(text: string, args: readonly Value[], formats: readonly string[]): string {
  let next = 0;
  return text.replaceAll('{}', () => {
    const i = next;
    next += 1;
    const value = args[i]!;
    if (formats[i] !== 'bool') return formatValue(value);
    return value === true || value === 1n ? 'True' : 'False';
  });
}
