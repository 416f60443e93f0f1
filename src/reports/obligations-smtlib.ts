import { SmtEncoder } from '../terms/smtlib.ts';
import type { Obligation } from '../verdict/obligation.ts';

/**
 * The obligations behind an answer as one SMT-LIB 2 script over Int: every `check-sat` must print `unsat`. Run it with any
 * solver, for instance `z3 FILE` or `cvc5 --incremental FILE`. An obligation outside the language of the translation is
 * left out and named in a comment, and counted.
 */
export interface ExportedObligations {
  readonly text: string;
  /** How many obligations stand in the text, and how many could not be written. */
  readonly written: number;
  readonly left: number;
}

export function obligationsAsSmtlib(obligations: readonly Obligation[], title: string): ExportedObligations {
  const lines: string[] = [...comment('; ', title), '; Every check-sat below must print unsat.', '(set-logic ALL)'];
  let written = 0;
  let left = 0;
  for (const [i, obligation] of obligations.entries()) {
    const about = `${i + 1}. ${obligation.text}${obligation.origin ? ` (line ${obligation.origin.start.line})` : ''}`;
    const step = new SmtEncoder({ form: 'int' }).step([{ formulas: [obligation.refute] }]);
    if (!step.ok) {
      lines.push(...comment('; ', `${about}: not written, ${step.error}`));
      left++;
      continue;
    }
    const commands = step.value.text.split('\n').filter((l) => l !== '' && !/^\((set-|push|pop|reset)/.test(l));
    lines.push('(push 1)', ...comment('; ', about), ...commands, '(check-sat)', '(pop 1)');
    written++;
  }
  return { text: `${lines.join('\n')}\n`, written, left };
}

const comment = (mark: string, text: string): string[] => text.split('\n').map((l) => mark + l);
