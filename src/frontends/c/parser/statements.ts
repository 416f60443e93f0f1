import { fail } from '../diagnostics.ts';
import { suggestion } from '../nearest.ts';
import { cover, type Range } from '../preprocessor/source-file.ts';
import type { Token } from '../preprocessor/token.ts';
import { parseAnnotations } from './annotations.ts';
import type {
  Annotation,
  BlockItem,
  CompoundStatement,
  Declaration,
  Declarator,
  Expression,
  FunctionDefinition,
  Specifiers,
  Statement,
} from './ast.ts';
import { type Cursor, isKeyword, statementWords, typeHint } from './cursor.ts';
import { parseDeclarationRest, parseDeclarator, parseStaticAssertion, skipContractClause } from './declarations.ts';
import { parseArguments, parseConditional, parseExpression } from './expressions.ts';
import { parseAttributes, parseSpecifiers, startsType } from './specifiers.ts';

/** Statements [C11 6.8], function bodies, and the loop hints that stand before loops. */

/** Hints written as calls before a loop (ESBMC), or between its head and its body (CBMC). */
const invariantCalls = new Set(['__ESBMC_loop_invariant', '__tertium_loop_invariant']);
const headClauses: Readonly<Record<string, Annotation['kind'] | undefined>> = {
  __CPROVER_loop_invariant: 'loop-invariant',
  __CPROVER_decreases: 'loop-variant',
};

export function parseCompound(c: Cursor): CompoundStatement {
  c.enter();
  c.pushScope();
  const open = c.expect('{');
  const items: BlockItem[] = [];
  const hints: Annotation[] = [];
  for (;;) {
    for (const annotation of parseAnnotations(c)) {
      if (annotation.kind === 'assert') items.push({ kind: 'annotation', annotation, range: annotation.range });
      else hints.push(annotation);
    }
    if (c.is('}')) break;
    if (c.token.kind === 'end') c.expect('}', 'at the end of the block', open);
    const hint = parseInvariantCall(c);
    if (hint) hints.push(...hint);
    else items.push(...parseBlockItem(c, hints.splice(0)));
  }
  warnUnused(c, hints);
  c.next();
  c.popScope();
  c.leave();
  return { kind: 'compound', items, range: c.since(open) };
}

function warnUnused(c: Cursor, hints: readonly Annotation[]): void {
  for (const hint of hints) c.warn('C0221', 'this hint stands before no loop; it is not used', hint.range);
}

function parseInvariantCall(c: Cursor): Annotation[] | undefined {
  if (!invariantCalls.has(c.token.text) || !c.peekIs(1, '(')) return undefined;
  const first = c.next();
  const args = parseArguments(c, c.next());
  c.expect(';', 'after the invariant');
  const range = c.since(first);
  return args.map((expression) => ({ kind: 'loop-invariant', expression, meaning: 'c', range }));
}

function parseBlockItem(c: Cursor, hints: Annotation[]): BlockItem[] {
  const first = c.token;
  if (c.is('_Static_assert')) return [parseStaticAssertion(c)];
  if (startsDeclaration(c)) {
    warnUnused(c, hints);
    return [parseDeclarationOrNested(c)];
  }
  if (c.accept('__label__')) {
    const names: string[] = [];
    do names.push(c.expectName('a label').text);
    while (c.accept(','));
    c.expect(';', 'after the labels');
    return [{ kind: 'local-labels', names, range: c.since(first) }];
  }
  return parseLabelled(c, hints);
}

function startsDeclaration(c: Cursor): boolean {
  return startsType(c) && !(c.peekIs(1, ':') && !isKeyword(c.token.text));
}

function parseDeclarationOrNested(c: Cursor): Declaration | FunctionDefinition {
  const first = c.token;
  const specifiers = parseSpecifiers(c);
  if (c.is(';')) return parseDeclarationRest(c, first, specifiers);
  const declarator = parseDeclarator(c, 'name');
  if (c.is('{') && declarator.derivations[0]?.kind === 'function')
    return parseFunctionRest(c, first, specifiers, declarator);
  return parseDeclarationRest(c, first, specifiers, declarator);
}

/** The rest of a function definition: old-style declarations and the body. */
export function parseFunctionRest(
  c: Cursor,
  first: Range,
  specifiers: Specifiers,
  declarator: Declarator,
): FunctionDefinition {
  c.declare(declarator.name!, false);
  c.pushScope();
  const shape = declarator.derivations[0]!;
  if (shape.kind === 'function') {
    for (const { declarator: parameter } of shape.parameters) if (parameter.name) c.declare(parameter.name, false);
    for (const { name } of shape.names ?? []) c.declare(name, false);
  }
  const oldStyle: Declaration[] = [];
  while (!c.is('{')) {
    if (!startsType(c)) c.unexpected('the function body `{`');
    const start = c.token;
    oldStyle.push(parseDeclarationRest(c, start, parseSpecifiers(c)));
  }
  c.beginFunction();
  const body = parseCompound(c);
  c.endFunction();
  c.popScope();
  return { kind: 'function', specifiers, declarator, oldStyle, body, range: c.since(first) };
}

