import { fail } from '../diagnostics.ts';
import { type Encoding, parseNumber, parseQuoted } from '../preprocessor/literal.ts';
import { cover, type Range } from '../preprocessor/source-file.ts';
import type { Token } from '../preprocessor/token.ts';
import type { AssignmentOperator, BinaryOperator, Designator, Expression, TypeName, UnaryOperator } from './ast.ts';
import { type Cursor, isKeyword, keyword } from './cursor.ts';
import { parseInitializer, parseTypeName } from './declarations.ts';
import { startsType } from './specifiers.ts';
import { parseCompound } from './statements.ts';

/** Expressions [C11 6.5] by recursive descent, the binary operators by precedence climbing. */

const levels: Readonly<Record<string, number>> = {
  '*': 10,
  '/': 10,
  '%': 10,
  '+': 9,
  '-': 9,
  '<<': 8,
  '>>': 8,
  '<': 7,
  '>': 7,
  '<=': 7,
  '>=': 7,
  '==': 6,
  '!=': 6,
  '&': 5,
  '^': 4,
  '|': 3,
  '&&': 2,
  '||': 1,
};
const comparisons = new Set(['<', '>', '<=', '>=', '==', '!=']);
const assignments = new Set(['=', '*=', '/=', '%=', '+=', '-=', '<<=', '>>=', '&=', '^=', '|=']);
const prefixes = new Set(['+', '-', '!', '~', '*', '&', '++', '--', '__real__', '__imag__', '__extension__']);

export function parseExpression(c: Cursor): Expression {
  if (c.acsl) return parseEquivalence(c);
  let left = parseAssignment(c);
  while (c.accept(',')) {
    const right = parseAssignment(c);
    left = { kind: 'comma', left, right, range: cover(left.range, right.range) };
  }
  return left;
}

export function parseAssignment(c: Cursor): Expression {
  if (c.acsl) return parseEquivalence(c);
  const target = parseConditional(c);
  const token = c.token;
  if (token.kind !== 'punctuator' || !assignments.has(token.text)) return target;
  c.enter();
  c.next();
  const value = parseAssignment(c);
  c.leave();
  return {
    kind: 'assign',
    op: token.text as AssignmentOperator,
    target,
    value,
    range: cover(target.range, value.range),
  };
}

export function parseConditional(c: Cursor): Expression {
  const condition = parseBinary(c, 1);
  if (!c.is('?')) return condition;
  c.enter();
  const mark = c.next();
  const consequent = c.is(':') ? undefined : parseExpression(c);
  c.expect(':', 'of the conditional expression', mark);
  const otherwise = c.acsl ? parseEquivalence(c) : parseConditional(c);
  c.leave();
  return { kind: 'conditional', condition, consequent, otherwise, range: cover(condition.range, otherwise.range) };
}

function parseBinary(c: Cursor, least: number): Expression {
  let left = parseCast(c);
  /** In ACSL, `a < b <= c` means `a < b && b <= c`: the last operand and level of the chain that `left` ends in. */
  let chain: { last: Expression; level: number } | undefined;
  for (;;) {
    const token = c.token;
    const level = token.kind === 'punctuator' ? levels[token.text] : undefined;
    if (level === undefined || level < least) return left;
    if (c.acsl && arrowLength(c) > 0) return left;
    c.next();
    const right = parseBinary(c, level + 1);
    const op = token.text as BinaryOperator;
    if (c.acsl && chain?.level === level && comparisons.has(op)) {
      const next: Expression = {
        kind: 'binary',
        op,
        left: chain.last,
        right,
        range: cover(chain.last.range, right.range),
      };
      left = { kind: 'binary', op: '&&', left, right: next, range: cover(left.range, right.range) };
    } else {
      left = { kind: 'binary', op, left, right, range: cover(left.range, right.range) };
    }
    chain = comparisons.has(op) ? { last: right, level } : undefined;
  }
}

// ACSL connectives: our scanner knows only C's punctuators, so `==>` comes as `==` `>` and `<==>` as `<=` `=` `>`.

const glued = (a: Token, b: Token): boolean => a.end === b.start && a.file === b.file;

/** How many tokens the ACSL arrow at the cursor takes: 2 for `==>`, 3 for `<==>`, 0 for none. */
function arrowLength(c: Cursor): number {
  const [a, b, d] = [c.token, c.peek(1), c.peek(2)];
  if (a.text === '==' && b.text === '>' && glued(a, b)) return 2;
  if (a.text === '<=' && b.text === '=' && d.text === '>' && glued(a, b) && glued(b, d)) return 3;
  return 0;
}

