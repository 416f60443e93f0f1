/** Runs the lowered form of a closed program in the interpreter, and tells what it prints and how it ends, in CPython's words. */
import { Machine, TraceChoices } from '../../../program/interpreter.ts';
import { emptyTrace } from '../../../program/trace.ts';
import { formatValue, type Value } from '../../../terms/value.ts';
import { moduleName, pythonFrontEnd } from '../front-end.ts';

export interface RunResult {
  readonly output: string;
  readonly exception: string | null;
  readonly line: number | null;
}

export type Interpretation = RunResult | { readonly unsupported: string };

export function interpret(text: string): Interpretation {
  const reading = pythonFrontEnd.read([{ path: 'a.py', text }], {
    question: 'terminates',
    functionName: moduleName,
    options: {
      integers: 'math',
      dataModel: 'lp64',
      checks: pythonFrontEnd.defaultChecks,
      include: () => undefined,
    },
  });
  if (!reading.ok) return { unsupported: reading.error[0]!.message };
  const [task] = reading.value.tasks;
  const machine = new Machine(task!.program, new TraceChoices(emptyTrace));
  let output = '';
  const outcome = machine.run({
    stepLimit: 100_000,
    onEvent: (event, args) => {
      if (event.kind === 'print') output += printed(event.text, args, event.formats ?? []);
    },
  });
  switch (outcome.kind) {
    case 'ended':
      return { output, exception: null, line: null };
    case 'check-failed': {
      const { check } = outcome;
      return { output, exception: /\((\w+)\)$/.exec(check.failure)![1]!, line: check.origin!.start.line };
    }
    case 'blocked':
      return { unsupported: reading.value.warnings[0]?.message ?? 'blocked' };
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
