/** Patterns of `case` (language reference 8.6.4, PEP 634). */
import type { Constant, Expression, Name, Pattern } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { strings } from './formatted-string.ts';
import { numberValue } from './number-literal.ts';
import { SyntaxFault } from './syntax-fault.ts';

/** The pattern of a case: an open sequence (`a, *b`) or a single pattern. */
export function patterns(c: Cursor): Pattern {
  const start = c.start;
  const first = maybeStarPattern(c);
  if (!c.is(',')) {
    if (first.kind === 'MatchStar')
      throw new SyntaxFault('a starred pattern stands alone', start, c.lastEnd, { expected: "','" });
    return first;
  }
  const found = [first];
  while (c.accept(',')) {
    if (c.is(':') || c.is('if')) break;
    found.push(maybeStarPattern(c));
  }
  return { kind: 'MatchSequence', patterns: found, ...c.place(start) };
}

function maybeStarPattern(c: Cursor): Pattern {
  if (!c.is('*')) return pattern(c);
  const start = c.start;
  c.advance();
  const name = captureName(c);
  return { kind: 'MatchStar', name: name === '_' ? null : name, ...c.place(start) };
}

/** A name that a pattern binds; `_` binds nothing. */
function captureName(c: Cursor): string {
  const name = c.name('a name to bind');
  if (c.is('.') || c.is('(') || c.is('=')) throw c.unexpected("',' or ':'");
  return name;
}

function boundName(c: Cursor): string {
  if (c.is('_')) throw c.unexpected('a name', "'_' binds nothing");
  return captureName(c);
}

function pattern(c: Cursor): Pattern {
  return c.nested(() => {
    const start = c.start;
    const inner = orPattern(c);
    if (!c.accept('as')) return inner;
    const name = boundName(c);
    return { kind: 'MatchAs', pattern: inner, name, ...c.place(start) };
  });
}

function orPattern(c: Cursor): Pattern {
  const start = c.start;
  const first = closedPattern(c);
  if (!c.is('|')) return first;
  const alternatives = [first];
  while (c.accept('|')) alternatives.push(closedPattern(c));
  return { kind: 'MatchOr', patterns: alternatives, ...c.place(start) };
}

function closedPattern(c: Cursor): Pattern {
  const start = c.start;
  switch (c.kind) {
    case 'number':
    case 'string': {
      const value = c.kind === 'string' ? strings(c) : numberLiteral(c);
      return { kind: 'MatchValue', value, ...c.place(start) };
    }
    case 'keyword': {
      const singleton = singletonLiteral(c);
      if (singleton) return { kind: 'MatchSingleton', value: singleton.value, ...c.place(start) };
      break;
    }
    case 'name':
      return namePattern(c);
    case 'operator':
      if (c.is('-')) return { kind: 'MatchValue', value: numberLiteral(c), ...c.place(start) };
      if (c.is('(') || c.is('[')) return c.nested(() => sequenceOrGroup(c));
      if (c.is('{')) return c.nested(() => mapping(c));
      break;
    default:
  }
  throw c.unexpected('a pattern');
}

function singletonLiteral(c: Cursor): Constant | undefined {
  const { text, start } = c;
  if (text !== 'None' && text !== 'True' && text !== 'False') return undefined;
  c.advance();
  const value = text === 'None' ? { type: 'None' as const } : { type: 'bool' as const, value: text === 'True' };
  return { kind: 'Constant', value, ...c.place(start) };
}

/** A number, perhaps negative, perhaps complex (`-1 + 2j`). */
function numberLiteral(c: Cursor): Expression {
  const start = c.start;
  const real = signedNumber(c);
  if (!c.is('+') && !c.is('-')) return real;
  const op = c.is('+') ? 'Add' : 'Sub';
  const isComplex = (value: Expression): boolean =>
    (value.kind === 'UnaryOp' ? value.operand : value).kind === 'Constant' &&
    ((value.kind === 'UnaryOp' ? value.operand : value) as Constant).value.type === 'complex';
  if (isComplex(real)) throw new SyntaxFault('a real number is required in a complex literal', real.start, real.end);
  c.advance();
  const right = plainNumber(c);
  if (!isComplex(right))
    throw new SyntaxFault('an imaginary number is required in a complex literal', right.start, right.end);
  return { kind: 'BinOp', left: real, op, right, ...c.place(start) };
}

