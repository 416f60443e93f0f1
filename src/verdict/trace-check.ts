import { Machine, type Outcome, TraceChoices, variablesOf } from '../program/interpreter.ts';
import type { LocationId, Procedure, Program } from '../program/program.ts';
import type { Target } from '../program/question.ts';
import { valueKey } from '../terms/value.ts';
import type { LassoEvidence, TraceEvidence } from './evidence.ts';
import type { EvidenceResult } from './obligation.ts';

/**
 * Replays runs in the interpreter: rung 1, no solver involved. A target is met when control is there and its property has
 * the wanted value.
 */

export interface Replay {
  readonly outcome: Outcome;
  readonly met: Target | undefined;
  readonly machine: Machine;
}

export function replayTrace(
  program: Program,
  targets: readonly Target[],
  wanted: boolean,
  evidence: TraceEvidence,
): Replay {
  const machine = new Machine(program, new TraceChoices(evidence.trace));
  const byLocation = new Map<LocationId, Target[]>();
  for (const target of targets) byLocation.set(target.at, [...(byLocation.get(target.at) ?? []), target]);
  let met: Target | undefined;
  const outcome = machine.run({
    stepLimit: evidence.steps,
    onLocation: (at, m) => {
      met = byLocation.get(at)?.find((target) => m.evaluate(target.property) === wanted);
      return met !== undefined;
    },
  });
  return { outcome, met, machine };
}

export function checkTrace(
  program: Program,
  targets: readonly Target[],
  wanted: boolean,
  evidence: TraceEvidence,
): EvidenceResult {
  const { met, outcome } = replayTrace(program, targets, wanted, evidence);
  if (met) return { kind: 'accepted', rung: 1, tools: [], obligations: 0 };
  return { kind: 'rejected', why: `the replayed run did not meet the target (${outcome.kind})` };
}

/** The texts of the approximations that a run comes by. */
export function approximationsMet(program: Program, evidence: TraceEvidence): ReadonlySet<string> {
  const met = new Set<string>();
  const machine = new Machine(program, new TraceChoices(evidence.trace));
  machine.run({
    stepLimit: evidence.steps,
    onEvent: (event) => {
      if (event.kind === 'approximation') met.add(event.text);
    },
  });
  return met;
}

/** The whole state as a key: location, call depth and every value in scope. */
export function stateKey(machine: Machine): string {
  const values = [...machine.state()].map(([s, v]) => `${s.id}=${valueKey(v)}`);
  return `${machine.at}/${machine.depth}:${values.sort().join(';')}`;
}

/**
 * The same state twice on one run: whatever happened between can happen again, for ever. Only for runs that are in main
 * at both moments, since callers' saved variables are not part of the key.
 */
export function checkLasso(program: Program, evidence: LassoEvidence): EvidenceResult {
  const { firstStep, secondStep } = evidence;
  const whole = Number.isSafeInteger(firstStep) && Number.isSafeInteger(secondStep);
  if (!whole || firstStep < 0 || secondStep <= firstStep)
    return { kind: 'rejected', why: 'the two moments are not in order' };
  const machine = new Machine(program, new TraceChoices(evidence.trace));
  let first: string | undefined;
  let second: string | undefined;
  let nested = false;
  machine.run({
    stepLimit: secondStep,
    onLocation: (_at, m) => {
      if (m.steps !== firstStep && m.steps !== secondStep) return false;
      if (m.depth > 0) nested = true;
      if (m.steps === firstStep) first ??= stateKey(m);
      else second = stateKey(m);
      return m.steps === secondStep;
    },
  });
  if (nested) return { kind: 'rejected', why: 'the repeated state is inside a call' };
  if (first === undefined || second === undefined)
    return { kind: 'rejected', why: 'the run ends before the state repeats' };
  if (first !== second) return { kind: 'rejected', why: 'the two states differ' };
  return { kind: 'accepted', rung: 1, tools: [], obligations: 0 };
}

/** What a call depends on, as a key: the procedure entered, the globals, and the procedure's own variables. */
export function callKey(program: Program, procedure: Procedure, machine: Machine): string {
  const symbols = new Set([...program.globals, ...variablesOf(procedure)]);
  const values = [...symbols].map((s) => {
    const value = machine.read(s);
    return `${s.id}=${value === undefined ? '' : valueKey(value)}`;
  });
  return `${machine.at}:${values.join(';')}`;
}

/**
 * A call that is still open leads to another of the same procedure with the same arguments and globals: what happened from
 * the one to the other can happen again from there, deeper and deeper.
 */
export function checkDescent(program: Program, evidence: LassoEvidence): EvidenceResult {
  const { firstStep, secondStep } = evidence;
  const rejected = (why: string): EvidenceResult => ({ kind: 'rejected', why });
  const whole = Number.isSafeInteger(firstStep) && Number.isSafeInteger(secondStep);
  if (!whole || firstStep < 0 || secondStep <= firstStep) return rejected('the two moments are not in order');
  const byEntry = new Map([...program.procedures.values()].map((p) => [p.entry, p]));
  const machine = new Machine(program, new TraceChoices(evidence.trace));
  let first: { readonly key: string; readonly depth: number } | undefined;
  let closed = false;
  let found = false;
  machine.run({
    stepLimit: secondStep,
    onLocation: (at, m) => {
      if (m.steps < firstStep) return false;
      const procedure = byEntry.get(at);
      if (!first) {
        if (!procedure) return true;
        first = { key: callKey(program, procedure, m), depth: m.depth };
        return false;
      }
      if (m.depth < first.depth) closed = true;
      if (m.steps < secondStep) return closed;
      found = procedure !== undefined && m.depth > first.depth && callKey(program, procedure, m) === first.key;
      return true;
    },
  });
  if (!found || closed) return rejected('no open call leads to the same call again');
  return { kind: 'accepted', rung: 1, tools: [], obligations: 0 };
}
