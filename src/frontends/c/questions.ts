import type { RequestedEvent } from '../../program/front-end.ts';
import { printsText } from '../../program/print-match.ts';
import type { Check, CheckKind, Program } from '../../program/program.ts';
import type { Question, Target } from '../../program/question.ts';
import type { Term } from '../../terms/term.ts';
import { negation } from './lowering/integers.ts';
import type { Lowered } from './lowering/program.ts';
import { spanOf } from './preprocessor/source-file.ts';

/** The user's sentences as questions on the lowered program. */

/** What the user wrote to be checked, as opposed to what the language forbids. */
const written: ReadonlySet<CheckKind> = new Set(['assertion', 'unreachable', 'exception']);

const targetsOf = (checks: readonly Check[]): Target[] =>
  checks.map((c) => ({ at: c.at, property: c.property, check: c.id }));

export const functionPhrase = (lowered: Lowered): string =>
  lowered.symbol.name === 'main' ? 'the program' : `\`${lowered.symbol.name}\``;

export function terminationQuestion(lowered: Lowered): Question {
  const { name, range } = lowered.symbol;
  const text =
    name === 'main' ? 'Does the program always end?' : `Does \`${name}\` always return control to its caller?`;
  return { kind: 'terminates', text, origin: spanOf(range) };
}

/** Nothing that is looked at goes wrong. */
export function checkQuestion(lowered: Lowered, kinds: ReadonlySet<CheckKind>): Question {
  const checks = lowered.program.checks.filter((c) => kinds.has(c.kind));
  const text = `Does nothing go wrong in ${functionPhrase(lowered)}?`;
  return { kind: 'always', text, origin: spanOf(lowered.symbol.range), targets: targetsOf(checks) };
}

/** No assertion fails. */
export function assertionQuestion(lowered: Lowered, kinds: ReadonlySet<CheckKind>): Question {
  const checks = lowered.program.checks.filter((c) => kinds.has(c.kind) && written.has(c.kind));
  const text = `Does no assertion in ${functionPhrase(lowered)} ever fail?`;
  return { kind: 'always', text, origin: spanOf(lowered.symbol.range), targets: targetsOf(checks) };
}

export interface EventQuestion {
  readonly question: Question;
  /** There is nothing in the program that could be this event. */
  readonly absent: boolean;
}

/** `ever`: can the event happen? `always`: does it never happen? */
export function eventQuestion(
  lowered: Lowered,
  event: RequestedEvent,
  kind: 'always' | 'ever',
  kinds: ReadonlySet<CheckKind>,
): EventQuestion {
  const happens = occurrences(lowered, event, kinds);
  const terms = lowered.program.terms;
  const targets = happens.map(({ at, condition, check }): Target => {
    const property = kind === 'ever' ? condition : negation(terms, condition);
    return { at, property, ...(check === undefined ? {} : { check }) };
  });
  const text =
    kind === 'ever' ? `Can ${eventPhrase(lowered, event)}?` : `Is it certain that ${neverPhrase(lowered, event)}?`;
  return { question: { kind, text, origin: spanOf(lowered.symbol.range), targets }, absent: happens.length === 0 };
}

interface Occurrence {
  readonly at: number;
  readonly condition: Term;
  readonly check?: number;
}

function occurrences(lowered: Lowered, event: RequestedEvent, kinds: ReadonlySet<CheckKind>): Occurrence[] {
  const { program } = lowered;
  const { terms } = program;
  switch (event.kind) {
    case 'print':
      return program.events
        .filter((e) => printsText(e, event.text, 'percent'))
        .map((e) => ({ at: e.at, condition: terms.true }));
    case 'returns':
      return results(lowered, program).map(({ at, value }) => {
        const wanted = event.value === true ? 1n : event.value === false ? 0n : event.value;
        const same = terms.equal(value, terms.int(wanted));
        // For a truth value, any number but 0 is true.
        const equal = event.value === true ? terms.not(terms.equal(value, terms.int(0))) : same;
        return { at, condition: event.other ? negation(terms, equal) : equal };
      });
    case 'failure':
      return program.checks
        .filter((c) => kinds.has(c.kind))
        .map((c) => ({ at: c.at, condition: terms.not(c.property), check: c.id }));
  }
}

/** Where the function returns a value; for main also what `exit` is given: the low 8 bits, as the system reports them. */
function results(lowered: Lowered, program: Program): { at: number; value: Term }[] {
  const { returned, symbol } = lowered;
  const isMain = symbol.name === 'main';
  const status = (value: Term): Term => (isMain ? program.terms.wrapUnsigned(value, 8) : value);
  const list: { at: number; value: Term }[] = [];
  if (returned.result) list.push({ at: returned.at, value: status(returned.result) });
  if (isMain) for (const e of program.events) if (e.kind === 'exit') list.push({ at: e.at, value: status(e.args[0]!) });
  return list;
}

function eventPhrase(lowered: Lowered, event: RequestedEvent): string {
  const who = functionPhrase(lowered);
  switch (event.kind) {
    case 'print':
      return `${who} print "${event.text}"`;
    case 'returns':
      return `${who} return ${event.other ? 'anything but ' : ''}${event.value}`;
    case 'failure':
      return `anything go wrong in ${who}`;
  }
}

function neverPhrase(lowered: Lowered, event: RequestedEvent): string {
  const who = functionPhrase(lowered);
  switch (event.kind) {
    case 'print':
      return `${who} never prints "${event.text}"`;
    case 'returns':
      return event.other ? `${who} returns nothing but ${event.value}` : `${who} never returns ${event.value}`;
    case 'failure':
      return `nothing goes wrong in ${who}`;
  }
}
