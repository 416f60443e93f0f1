import type { Program } from '../../program/program.ts';
import type { Target } from '../../program/question.ts';
import { type FloatValue, floatToNumber, numberToFloat } from '../../terms/value.ts';
import { compact, ListedInputs, type Recorded } from './inputs.ts';
import { Layout } from './layout.ts';
import { makeRunner } from './runner.ts';

/**
 * Makes a run that meets a target smaller: fewer steps first, then inputs nearer to 0 (delta debugging, [ZellerH-TSE'02], on
 * inputs). Works on compiled code, so that long runs can be shrunk too; what comes out is for the checker to confirm.
 * Deterministic; gives up after `stepLimit` steps over all attempts.
 */
export interface Run {
  readonly taken: Recorded;
  /** Steps after which the target is met. */
  readonly steps: number;
}

export function minimise(
  program: Program,
  targets: readonly Target[],
  wanted: boolean,
  run: Run,
  stepLimit = 4_000_000,
): Run {
  const layout = new Layout(program);
  const inputs = new ListedInputs(layout);
  const runner = makeRunner(program, inputs, { targets, wanted, ask: true });
  let left = stepLimit;
  let attempts = 0;
  const attempt = (values: readonly unknown[], owners: readonly number[]): Run | undefined => {
    attempts++;
    inputs.load(values, owners);
    runner.restart();
    const status = runner.run(Math.min(left, run.steps + 1));
    left -= runner.used + 1;
    return status === 'met' ? { taken: inputs.taken, steps: runner.steps } : undefined;
  };
  let best = run;
  for (let progress = true; progress && left > 0 && attempts < mostAttempts; ) {
    progress = false;
    for (let i = 0; i < best.taken.values.length && left > 0 && attempts < mostAttempts; i++) {
      const symbol = best.taken.owners[i]! >= 0 ? layout.slots[best.taken.owners[i]!]! : undefined;
      if (!symbol) continue;
      const { low, high } = layout.range(symbol) ?? {};
      const old = best.taken.values[i];
      for (const candidate of isFloat(old) ? simplerFloats(old) : simpler(old)) {
        if (
          typeof candidate === 'bigint' &&
          ((low !== undefined && candidate < low) || candidate > (high ?? candidate))
        ) {
          continue;
        }
        const value = typeof candidate === 'bigint' ? compact(candidate) : candidate;
        const next = attempt(best.taken.values.with(i, value), best.taken.owners);
        if (!next || next.steps > best.steps) continue;
        best = next;
        progress = true;
        break;
      }
    }
  }
  return best;
}

const mostAttempts = 2_000;

const isFloat = (x: unknown): x is FloatValue =>
  typeof x === 'object' && x !== null && 'kind' in x && x.kind === 'float';

/** Floats that are easier to read, the easiest first; each is strictly easier than the given one, so that this ends. */
function* simplerFloats(value: FloatValue): Iterable<FloatValue> {
  const x = floatToNumber(value);
  const easy = [0, 1, -1, 2, 0.5];
  const known = easy.findIndex((e) => Object.is(e, x));
  for (const e of known >= 0 ? easy.slice(0, known) : easy) yield numberToFloat(e, value.format);
  if (known >= 0 || !Number.isFinite(x)) return;
  if (!Number.isInteger(x)) yield numberToFloat(Math.trunc(x), value.format);
  if (Math.abs(x) > 1) yield numberToFloat(Math.trunc(x / 2), value.format);
}

/** Values nearer to 0 than one, the simplest first: small ones, then steps of a power of two towards 0. */
function* simpler(value: unknown): Iterable<boolean | bigint> {
  if (value === true) yield false;
  if (typeof value !== 'number' && typeof value !== 'bigint') return;
  const v = BigInt(value);
  if (v === 0n) return;
  const size = v < 0n ? -v : v;
  for (const small of [0n, 1n, -1n, 2n]) if (small < size && -small < size) yield small;
  if (v < 0n) yield size;
  const sign = v < 0n ? -1n : 1n;
  for (let step = 1n << BigInt(size.toString(2).length - 1); step > 0n; step >>= 1n) yield v - sign * step;
}
