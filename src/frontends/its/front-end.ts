import { err, ok } from '../../base/result.ts';
import { LineMap, type Source } from '../../base/span.ts';
import type { FrontEnd } from '../../program/front-end.ts';
import type { Task } from '../../program/question.ts';
import { readKoatSystem } from './koat-system.ts';
import { lowerSystem } from './lower.ts';
import { Reject } from './reject.ts';
import { readSmtSystem } from './smt-system.ts';
import type { TransitionSystem } from './system.ts';
import { readT2System } from './t2-system.ts';

/**
 * Integer transition systems: the pure form of the question *does it always end?*, over mathematical integers.
 */
export const itsFrontEnd: FrontEnd = {
  name: 'its',
  extensions: ['.smt2', '.t2', '.koat'],
  defaultChecks: new Set(),
  read(sources, request) {
    const source = sources[0];
    if (!source) {
      return err([{ code: 'ITS-SYNTAX', severity: 'error', message: 'no file is given', expected: 'a .smt2 file' }]);
    }
    if (request.question === 'always' || request.question === 'ever') {
      const message = 'a transition system has no events to ask about';
      return err([{ code: 'ITS-UNSUPPORTED', severity: 'unsupported', message, hint: 'ask whether it terminates' }]);
    }
    try {
      const task = taskOf(source, readerFor(source)(source));
      return ok({ tasks: [task], warnings: [], sources: [source] });
    } catch (error) {
      if (error instanceof Reject) return err([error.diagnostic]);
      throw error;
    }
  },
};

function readerFor(source: Source): (source: Source) => TransitionSystem {
  if (source.path.endsWith('.t2')) return readT2System;
  return source.path.endsWith('.koat') ? readKoatSystem : readSmtSystem;
}

function taskOf(source: Source, system: TransitionSystem): Task {
  const origin = new LineMap(source).span(0, 0);
  return {
    program: lowerSystem(system),
    question: { kind: 'terminates', text: 'Does every run of this transition system end?', origin },
    assumptions: [],
    subject: { path: source.path, language: 'its', integerModel: 'mathematical integers' },
  };
}