/** A statement where no declaration may stand; annotations directly before it are its own. */
function parseBody(c: Cursor): Statement {
  const annotations = parseAnnotations(c);
  const asserts = annotations.filter((a) => a.kind === 'assert');
  const hints = annotations.filter((a) => a.kind !== 'assert');
  const first = c.token;
  if (startsDeclaration(c)) c.unexpected('a statement', { hint: 'a declaration needs a block `{ … }` here' });
  const statement = parseStatement(c, hints);
  if (asserts.length === 0) return statement;
  const items: Statement[] = asserts.map((annotation) => ({ kind: 'annotation', annotation, range: annotation.range }));
  return { kind: 'compound', items: [...items, statement], range: c.since(first) };
}

function parseStatement(c: Cursor, hints: Annotation[]): Statement {
  const first = c.token;
  const loop = c.is('while') || c.is('do') || c.is('for');
  if (startsLabel(c)) {
    const items = parseLabelled(c, hints);
    return items.length === 1 ? items[0]! : { kind: 'compound', items, range: c.since(first) };
  }
  if (!loop) warnUnused(c, hints);
  if (c.is('{')) return parseCompound(c);
  if (c.token.kind === 'identifier') {
    c.enter();
    const statement = parseKeywordStatement(c, hints);
    c.leave();
    if (statement) return statement;
  }
  if (c.accept(';')) return { kind: 'empty', range: first };
  if (c.is('__attribute__')) parseAttributes(c); // __attribute__((fallthrough));
  if (c.accept(';')) return { kind: 'empty', range: c.since(first) };
  const expression = parseExpression(c);
  if (expression.kind === 'name' && c.token.kind !== 'punctuator' && !c.token.lineStart) explainWord(c, first);
  c.expect(';', 'after the expression');
  return { kind: 'expression', expression, range: c.since(first) };
}

/** A name before something else is a mistyped keyword, or a type that is not declared. */
function explainWord(c: Cursor, first: Token): never {
  const keywordHint = suggestion(first.text, statementWords);
  const isName = c.token.kind === 'identifier' && !isKeyword(c.token.text);
  c.unexpected(
    '`;` after the expression',
    keywordHint.hint !== undefined ? keywordHint : isName ? typeHint(first.text) : {},
  );
}

/** `name:`, `case` or `default`. */
const startsLabel = (c: Cursor): boolean =>
  c.token.kind === 'identifier' && (c.is('case') || c.is('default') || (c.peekIs(1, ':') && !isKeyword(c.token.text)));

/**
 * A statement with its labels, which are read in a loop: tables have hundreds of cases in a row. Each label but the last marks
 * an empty statement before the next. C23 lets a label stand before a declaration or at the end of a block.
 */
function parseLabelled(c: Cursor, hints: Annotation[]): Statement[] {
  if (!startsLabel(c)) return [parseStatement(c, hints)];
  const statements: Statement[] = [];
  let around = hints;
  for (;;) {
    const first = c.token;
    const labelled = parseLabel(c);
    if (c.is('}') || startsDeclaration(c) || startsLabel(c)) {
      statements.push(labelled({ kind: 'empty', range: first }, c.since(first)));
      if (startsLabel(c)) continue;
      warnUnused(c, around);
      return statements;
    }
    around = [...around, ...parseAnnotations(c).filter((a) => a.kind !== 'assert')];
    c.enter();
    const body = parseStatement(c, around);
    c.leave();
    statements.push(labelled(body, c.since(first)));
    return statements;
  }
}

/** The label itself; what it marks comes later. */
function parseLabel(c: Cursor): (body: Statement, range: Range) => Statement {
  if (c.accept('case')) {
    const low = parseConditional(c);
    const high = c.accept('...') ? parseConditional(c) : undefined;
    c.expect(':', 'after the case');
    return (body, range) => ({ kind: 'case', low, high, body, range });
  }
  if (c.accept('default')) {
    c.expect(':', 'after default');
    return (body, range) => ({ kind: 'default', body, range });
  }
  const name = c.next().text;
  c.label(name);
  c.next();
  parseAttributes(c);
  return (body, range) => ({ kind: 'label', name, body, range });
}