function parseEquivalence(c: Cursor): Expression {
  c.enter();
  let left = parseImplication(c);
  while (arrowLength(c) === 3) {
    for (let i = 0; i < 3; i++) c.next();
    const right = parseImplication(c);
    left = { kind: 'binary', op: '<==>', left, right, range: cover(left.range, right.range) };
  }
  c.leave();
  return left;
}

function parseImplication(c: Cursor): Expression {
  const left = parseConditional(c);
  if (arrowLength(c) !== 2) return left;
  c.enter();
  c.next();
  c.next();
  const right = parseImplication(c);
  c.leave();
  return { kind: 'binary', op: '==>', left, right, range: cover(left.range, right.range) };
}

/** A cast, a compound literal with its suffixes, or a unary expression. */
function parseCast(c: Cursor): Expression {
  if (!(c.is('(') && startsType(c, 1))) return parseUnary(c);
  c.enter();
  const open = c.next();
  const type = parseTypeName(c);
  c.expect(')', 'after the type', open);
  let result: Expression;
  if (c.is('{')) {
    const initializer = parseInitializer(c);
    result = parseSuffixes(c, { kind: 'compound-literal', type, initializer, range: c.since(open) });
  } else {
    const operand = parseCast(c);
    result = { kind: 'cast', type, operand, range: cover(open, operand.range) };
  }
  c.leave();
  return result;
}

function parseUnary(c: Cursor): Expression {
  const token = c.token;
  const word = token.kind === 'identifier' ? keyword(token.text) : token.text;
  if (token.kind === 'punctuator' || token.kind === 'identifier') {
    if (prefixes.has(word)) {
      c.enter();
      c.next();
      const operand = parseCast(c);
      c.leave();
      if (word === '__extension__') return operand;
      return { kind: 'unary', op: word as UnaryOperator, operand, range: cover(token, operand.range) };
    }
    if (word === 'sizeof' || word === '_Alignof') return parseSizeof(c, word === '_Alignof');
    if (word === '&&') {
      c.next();
      const label = c.expectName('a label');
      return { kind: 'label-address', label: label.text, range: cover(token, label) };
    }
  }
  return parseSuffixes(c, parsePrimary(c));
}

function parseSizeof(c: Cursor, alignment: boolean): Expression {
  c.enter();
  const first = c.next();
  let operand: Expression | TypeName;
  if (c.is('(') && startsType(c, 1)) {
    const open = c.next();
    const type = parseTypeName(c);
    c.expect(')', 'after the type', open);
    if (c.is('{')) {
      const initializer = parseInitializer(c);
      operand = parseSuffixes(c, { kind: 'compound-literal', type, initializer, range: c.since(open) });
    } else {
      operand = type;
    }
  } else {
    operand = parseUnary(c);
  }
  c.leave();
  return { kind: 'sizeof', operand, alignment, range: c.since(first) };
}

function parseSuffixes(c: Cursor, start: Expression): Expression {
  let result = start;
  for (;;) {
    const token = c.token;
    if (token.kind !== 'punctuator') return result;
    switch (token.text) {
      case '[': {
        c.enter();
        c.next();
        const index = parseExpression(c);
        c.expect(']', 'after the index', token);
        c.leave();
        result = { kind: 'index', array: result, index, range: c.since(result.range) };
        break;
      }
      case '(': {
        c.next();
        const args = parseArguments(c, token);
        result = { kind: 'call', callee: result, args, range: c.since(result.range) };
        break;
      }
      case '.':
      case '->': {
        c.next();
        const name = c.expectName('a member name').text;
        result = { kind: 'member', object: result, name, arrow: token.text === '->', range: c.since(result.range) };
        break;
      }
      case '++':
      case '--':
        c.next();
        result = { kind: 'postfix', op: token.text, operand: result, range: c.since(result.range) };
        break;
      default:
        return result;
    }
  }
}

/** The arguments of a call; the opening parenthesis is read already. */
export function parseArguments(c: Cursor, open: Range): Expression[] {
  const args: Expression[] = [];
  if (c.accept(')')) return args;
  c.enter();
  do args.push(parseAssignment(c));
  while (c.accept(','));
  c.expect(')', 'or `,` after the argument', open);
  c.leave();
  return args;
}

