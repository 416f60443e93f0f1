import type { Diagnostic } from '../../../base/diagnostic.ts';
import type { Preprocessed } from '../preprocessor/preprocessor.ts';
import type { ExternalDeclaration, TranslationUnit } from './ast.ts';
import { Cursor, typeHint } from './cursor.ts';
import { parseDeclarationRest, parseDeclarator, parseStaticAssertion } from './declarations.ts';
import { parseSpecifiers, startsType } from './specifiers.ts';
import { parseAsm, parseFunctionRest } from './statements.ts';

/**
 * A translation unit [C11 6.9]. Hand-written recursive descent with a table of type names, since C cannot be parsed without
 * one: `(T)(x)+1` is a cast or a call depending on T. Throws Failure at the first syntax error.
 */
export function parse(source: Preprocessed): { unit: TranslationUnit; warnings: Diagnostic[] } {
  const c = new Cursor(source.tokens);
  const declarations: ExternalDeclaration[] = [];
  const range = { file: source.file, start: 0, end: source.file.text.length };
  while (c.token.kind !== 'end') {
    if (c.accept(';')) continue;
    declarations.push(parseExternal(c));
  }
  for (const token of c.unusedAnnotations) c.warn('C0225', 'an annotation at this place is not used', token);
  return { unit: { declarations, range }, warnings: c.warnings };
}

function parseExternal(c: Cursor): ExternalDeclaration {
  const first = c.token;
  if (c.is('_Static_assert')) return parseStaticAssertion(c);
  if (c.is('asm')) {
    parseAsm(c);
    return { kind: 'asm', range: c.since(first) };
  }
  if (!startsType(c) && (first.kind !== 'identifier' || !(c.peekIs(1, '(') || c.peekIs(1, '=') || c.peekIs(1, ';')))) {
    if (first.kind === 'identifier' && c.peek(1).kind === 'identifier') {
      c.unexpected('a declaration', typeHint(first.text));
    }
    c.unexpected('a declaration', first.text === '}' ? { hint: 'it closes nothing: is there one `}` too many?' } : {});
  }
  const specifiers = parseSpecifiers(c);
  if (c.is(';')) return parseDeclarationRest(c, first, specifiers);
  const declarator = parseDeclarator(c, 'name');
  const isFunction = declarator.derivations[0]?.kind === 'function';
  if (isFunction && (c.is('{') || startsType(c))) return parseFunctionRest(c, first, specifiers, declarator);
  return parseDeclarationRest(c, first, specifiers, declarator);
}
