/** The user's sentences as questions on the lowered program. */

import { unreachable } from '../../base/unreachable.ts';
import type { FrontEndRequest, RequestedEvent } from '../../program/front-end.ts';
import { printsText } from '../../program/print-match.ts';
import type { CheckKind } from '../../program/program.ts';
import type { Question, Target } from '../../program/question.ts';
import type { Term } from '../../terms/term.ts';
import type { AskedProgram } from './lowering/asked-program.ts';
import { boolType } from './lowering/types.ts';

/** What is asked about: a function by its name, or the module's own code. */
export type AskedName = string | undefined;

/** Checks that the user wrote, as opposed to what the language demands. */
const writtenByUser: ReadonlySet<CheckKind> = new Set(['assertion', 'unreachable', 'exception']);

const phrase = (name: AskedName): string => (name === undefined ? 'the program' : `\`${name}\``);

/** The questions that a request puts to a program; undefined if it asks for a result of the module, which has none. */
export function questionsFor(asked: AskedProgram, name: AskedName, request: FrontEndRequest): Question[] | undefined {
  const { question, event } = request;
  switch (question) {
    case 'terminates':
      return [termination(name)];
    case 'check':
      return [nothingGoesWrong(asked, name)];
    case 'always':
    case 'ever':
      if (!event) return [noAssertionFails(asked, name)];
      if (event.kind === 'returns' && !asked.result) return undefined;
      return [happens(asked, name, event, question)];
    case 'sensible': {
      const questions: Question[] = [];
      const returned = asked.result?.types ?? [];
      if (returned.length === 1 && returned[0] === boolType) {
        questions.push(happens(asked, name, { kind: 'returns', value: false }, 'always'));
      }
      if (asked.program.checks.length > 0) questions.push(nothingGoesWrong(asked, name));
      return [...questions, termination(name)];
    }
    default:
      return unreachable(question);
  }
}

const termination = (name: AskedName): Question => ({
  kind: 'terminates',
  text:
    name === undefined ? 'Does the program always end?' : `Does ${phrase(name)} always return control to its caller?`,
});

const targetsOf = (asked: AskedProgram, kinds?: ReadonlySet<CheckKind>): Target[] =>
  asked.program.checks
    .filter((c) => !kinds || kinds.has(c.kind))
    .map((c) => ({ at: c.at, property: c.property, check: c.id }));

const nothingGoesWrong = (asked: AskedProgram, name: AskedName): Question => ({
  kind: 'always',
  text: `Does nothing go wrong in ${phrase(name)}?`,
  targets: targetsOf(asked),
});

const noAssertionFails = (asked: AskedProgram, name: AskedName): Question => ({
  kind: 'always',
  text: `Does no assertion in ${phrase(name)} ever fail, and is no exception raised?`,
  targets: targetsOf(asked, writtenByUser),
});

/** `ever`: can the event happen? `always`: does it never happen? */
function happens(asked: AskedProgram, name: AskedName, event: RequestedEvent, kind: 'always' | 'ever'): Question {
  const { terms } = asked.program;
  const occurrences = occurrencesOf(asked, event);
  const who = phrase(name);
  if (kind === 'ever') return { kind, text: `Can ${eventPhrase(who, event)}?`, targets: occurrences };
  const targets = occurrences.map((target) => ({ ...target, property: terms.not(target.property) }));
  return { kind, text: `Is it certain that ${neverPhrase(who, event)}?`, targets };
}

/** The places where an event happens, with the condition under which it does. */
function occurrencesOf(asked: AskedProgram, event: RequestedEvent): Target[] {
  const { terms, events, checks } = asked.program;
  switch (event.kind) {
    case 'failure':
      return checks.map((c) => ({ at: c.at, property: terms.not(c.property), check: c.id }));
    case 'print':
      return events.filter((e) => printsText(e, event.text, 'braces')).map((e) => ({ at: e.at, property: terms.true }));
    case 'returns':
      return [{ at: asked.exit, property: resultIs(asked, event) }];
    default:
      return unreachable(event);
  }
}

/** The result is this number. False counts as 0; for a truth value, any number but 0 is true. None is no number. */
function resultIs(asked: AskedProgram, event: RequestedEvent & { kind: 'returns' }): Term {
  const { result, isNumber, program } = asked;
  const t = program.terms;
  const payload = result?.payload;
  const isValue = (): Term => {
    if (payload!.sort.kind === 'bool') {
      const wanted = BigInt(event.value);
      return wanted === 1n ? payload! : wanted === 0n ? t.not(payload!) : t.false;
    }
    if (event.value === true) return t.not(t.equal(payload!, t.int(0)));
    return t.equal(payload!, t.int(BigInt(event.value)));
  };
  const equal = payload ? t.and(isNumber!, isValue()) : t.false;
  return event.other ? t.not(equal) : equal;
}

const formatValue = (value: bigint | boolean): string =>
  typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);

function eventPhrase(who: string, event: RequestedEvent): string {
  switch (event.kind) {
    case 'print':
      return `${who} print "${event.text}"`;
    case 'returns':
      return `${who} return ${event.other ? 'anything but ' : ''}${formatValue(event.value)}`;
    case 'failure':
      return `anything go wrong in ${who}`;
    default:
      return unreachable(event);
  }
}

function neverPhrase(who: string, event: RequestedEvent): string {
  switch (event.kind) {
    case 'print':
      return `${who} never prints "${event.text}"`;
    case 'returns':
      return `${who} ${event.other ? 'returns nothing but' : 'never returns'} ${formatValue(event.value)}`;
    case 'failure':
      return `nothing goes wrong in ${who}`;
    default:
      return unreachable(event);
  }
}
