import { statusCode } from './protocol.ts';
import { runtimeNames } from './runtime.ts';

/** The frame of the generated function: the state is read into locals, the cases run in a loop, the state is written back. */
export function functionText(parts: {
  /** The constant that holds the label of each location. */
  readonly locations: string;
  readonly load: readonly string[];
  readonly save: readonly string[];
  readonly body: readonly string[];
  readonly cycles: boolean;
}): string {
  const { locations, load, save, body, cycles } = parts;
  return `"use strict";
const { ${runtimeNames.join(', ')} } = R;
const labelOf = ${locations};
return function (S, H) {
const N = S.numbers, O = S.others, F = S.frames, covered = S.covered;
let at = labelOf.get(S.at);
if (at === undefined) return ${statusCode.elsewhere};
let loc = S.at, status = 0, fuel = S.fuel, steps = S.steps, from = fuel, depth = S.depth, runs = S.runs, mk = -1;
let reported = S.reported, hit = -1;
${cycles ? 'let kept = S.keptAt, keptStep = S.keptStep, power = S.power, lap = S.lap;' : ''}
${load.join('\n')}
try {
main: for (;;) {
switch (at) {
${body.join('\n')}
default: throw new Error('INVARIANT broken: no such label');
}
}
} catch (e) {
if (e instanceof TooLarge) status = ${statusCode['too-large']};
else if (e instanceof EvaluationLimit) { status = ${statusCode.limit}; S.why = e.message; }
else throw e;
if (mk >= 0) H.reset(mk);
}
S.at = loc; S.fuel = fuel; S.steps = steps + (from - fuel); S.depth = depth; S.runs = runs;
S.reported = reported; S.hit = hit;
${cycles ? 'S.keptAt = kept; S.keptStep = keptStep; S.power = power; S.lap = lap;' : ''}
${save.join('\n')}
return status;
};`;
}