function signedNumber(c: Cursor): Expression {
  const start = c.start;
  if (!c.accept('-')) return plainNumber(c);
  const operand = plainNumber(c);
  return { kind: 'UnaryOp', op: 'USub', operand, ...c.place(start) };
}

function plainNumber(c: Cursor): Constant {
  const { text, start } = c;
  c.expectKind('number', 'a number');
  return { kind: 'Constant', value: numberValue(text, start), ...c.place(start) };
}

/** `a.b.c` or `a`, as an expression. */
function attributeChain(c: Cursor): Expression {
  const start = c.start;
  const id = c.name();
  let value: Expression = { kind: 'Name', id, ...c.place(start) } satisfies Name;
  while (c.accept('.')) {
    const attr = c.name('the name of an attribute');
    value = { kind: 'Attribute', value, attr, ...c.place(start) };
  }
  return value;
}

/** A capture, the wildcard, a value (`a.b`) or a class pattern. */
function namePattern(c: Cursor): Pattern {
  const start = c.start;
  const next = c.peek(1);
  if (next !== '.' && next !== '(') {
    const name = captureName(c);
    return { kind: 'MatchAs', pattern: null, name: name === '_' ? null : name, ...c.place(start) };
  }
  const value = attributeChain(c);
  if (c.is('(')) return c.nested(() => classPattern(c, value, start));
  if (c.is('=')) throw c.unexpected("',' or ':'");
  return { kind: 'MatchValue', value, ...c.place(start) };
}

function classPattern(c: Cursor, cls: Expression, start: number): Pattern {
  c.expect('(');
  const positional: Pattern[] = [];
  const kwd_attrs: string[] = [];
  const kwd_patterns: Pattern[] = [];
  while (!c.is(')')) {
    if (c.kind === 'name' && c.peek(1) === '=') {
      kwd_attrs.push(c.name());
      c.expect('=');
      kwd_patterns.push(pattern(c));
    } else {
      const at = c.start;
      const value = pattern(c);
      if (kwd_attrs.length > 0) {
        throw new SyntaxFault('a positional pattern follows a keyword pattern', at, c.lastEnd, {
          expected: 'positional patterns first',
        });
      }
      positional.push(value);
    }
    if (!c.accept(',')) break;
  }
  if (!c.is(')')) throw c.unexpected("',' or ')'");
  c.advance();
  return { kind: 'MatchClass', cls, patterns: positional, kwd_attrs, kwd_patterns, ...c.place(start) };
}

function sequenceOrGroup(c: Cursor): Pattern {
  const start = c.start;
  const close = c.is('(') ? ')' : ']';
  c.advance();
  const found: Pattern[] = [];
  let commas = false;
  while (!c.is(close)) {
    found.push(maybeStarPattern(c));
    if (!c.accept(',')) break;
    commas = true;
  }
  if (!c.is(close)) throw c.unexpected(`',' or '${close}'`);
  c.advance();
  const only = found[0];
  if (close === ')' && found.length === 1 && !commas && only && only.kind !== 'MatchStar') return only;
  if (close === ')' && found.length === 1 && !commas) {
    throw new SyntaxFault('a starred pattern stands alone', start, c.lastEnd, { expected: "',' after it" });
  }
  return { kind: 'MatchSequence', patterns: found, ...c.place(start) };
}

function mapping(c: Cursor): Pattern {
  const start = c.start;
  c.expect('{');
  const keys: Expression[] = [];
  const values: Pattern[] = [];
  let rest: string | null = null;
  while (!c.is('}')) {
    if (rest !== null) throw c.unexpected("'}'", 'the pattern with ** comes last');
    if (c.accept('**')) rest = boundName(c);
    else {
      keys.push(mappingKey(c));
      c.expect(':');
      values.push(pattern(c));
    }
    if (!c.accept(',')) break;
  }
  if (!c.is('}')) throw c.unexpected("',' or '}'");
  c.advance();
  return { kind: 'MatchMapping', keys, patterns: values, rest, ...c.place(start) };
}

function mappingKey(c: Cursor): Expression {
  if (c.kind === 'string') return strings(c);
  if (c.kind === 'number' || c.is('-')) return numberLiteral(c);
  const singleton = c.kind === 'keyword' ? singletonLiteral(c) : undefined;
  if (singleton) return singleton;
  if (c.kind === 'name' && c.peek(1) === '.') return attributeChain(c);
  throw c.unexpected('a literal or an attribute as key');
}
