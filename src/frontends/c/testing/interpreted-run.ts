import { type Choices, Machine } from '../../../program/interpreter.ts';
import type { CheckKind, Event, Program } from '../../../program/program.ts';
import { mainProcedure } from '../../../program/program.ts';
import type { SymbolTerm } from '../../../terms/term.ts';
import { type FloatValue, floatToNumber, type Value } from '../../../terms/value.ts';
import type { NativeRun } from './native-batch.ts';

/** One run of a lowered program in our interpreter, told in the words of a native run. */
export interface InterpretedRun extends NativeRun {
  /** For failed checks: what failed. */
  readonly failure?: string;
  readonly kind?: CheckKind;
}

const undefinedKinds: ReadonlySet<CheckKind> = new Set([
  'overflow',
  'division',
  'shift',
  'unreachable',
  'bounds',
  'pointer',
  'free',
]);

export function runInterpreted(
  program: Program,
  args: readonly bigint[],
  stepLimit = 200_000,
): InterpretedRun | 'out-of-steps' {
  const main = mainProcedure(program);
  const initial = new Map<SymbolTerm, Value>(main.params.map((p, i) => [p, args[i]!]));
  const choices: Choices = {
    initial: (symbol) => initial.get(symbol),
    havoc: (symbol) => inputs.get(symbol),
    mark: () => 0,
    reset: () => {},
  };
  // A program that asks for its arguments itself (random-memory-program.ts).
  const inputs = new Map<SymbolTerm, Value>();
  for (const edge of main.edges) {
    for (const step of edge.steps) {
      const asked = step.kind === 'havoc' ? /^__VERIFIER_nondet_argument(\d+)\(\)$/.exec(step.input ?? '') : undefined;
      if (step.kind === 'havoc' && asked) inputs.set(step.target, args[Number(asked[1])]!);
    }
  }
  let output = '';
  let exitStatus = -1;
  let aborted = false;
  let returned: bigint | undefined;
  const onEvent = (event: Event, values: readonly Value[]): void => {
    switch (event.kind) {
      case 'print':
        output += render(event.text, values);
        break;
      case 'exit':
        exitStatus = Number(BigInt.asUintN(8, values[0] as bigint));
        break;
      case 'abort':
        aborted = true;
        break;
      case 'return':
        returned = values[0] as bigint | undefined;
        break;
    }
  };
  const outcome = new Machine(program, choices).run({ stepLimit, onEvent, depthLimit: 2000 });
  const base = { output, exitStatus, returned };
  switch (outcome.kind) {
    case 'ended':
      return { ...base, ended: aborted ? 'assertion' : exitStatus >= 0 ? 'exit' : 'returned' };
    case 'check-failed': {
      const ended = undefinedKinds.has(outcome.check.kind) ? 'undefined-behaviour' : 'assertion';
      return { ...base, ended, failure: outcome.check.failure, kind: outcome.check.kind };
    }
    case 'out-of-steps':
      return 'out-of-steps';
    default:
      throw new Error(`the run ended by ${outcome.kind}`);
  }
}

/** `%.17g`, but for the sign of NaN. */
function general(x: number): string {
  if (Number.isNaN(x)) return 'nan';
  if (!Number.isFinite(x)) return x < 0 ? '-inf' : 'inf';
  if (x === 0) return Object.is(x, -0) ? '-0' : '0';
  const [digits, exponent] = seventeen(x).split('e') as [string, string];
  const e = Number(exponent);
  const trimmed = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  if (e < -4 || e >= 17) {
    return `${trimmed(digits)}e${e < 0 ? '-' : '+'}${String(Math.abs(e)).padStart(2, '0')}`;
  }
  const sign = x < 0 ? '-' : '';
  const all = digits.replace(/[-.]/g, '');
  const fixed = e < 0 ? `0.${'0'.repeat(-e - 1)}${all}` : `${all.slice(0, e + 1)}.${all.slice(e + 1)}`;
  return `${sign}${trimmed(fixed.replace(/\.$/, ''))}`;
}

/** Seventeen digits. Between two that are equally near C takes the even one, JavaScript the larger. */
function seventeen(x: number): string {
  const [digits, exponent] = x.toExponential(60).split('e') as [string, string];
  const point = digits.indexOf('.');
  const [kept, rest] = [digits.slice(0, point + 17), digits.slice(point + 17)];
  const even = Number(kept.at(-1)) % 2 === 0;
  return /^50*$/.test(rest) && even ? `${kept}e${exponent}` : x.toExponential(16);
}

/** printf for the conversions that the generator uses. */
export function render(text: string, args: readonly Value[]): string {
  let next = 0;
  return text.replace(/%(%|\.17g|(?:hh|h|ll|l)?[diuxc])/g, (_, conversion: string) => {
    if (conversion === '%') return '%';
    const argument = args[next++]!;
    if (typeof argument === 'object') return general(floatToNumber(argument as FloatValue));
    const value = argument as bigint;
    const letter = conversion.at(-1)!;
    const bits = conversion.startsWith('hh')
      ? 8
      : conversion.startsWith('h')
        ? 16
        : conversion.startsWith('l')
          ? 64
          : 32;
    if (letter === 'c') return String.fromCharCode(Number(BigInt.asUintN(8, value)));
    if (letter === 'd' || letter === 'i') return String(BigInt.asIntN(bits, value));
    return BigInt.asUintN(bits, value).toString(letter === 'x' ? 16 : 10);
  });
}
