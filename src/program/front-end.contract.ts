import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../base/diagnostic.ts';
import type { Result } from '../base/result.ts';
import { formatTerm } from '../terms/print.ts';
import type { FrontEnd, FrontEndRequest, Reading } from './front-end.ts';
import { outgoing, type Step } from './program.ts';
import type { Task } from './question.ts';

/**
 * What every front end promises (front-end.ts): it never throws, whatever the text; what it says has a place in the text; the
 * same text gives the same program; programs are well formed.
 */
export interface ContractSample {
  readonly path: string;
  readonly text: string;
  readonly functionName?: string;
}

const kinds = ['always', 'terminates', 'check', 'sensible'] as const;

export function frontEndContract(frontEnd: FrontEnd, samples: readonly ContractSample[]): void {
  const request = (question: FrontEndRequest['question'], functionName?: string): FrontEndRequest => ({
    question,
    ...(functionName === undefined ? {} : { functionName }),
    ...(question === 'ever' ? { event: { kind: 'failure' } } : {}),
    options: { integers: 'c', dataModel: 'lp64', checks: frontEnd.defaultChecks, include: () => undefined },
  });
  const read = (path: string, text: string, question: FrontEndRequest['question'], functionName?: string) =>
    frontEnd.read([{ path, text }], request(question, functionName));

  describe(`the contract of the front end ${frontEnd.name}`, () => {
    test('its samples are read', () => {
      for (const { path, text, functionName } of samples) {
        const result = read(path, text, 'terminates', functionName);
        expect(result.ok ? '' : JSON.stringify(result.error), path).toBe('');
      }
    });

    test('the same text gives the same program', () => {
      for (const { path, text, functionName } of samples) {
        for (const question of kinds) {
          const [a, b] = [read(path, text, question, functionName), read(path, text, question, functionName)];
          expect(a.ok).toBe(b.ok);
          if (a.ok && b.ok) expect(a.value.tasks.map(portrait)).toEqual(b.value.tasks.map(portrait));
        }
      }
    });

    test('programs are well formed', () => {
      for (const { path, text, functionName } of samples) {
        const result = read(path, text, 'check', functionName);
        if (result.ok) for (const task of result.value.tasks) wellFormed(task);
      }
    });

    test('no sources at all is an error, not an exception', () => {
      const result = frontEnd.read([], request('terminates'));
      expect(result.ok).toBe(false);
    });

    test('an unknown function is an error with its own code', () => {
      if (frontEnd.name === 'its') return;
      for (const { path, text } of samples) {
        const result = read(path, text, 'terminates', 'no_such_function_here');
        if (result.ok) throw new Error(`${path}: the function was found`);
        expect(result.error.map((d) => d.code)).toContain('unknown-function');
      }
    });

    test('damaged texts are read or refused, never more', () => {
      const damaged = fc
        .tuple(
          fc.constantFrom(...samples),
          fc.nat(1000),
          fc.nat(60),
          fc.constantFrom('drop', 'double', 'swap', 'insert'),
        )
        .map(([sample, where, length, how]) => {
          const at = Math.floor((where / 1000) * sample.text.length);
          const [before, piece, after] = [
            sample.text.slice(0, at),
            sample.text.slice(at, at + length),
            sample.text.slice(at + length),
          ];
          const text =
            how === 'drop'
              ? before + after
              : how === 'double'
                ? before + piece + piece + after
                : how === 'swap'
                  ? before + after + piece
                  : `${before}\u00e9 ) 0x {${piece}${after}`;
          return { ...sample, text };
        });
      fc.assert(
        fc.property(damaged, fc.constantFrom(...kinds), ({ path, text, functionName }, question) => {
          honest(read(path, text, question, functionName), path, text);
        }),
        { numRuns: 150, seed: 11 },
      );
    });

    test('any text at all is read or refused', () => {
      const [sample] = samples;
      fc.assert(
        fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
          honest(read(sample!.path, text, 'sensible'), sample!.path, text);
        }),
        { numRuns: 150, seed: 12 },
      );
    });
  });
}

/** A reading has tasks, a refusal has reasons; and their places are in the text. */
function honest(result: Result<Reading, readonly Diagnostic[]>, path: string, text: string): void {
  if (result.ok) {
    expect(result.value.tasks.length).toBeGreaterThan(0);
    return;
  }
  expect(result.error.some((d) => d.severity !== 'warning')).toBe(true);
  for (const d of result.error) {
    expect(d.message).not.toBe('');
    if (!d.span || d.span.path !== path) continue;
    expect(d.span.start.offset).toBeGreaterThanOrEqual(0);
    expect(d.span.end.offset).toBeGreaterThanOrEqual(d.span.start.offset);
    expect(d.span.end.offset).toBeLessThanOrEqual(text.length + 1);
  }
}

function wellFormed({ program, question }: Task): void {
  const locations = new Set<number>();
  const edges = new Set<number>();
  for (const procedure of program.procedures.values()) {
    for (const id of procedure.locations.keys()) {
      expect(locations.has(id), 'location numbers are unique').toBe(false);
      locations.add(id);
    }
    expect(procedure.locations.has(procedure.entry)).toBe(true);
    expect(procedure.locations.has(procedure.exit)).toBe(true);
    for (const edge of procedure.edges) {
      expect(edges.has(edge.id), 'edge numbers are unique').toBe(false);
      edges.add(edge.id);
      expect(procedure.locations.has(edge.from) && procedure.locations.has(edge.to)).toBe(true);
    }
    expect(outgoing(procedure).get(procedure.exit)).toEqual([]);
  }
  for (const item of [...program.checks, ...program.events, ...program.hints])
    expect(locations.has(item.at)).toBe(true);
  if (question.kind !== 'terminates') for (const t of question.targets) expect(locations.has(t.at)).toBe(true);
}

function stepText(step: Step): string {
  switch (step.kind) {
    case 'assign':
      return `${step.target.name} := ${formatTerm(step.value)}`;
    case 'havoc':
      return `${step.target.name} := ? ${step.input ?? ''}`;
    case 'assume':
      return `assume ${formatTerm(step.condition)}`;
    case 'call':
      return `call ${step.callee}(${step.args.map((a) => formatTerm(a)).join(', ')}) ${step.results.map((r) => r.name).join(', ')}`;
  }
}

/** Everything that a certificate refers to, as text. */
function portrait(task: Task): string {
  const { program, question } = task;
  return JSON.stringify({
    question: [question.kind, question.text],
    assumptions: task.assumptions.map((a) => a.text),
    procedures: [...program.procedures.values()].map((p) => ({
      name: p.name,
      edges: p.edges.map((e) => [e.id, e.from, e.to, e.steps.map(stepText)]),
      entry: p.entry,
      exit: p.exit,
    })),
    checks: program.checks.map((c) => [c.id, c.kind, c.at, formatTerm(c.property)]),
    variables: [...program.variables].map(([s, v]) => [s.name, v.name, String(v.range?.low), String(v.range?.high)]),
  });
}
