import { Failure } from '../diagnostics.ts';
import type { Range } from '../preprocessor/source-file.ts';
import type { Token } from '../preprocessor/token.ts';
import type { Annotation } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { parseExpression } from './expressions.ts';

/**
 * The part of ACSL [ACSL] that we read: `loop invariant e;`, `loop variant e;`, `assert e;` with C expressions,
 * `==>`, `<==>`, chained comparisons, `\true` and `\false`. A hint that we do not understand is dropped with a warning: hints
 * are proved before they are used, so dropping one loses help, never soundness.
 */
export function parseAnnotations(c: Cursor): Annotation[] {
  return c.takeAnnotations().flatMap((token) => {
    try {
      return c.within([...(token.content ?? []), { ...token, kind: 'end', text: '' }], () => parseClauses(c, token));
    } catch (problem) {
      if (!(problem instanceof Failure)) throw problem;
      const { message, expected } = problem.diagnostic;
      c.warn('C0223', `this annotation is not used: ${message}`, token, expected === undefined ? {} : { expected });
      return [];
    }
  });
}

const ignoredClauses =
  /^(?:requires|ensures|assigns|decreases|behavior|assumes|complete|disjoint|terminates|null|notnull|unused)$/;

function parseClauses(c: Cursor, whole: Range): Annotation[] {
  c.acsl = true;
  const result: Annotation[] = [];
  while (c.token.kind !== 'end') {
    const first = c.token;
    const kind = clauseKind(c);
    if (!kind) {
      if (!ignoredClauses.test(first.text)) c.unexpected('`loop invariant`, `loop variant` or `assert`');
      c.warn('C0224', `the ACSL clause \`${first.text}\` is not used`, whole);
      break;
    }
    const expression = parseExpression(c);
    c.expect(';', 'at the end of the clause');
    result.push({ kind, expression, meaning: 'acsl', range: c.since(first) });
  }
  return result;
}

function clauseKind(c: Cursor): Annotation['kind'] | undefined {
  const word = (token: Token): string => (token.kind === 'identifier' ? token.text : '');
  if (word(c.token) === 'assert') {
    c.next();
    return 'assert';
  }
  if (word(c.token) !== 'loop') return undefined;
  const second = word(c.peek());
  if (second !== 'invariant' && second !== 'variant') return undefined;
  c.next();
  c.next();
  return second === 'invariant' ? 'loop-invariant' : 'loop-variant';
}
