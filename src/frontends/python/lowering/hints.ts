/**
 * What the user says about a loop, in a comment inside it: `# invariant: x >= 0`, `# variant: n - i`, or in the manner of ACSL
 * `#@ loop invariant x >= 0`. A hint is attached to the head of the innermost loop around the comment and is proved before it is used.
 * In a `for` loop the loop variable stands for the value that the next turn gives it.
 */
import type { LocationId } from '../../../program/program.ts';
import type { Term } from '../../../terms/term.ts';
import { children, type Expression, type For, type Node, type While } from '../ast.ts';
import { Cursor } from '../cursor.ts';
import { expression } from '../expressions.ts';
import { SyntaxFault } from '../syntax-fault.ts';
import { tokenize } from '../tokenizer.ts';
import type { Body } from './body.ts';
import { evaluate } from './expressions.ts';
import { truth } from './truth.ts';
import { isNumeric } from './types.ts';

const hintForm = /^#(?:\s*(?:loop\s+)?(invariant|variant)\s*:|@\s*loop\s+(invariant|variant)\b)\s*(.*?);?\s*$/;

type Loop = For | While;

/** Reads the hints of a loop. requires: control stands at the head, `at`, with no steps pending. */
export function attachHints(body: Body, node: Loop, at: LocationId): void {
  if (!body.dry) {
    for (const comment of body.unit.module.comments) {
      if (comment.start < node.start || comment.start > endOfLine(body, node.end)) continue;
      if (innermost(node, comment.start) !== node) continue;
      const text = body.unit.module.map.text.slice(comment.start, comment.end);
      const match = hintForm.exec(text);
      if (match) attach(body, at, comment, match[1] ?? match[2]!, match[3]!);
    }
  }
  body.overrides = new Map();
}

/** A comment behind the last statement of a loop belongs to the loop. */
function endOfLine(body: Body, offset: number): number {
  const end = body.unit.module.map.text.indexOf('\n', offset);
  return end < 0 ? body.unit.module.map.text.length : end;
}

function innermost(loop: Loop, offset: number): Loop {
  let found = loop;
  const stack: Node[] = children(loop);
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (offset < node.start || offset > node.end) continue;
    if (node.kind === 'While' || node.kind === 'For' || node.kind === 'AsyncFor') found = node;
    stack.push(...children(node));
  }
  return found;
}

function attach(
  body: Body,
  at: LocationId,
  comment: { readonly start: number; readonly end: number },
  kind: string,
  text: string,
): void {
  const { unit, values } = body;
  const start = unit.module.map.text.indexOf(text, comment.start);
  const origin = unit.module.map.span(comment.start, comment.end);
  const ignore = (why: string): void => {
    const message = `this hint is ignored: ${why}`;
    unit.warnings.push({ code: 'PY-HINT', severity: 'warning', message, span: origin });
  };
  const node = parseHint(unit.module.map.text, start, start + text.length);
  if (typeof node === 'string') {
    ignore(node);
    return;
  }
  const term = body.trial((): Term | undefined => {
    const value = evaluate(body, node);
    if (kind === 'invariant') return truth(body, value, node);
    return value.types.length > 0 && value.types.every(isNumeric) ? values.asInt(value) : undefined;
  });
  if (term) unit.builder.hint({ kind: kind === 'variant' ? 'variant' : 'invariant', at, term, text, origin });
  else ignore('its variables do not all have a number at the head of the loop, or it could fail');
}

/** The expression at [start, end), or what is wrong with it. */
function parseHint(text: string, start: number, end: number): Expression | string {
  try {
    const cursor = new Cursor(text, tokenize(text, { from: start, until: end, insideBrackets: true }));
    const node = expression(cursor);
    return cursor.kind === 'end' ? node : `unexpected '${cursor.text}'`;
  } catch (fault) {
    if (!(fault instanceof SyntaxFault)) throw fault;
    return fault.message;
  }
}