function parseKeywordStatement(c: Cursor, hints: Annotation[]): Statement | undefined {
  const first = c.token;
  switch (first.text) {
    case 'if':
      return parseIf(c);
    case 'while': {
      c.next();
      const condition = parseCondition(c, 'while');
      const clauses = parseHeadClauses(c);
      return { kind: 'while', condition, body: parseBody(c), hints: [...hints, ...clauses], range: c.since(first) };
    }
    case 'do': {
      c.next();
      const body = parseBody(c);
      c.expect('while', 'after the body of `do`');
      const condition = parseCondition(c, 'while');
      c.expect(';', 'after `do … while (…)`');
      return { kind: 'do', body, condition, hints, range: c.since(first) };
    }
    case 'for':
      return parseFor(c, hints);
    case 'switch': {
      c.next();
      const value = parseCondition(c, 'switch');
      return { kind: 'switch', value, body: parseBody(c), range: c.since(first) };
    }
    case 'goto': {
      c.next();
      if (c.accept('*')) {
        const target = parseExpression(c);
        c.expect(';', 'after goto');
        return { kind: 'computed-goto', target, range: c.since(first) };
      }
      const label = c.expectName('a label');
      c.jump(label);
      c.expect(';', 'after the label');
      return { kind: 'goto', label: label.text, range: c.since(first) };
    }
    case 'break':
    case 'continue':
      c.next();
      c.expect(';', `after ${first.text}`);
      return { kind: first.text, range: c.since(first) };
    case 'return': {
      c.next();
      const value = c.is(';') ? undefined : parseExpression(c);
      c.expect(';', 'after the returned value');
      return { kind: 'return', value, range: c.since(first) };
    }
    case 'else':
      return fail('C0220', '`else` without `if`', first);
    default:
      return c.is('asm') ? parseAsm(c) : undefined;
  }
}

/** Chains of `else if` are read in a loop: generated programs have thousands. */
function parseIf(c: Cursor): Statement {
  const branches: { first: Range; condition: Expression; consequent: Statement }[] = [];
  let otherwise: Statement | undefined;
  for (;;) {
    const first = c.next();
    const condition = parseCondition(c, 'if');
    branches.push({ first, condition, consequent: parseBody(c) });
    if (!c.accept('else')) break;
    if (c.is('if')) continue;
    otherwise = parseBody(c);
    break;
  }
  let result = otherwise;
  const end = c.previous;
  for (const { first, condition, consequent } of branches.reverse()) {
    result = { kind: 'if', condition, consequent, otherwise: result, range: cover(first, end) };
  }
  return result!;
}

/** `(expression)`; for `if`, a plain call without parentheses passes with a warning: `if terminates(h) …`. */
function parseCondition(c: Cursor, word: string): Expression {
  if (word === 'if' && c.token.kind === 'identifier' && !isKeyword(c.token.text) && c.peekIs(1, '(')) {
    const callee = c.next();
    const open = c.next();
    const args = parseArguments(c, open);
    const range = c.since(callee);
    c.warn('C0222', 'the condition after `if` should stand in parentheses', range, {
      hint: `write \`if (${range.file.text.slice(range.start, range.end)})\``,
    });
    return { kind: 'call', callee: { kind: 'name', name: callee.text, range: callee }, args, range };
  }
  const open = c.expect('(', `after \`${word}\``);
  const condition = parseExpression(c);
  c.expect(')', 'after the condition', open);
  return condition;
}

function parseHeadClauses(c: Cursor): Annotation[] {
  const clauses: Annotation[] = [];
  for (;;) {
    const first = c.token;
    if (skipContractClause(c)) continue;
    const kind = first.kind === 'identifier' ? headClauses[first.text] : undefined;
    if (!kind || !c.peekIs(1, '(')) return clauses;
    c.next();
    const args = parseArguments(c, c.next());
    for (const expression of args) clauses.push({ kind, expression, meaning: 'c', range: c.since(first) });
  }
}

function parseFor(c: Cursor, hints: Annotation[]): Statement {
  const first = c.next();
  const open = c.expect('(', 'after `for`');
  c.pushScope();
  let start: Declaration | Expression | undefined;
  if (startsType(c)) {
    const at = c.token;
    start = parseDeclarationRest(c, at, parseSpecifiers(c));
  } else {
    if (!c.is(';')) start = parseExpression(c);
    c.expect(';', 'after the first part of `for`');
  }
  const condition = c.is(';') ? undefined : parseExpression(c);
  c.expect(';', 'after the condition of `for`');
  const step = c.is(')') ? undefined : parseExpression(c);
  c.expect(')', 'after the head of `for`', open);
  const clauses = parseHeadClauses(c);
  const body = parseBody(c);
  c.popScope();
  return { kind: 'for', start, condition, step, body, hints: [...hints, ...clauses], range: c.since(first) };
}

/** Inline assembly: only its emptiness is noted; an empty template with no operands does nothing. */
export function parseAsm(c: Cursor): Statement {
  const first = c.next();
  while (c.accept('volatile') || c.accept('inline') || c.accept('goto'));
  const open = c.expect('(', 'after asm');
  let empty = true;
  for (let depth = 0; depth > 0 || !c.is(')'); c.next()) {
    if (c.token.kind === 'end') c.expect(')', '', open);
    if (c.is('(')) depth++;
    if (c.is(')')) depth--;
    if (depth > 0 || (c.token.kind === 'string' && !/^"(?:memory)?"$/.test(c.token.text))) empty = false;
  }
  c.next();
  c.expect(';', 'after asm');
  return { kind: 'asm', empty, range: c.since(first) };
}