function parsePrimary(c: Cursor): Expression {
  const token = c.token;
  switch (token.kind) {
    case 'number':
      c.next();
      return { kind: 'number', literal: parseNumber(token.text, token), range: token };
    case 'character':
      c.next();
      return { kind: 'character', text: token.text, range: token };
    case 'string':
      return parseStrings(c);
    case 'identifier':
      return parseName(c);
    case 'punctuator':
      if (token.text === '(') return parseParenthesized(c);
      break;
    case 'other':
      if (c.acsl && token.text === '\\') return parseAcslWord(c);
      break;
    default:
  }
  c.unexpected('an expression');
}

function parseParenthesized(c: Cursor): Expression {
  c.enter();
  const open = c.next();
  let result: Expression;
  if (c.is('{')) {
    const body = parseCompound(c);
    result = { kind: 'statement-expression', body, range: body.range };
  } else {
    result = parseExpression(c);
  }
  c.expect(')', '', open);
  c.leave();
  // The parentheses belong to the text of the expression: `(a) + b` starts at the parenthesis.
  return { ...result, range: c.since(open) };
}

function parseStrings(c: Cursor): Expression {
  const first = c.token;
  let encoding: Encoding = '';
  const units: number[] = [];
  while (c.token.kind === 'string') {
    const token = c.next();
    const part = parseQuoted(token.text, token);
    if (part.encoding !== '') {
      if (encoding !== '' && encoding !== part.encoding)
        fail('C0204', 'strings of different encodings side by side', token);
      encoding = part.encoding;
    }
    for (const unit of part.units) units.push(unit);
  }
  return { kind: 'string', encoding, units, range: c.since(first) };
}

function parseName(c: Cursor): Expression {
  const token = c.token;
  switch (token.text) {
    case '_Generic':
      return parseGeneric(c);
    case '__builtin_offsetof':
      return parseOffsetof(c);
    case '__builtin_va_arg': {
      c.enter();
      c.next();
      const open = c.expect('(');
      const list = parseAssignment(c);
      c.expect(',');
      const type = parseTypeName(c);
      c.expect(')', '', open);
      c.leave();
      return { kind: 'va-arg', list, type, range: c.since(token) };
    }
    case '__builtin_types_compatible_p': {
      c.next();
      const open = c.expect('(');
      const left = parseTypeName(c);
      c.expect(',');
      const right = parseTypeName(c);
      c.expect(')', '', open);
      return { kind: 'types-compatible', left, right, range: c.since(token) };
    }
    default:
      if (isKeyword(token.text) || (c.isTypeName(token) && token.text !== 'bool')) c.unexpected('an expression');
      c.next();
      return { kind: 'name', name: token.text, range: token };
  }
}

function parseGeneric(c: Cursor): Expression {
  c.enter();
  const first = c.next();
  const open = c.expect('(');
  const control = parseAssignment(c);
  const associations: { type: TypeName | undefined; value: Expression }[] = [];
  while (c.accept(',')) {
    const type = c.accept('default') ? undefined : parseTypeName(c);
    c.expect(':');
    associations.push({ type, value: parseAssignment(c) });
  }
  c.expect(')', '', open);
  c.leave();
  return { kind: 'generic', control, associations, range: c.since(first) };
}

function parseOffsetof(c: Cursor): Expression {
  c.enter();
  const first = c.next();
  const open = c.expect('(');
  const type = parseTypeName(c);
  c.expect(',');
  const name = c.expectName('a member name');
  const path: Designator[] = [{ kind: 'field', name: name.text, range: name }];
  for (;;) {
    const token = c.token;
    if (c.accept('.') || c.accept('->')) {
      const member = c.expectName('a member name');
      path.push({ kind: 'field', name: member.text, range: member });
    } else if (c.accept('[')) {
      const index = parseExpression(c);
      c.expect(']', '', token);
      path.push({ kind: 'element', index, last: undefined, range: c.since(token) });
    } else {
      break;
    }
  }
  c.expect(')', '', open);
  c.leave();
  return { kind: 'offsetof', type, path, range: c.since(first) };
}

/** `\true` and `\false`; other ACSL words are not understood. */
function parseAcslWord(c: Cursor): Expression {
  const backslash = c.next();
  const word = c.token;
  if (word.text === 'true' || word.text === 'false') {
    c.next();
    return { kind: 'truth', value: word.text === 'true', range: cover(backslash, word) };
  }
  fail('C0205', `the ACSL word \`\\${word.text}\` is not understood`, cover(backslash, word), {
    expected: 'a C expression, ==>, <==>, \\true or \\false',
  });
}
