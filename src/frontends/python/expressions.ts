/**
 * Expressions (language reference, chapter 6) by recursive descent; binary operators by precedence climbing. Function names are
 * those of the reference's grammar. The place of an operation starts at its first token, so that `(a) + b` includes the bracket.
 * Beyond 500 lines because the rules of the chapter call one another.
 */
import type {
  BinaryOperator,
  Call,
  ComparisonOperator,
  Expression,
  Generator,
  Keyword,
  Lambda,
  Slice,
  UnaryOperator,
} from './ast.ts';
import { type Cursor, nestedTooDeeply, nestingLimit } from './cursor.ts';
import { strings } from './formatted-string.ts';
import { numberValue } from './number-literal.ts';
import { parameters } from './parameters.ts';
import { SyntaxFault } from './syntax-fault.ts';
import { asTarget } from './targets.ts';

const binaryOperators: Readonly<Record<string, readonly [BinaryOperator, number]>> = {
  '|': ['BitOr', 1],
  '^': ['BitXor', 2],
  '&': ['BitAnd', 3],
  '<<': ['LShift', 4],
  '>>': ['RShift', 4],
  '+': ['Add', 5],
  '-': ['Sub', 5],
  '*': ['Mult', 6],
  '/': ['Div', 6],
  '//': ['FloorDiv', 6],
  '%': ['Mod', 6],
  '@': ['MatMult', 6],
};
const unaryOperators: Readonly<Record<string, UnaryOperator>> = { '+': 'UAdd', '-': 'USub', '~': 'Invert' };
const comparisonOperators: Readonly<Record<string, ComparisonOperator>> = {
  '==': 'Eq',
  '!=': 'NotEq',
  '<': 'Lt',
  '<=': 'LtE',
  '>': 'Gt',
  '>=': 'GtE',
};

/** Does the current token begin an expression? (A star does not.) */
export function startsExpression(c: Cursor): boolean {
  switch (c.kind) {
    case 'name':
    case 'number':
    case 'string':
    case 'fault':
      return true;
    case 'keyword':
      return /^(?:None|True|False|not|lambda|await)$/.test(c.text);
    case 'operator':
      return /^(?:[([{~+-]|\.\.\.)$/.test(c.text);
    default:
      return false;
  }
}

/** `a, *b, c` and `a`: a tuple if there is a comma. */
export function starExpressions(c: Cursor): Expression {
  return tupleOf(c, starExpression);
}

export function tupleOf(c: Cursor, item: (c: Cursor) => Expression): Expression {
  const start = c.start;
  const first = item(c);
  if (!c.is(',')) return first;
  const elts = [first];
  while (c.accept(',')) {
    if (!c.is('*') && !startsExpression(c)) break;
    elts.push(item(c));
  }
  return { kind: 'Tuple', elts, ...c.place(start) };
}

export function starExpression(c: Cursor): Expression {
  return c.is('*') ? starred(c, bitwiseOr) : expression(c);
}

export function starNamedExpression(c: Cursor): Expression {
  return c.is('*') ? starred(c, bitwiseOr) : namedExpression(c);
}

function starred(c: Cursor, item: (c: Cursor) => Expression): Expression {
  const start = c.start;
  c.expect('*');
  const value = item(c);
  return { kind: 'Starred', value, ...c.place(start) };
}

/** `name := value` or an expression. */
export function namedExpression(c: Cursor): Expression {
  if (c.kind !== 'name' || c.peek(1) !== ':=') return expression(c);
  return c.nested(() => {
    const start = c.start;
    const id = c.name();
    const target = { kind: 'Name' as const, id, ...c.place(start) };
    c.expect(':=');
    const value = expression(c);
    return { kind: 'NamedExpr', target, value, ...c.place(start) };
  });
}

/** `yield`, `yield a, b` and `yield from a`. */
export function yieldExpression(c: Cursor): Expression {
  const start = c.start;
  c.expect('yield');
  if (c.accept('from')) {
    const value = expression(c);
    return { kind: 'YieldFrom', value, ...c.place(start) };
  }
  const value = c.is('*') || startsExpression(c) ? starExpressions(c) : null;
  return { kind: 'Yield', value, ...c.place(start) };
}

/** Conditional expressions and lambda; what the reference calls `expression`. */
export function expression(c: Cursor): Expression {
  return c.nested(() => {
    if (c.is('lambda')) return lambda(c);
    const start = c.start;
    const body = disjunction(c);
    if (!c.accept('if')) return body;
    const test = disjunction(c);
    if (!c.is('else')) throw c.unexpected("'else'", 'a conditional expression is written a if condition else b');
    c.advance();
    const orelse = expression(c);
    return { kind: 'IfExp', test, body, orelse, ...c.place(start) };
  });
}

function lambda(c: Cursor): Lambda {
  const start = c.start;
  c.expect('lambda');
  const args = parameters(c, 'lambda');
  c.expect(':');
  const body = expression(c);
  return { kind: 'Lambda', args, body, ...c.place(start) };
}

export function disjunction(c: Cursor): Expression {
  return booleans(c, 'or', 'Or', conjunction);
}

const conjunction = (c: Cursor): Expression => booleans(c, 'and', 'And', inversion);

function booleans(c: Cursor, word: string, op: 'And' | 'Or', operand: (c: Cursor) => Expression): Expression {
  const start = c.start;
  const first = operand(c);
  if (!c.is(word)) return first;
  const values = [first];
  while (c.accept(word)) values.push(operand(c));
  return { kind: 'BoolOp', op, values, ...c.place(start) };
}

function inversion(c: Cursor): Expression {
  if (!c.is('not')) return comparison(c);
  return c.nested(() => {
    const start = c.start;
    c.advance();
    const operand = inversion(c);
    return { kind: 'UnaryOp', op: 'Not', operand, ...c.place(start) };
  });
}

function comparison(c: Cursor): Expression {
  const start = c.start;
  const left = bitwiseOr(c);
  const ops: ComparisonOperator[] = [];
  const comparators: Expression[] = [];
  for (let op = comparisonOperator(c); op; op = comparisonOperator(c)) {
    ops.push(op);
    comparators.push(bitwiseOr(c));
  }
  if (ops.length === 0) return left;
  return { kind: 'Compare', left, ops, comparators, ...c.place(start) };
}

function comparisonOperator(c: Cursor): ComparisonOperator | undefined {
  const text = c.text;
  if (c.kind === 'operator') {
    const op = comparisonOperators[text];
    if (op) c.advance();
    return op;
  }
  if (c.accept('in')) return 'In';
  if (c.accept('is')) return c.accept('not') ? 'IsNot' : 'Is';
  if (text === 'not' && c.peek(1) === 'in') {
    c.advance();
    c.advance();
    return 'NotIn';
  }
  return undefined;
}

/** Everything from `|` to `**`: what may stand as a target or behind a star. */
export function bitwiseOr(c: Cursor): Expression {
  return binary(c, 1);
}

/** requires: `level` is a level of `binaryOperators`. All of them associate to the left. */
function binary(c: Cursor, level: number): Expression {
  const start = c.start;
  let left = unary(c);
  for (let links = 0; c.kind === 'operator'; links += 1) {
    const entry = binaryOperators[c.text];
    if (!entry || entry[1] < level) break;
    if (links > nestingLimit) throw nestedTooDeeply(start, c.end);
    c.advance();
    const right = binary(c, entry[1] + 1);
    left = { kind: 'BinOp', left, op: entry[0], right, ...c.place(start) };
  }
  return left;
}

function unary(c: Cursor): Expression {
  const op = c.kind === 'operator' ? unaryOperators[c.text] : undefined;
  if (!op) return power(c);
  return c.nested(() => {
    const start = c.start;
    c.advance();
    const operand = unary(c);
    return { kind: 'UnaryOp', op, operand, ...c.place(start) };
  });
}

function power(c: Cursor): Expression {
  const start = c.start;
  const left = awaited(c);
  if (!c.accept('**')) return left;
  return c.nested(() => {
    const right = unary(c);
    return { kind: 'BinOp', left, op: 'Pow', right, ...c.place(start) };
  });
}

function awaited(c: Cursor): Expression {
  const start = c.start;
  if (!c.accept('await')) return primary(c);
  const value = primary(c);
  return { kind: 'Await', value, ...c.place(start) };
}

/** An atom with attributes, subscripts and calls behind it. */
function primary(c: Cursor): Expression {
  const start = c.start;
  let value = atom(c);
  for (let links = 0; c.kind === 'operator'; links += 1) {
    if (links > nestingLimit) throw nestedTooDeeply(start, c.end);
    if (c.accept('.')) {
      const attr = c.name('the name of an attribute');
      value = { kind: 'Attribute', value, attr, ...c.place(start) };
    } else if (c.accept('[')) {
      const slice = c.nested(() => slices(c));
      c.expect(']');
      value = { kind: 'Subscript', value, slice, ...c.place(start) };
    } else if (c.is('(')) {
      value = c.nested(() => call(c, value, start));
    } else break;
  }
  return value;
}

function slices(c: Cursor): Expression {
  const start = c.start;
  const item = (): Expression => (c.is('*') ? starred(c, expression) : slice(c));
  const first = item();
  if (!c.is(',') && first.kind !== 'Starred') return first;
  const elts = [first];
  while (c.accept(',')) {
    if (c.is(']')) break;
    elts.push(item());
  }
  return { kind: 'Tuple', elts, ...c.place(start) };
}

function slice(c: Cursor): Expression {
  const start = c.start;
  let lower: Expression | null = null;
  if (!c.is(':')) {
    const named = c.kind === 'name' && c.peek(1) === ':=';
    lower = namedExpression(c);
    if (named || !c.is(':')) return lower;
  }
  c.expect(':');
  const part = (): Expression | null => (startsExpression(c) ? expression(c) : null);
  const upper = part();
  const step = c.accept(':') ? part() : null;
  return { kind: 'Slice', lower, upper, step, ...c.place(start) } satisfies Slice;
}

/** The arguments of a call or a class: `)` is not consumed. `generator` is one without brackets of its own. */
export function callArguments(c: Cursor): { args: Expression[]; keywords: Keyword[]; generator?: Expression } {
  const args: Expression[] = [];
  const keywords: Keyword[] = [];
  let unpacked = false;
  while (!c.is(')')) {
    const start = c.start;
    if (c.accept('**')) {
      const value = expression(c);
      keywords.push({ kind: 'keyword', arg: null, value, ...c.place(start) });
      unpacked = true;
    } else if (c.is('*')) {
      if (unpacked) {
        throw c.unexpected(
          'a keyword argument',
          'iterable argument unpacking may not follow keyword argument unpacking',
        );
      }
      args.push(starred(c, expression));
    } else if (c.kind === 'name' && c.peek(1) === '=') {
      const arg = c.name();
      c.expect('=');
      const value = expression(c);
      keywords.push({ kind: 'keyword', arg, value, ...c.place(start) });
    } else {
      const value = namedExpression(c);
      if (c.is('for') || c.is('async')) {
        const first = args.length === 0 && keywords.length === 0;
        const generator = comprehension(c, 'GeneratorExp', value, start);
        if (!first || !c.is(')')) {
          throw new SyntaxFault(
            'a generator expression among other arguments must be parenthesised',
            start,
            c.lastEnd,
            {
              expected: 'brackets around it',
            },
          );
        }
        args.push(generator);
        return { args, keywords, generator };
      }
      if (c.is('=')) {
        throw c.unexpected("',' or ')'", "an argument is no assignment; did you mean '=='?");
      }
      if (keywords.length > 0) {
        const why = unpacked ? 'keyword argument unpacking' : 'a keyword argument';
        throw new SyntaxFault(`a positional argument follows ${why}`, start, c.lastEnd, {
          expected: 'positional arguments first',
        });
      }
      args.push(value);
    }
    if (!c.accept(',')) break;
  }
  return { args, keywords };
}

function call(c: Cursor, func: Expression, start: number): Call {
  const open = c.start;
  c.expect('(');
  const { args, keywords, generator } = callArguments(c);
  if (!c.is(')')) throw c.unexpected("',' or ')'");
  c.advance();
  // A generator expression that is the only argument shares the brackets of the call.
  if (generator) args[0] = { ...generator, start: open, end: c.lastEnd };
  return { kind: 'Call', func, args, keywords, ...c.place(start) };
}

function atom(c: Cursor): Expression {
  const start = c.start;
  const text = c.text;
  switch (c.kind) {
    case 'name': {
      const id = c.name();
      return { kind: 'Name', id, ...c.place(start) };
    }
    case 'number': {
      c.advance();
      return { kind: 'Constant', value: numberValue(text, start), ...c.place(start) };
    }
    case 'string':
      return strings(c);
    case 'keyword':
      if (text === 'None' || text === 'True' || text === 'False') {
        c.advance();
        const value = text === 'None' ? { type: 'None' as const } : { type: 'bool' as const, value: text === 'True' };
        return { kind: 'Constant', value, ...c.place(start) };
      }
      break;
    case 'operator':
      if (text === '(') return c.nested(() => parenthesised(c));
      if (text === '[') return c.nested(() => list(c));
      if (text === '{') return c.nested(() => braces(c));
      if (text === '...') {
        c.advance();
        return { kind: 'Constant', value: { type: 'Ellipsis' }, ...c.place(start) };
      }
      break;
    default:
  }
  throw c.unexpected('an expression');
}

/** A group, a tuple or a generator expression. */
function parenthesised(c: Cursor): Expression {
  const start = c.start;
  c.expect('(');
  if (c.accept(')')) return { kind: 'Tuple', elts: [], ...c.place(start) };
  const inside = insideParentheses(c, ')');
  c.expect(')');
  switch (inside.form) {
    case 'group':
      return inside.value;
    case 'tuple':
      return { kind: 'Tuple', elts: inside.elts, ...c.place(start) };
    case 'generator':
      return { ...inside.value, ...c.place(start) };
  }
}

type Inside =
  | { form: 'group'; value: Expression }
  | { form: 'tuple'; elts: Expression[] }
  | { form: 'generator'; value: Expression };

/** What may stand between round brackets; also the expression part of an f-string. */
export function insideParentheses(c: Cursor, close: ')' | ''): Inside {
  const start = c.start;
  if (c.is('yield')) return { form: 'group', value: yieldExpression(c) };
  const first = starNamedExpression(c);
  if ((c.is('for') || c.is('async')) && first.kind !== 'Starred') {
    return { form: 'generator', value: comprehension(c, 'GeneratorExp', first, start) };
  }
  if (c.is(',')) {
    const elts = [first];
    while (c.accept(',')) {
      if (c.is(close)) break;
      elts.push(starNamedExpression(c));
    }
    return { form: 'tuple', elts };
  }
  if (first.kind === 'Starred') {
    throw new SyntaxFault('cannot use a starred expression here', first.start, first.end, { expected: "',' after it" });
  }
  return { form: 'group', value: first };
}

function list(c: Cursor): Expression {
  const start = c.start;
  c.expect('[');
  const elts: Expression[] = [];
  while (!c.is(']')) {
    const value = starNamedExpression(c);
    if ((c.is('for') || c.is('async')) && elts.length === 0 && value.kind !== 'Starred') {
      const result = comprehension(c, 'ListComp', value, start);
      c.expect(']');
      return { ...result, ...c.place(start) };
    }
    elts.push(value);
    if (!c.accept(',')) break;
  }
  if (!c.is(']')) throw c.unexpected("',' or ']'");
  c.advance();
  return { kind: 'List', elts, ...c.place(start) };
}

/** A dictionary, a set or a comprehension of one. */
function braces(c: Cursor): Expression {
  const start = c.start;
  c.expect('{');
  if (c.is('}') || c.is('**')) return dictionary(c, start, [], []);
  const first = starNamedExpression(c);
  if (c.is(':') && first.kind !== 'Starred' && !isNamedWithoutBrackets(c, first)) {
    c.advance();
    const value = expression(c);
    if (c.is('for') || c.is('async')) {
      const generators = comprehensionClauses(c);
      c.expect('}');
      return { kind: 'DictComp', key: first, value, generators, ...c.place(start) };
    }
    if (!c.is('}') && !c.is(',')) throw c.unexpected("',' or '}'");
    c.accept(',');
    return dictionary(c, start, [first], [value]);
  }
  if ((c.is('for') || c.is('async')) && first.kind !== 'Starred') {
    const result = comprehension(c, 'SetComp', first, start);
    c.expect('}');
    return { ...result, ...c.place(start) };
  }
  const elts = [first];
  while (c.accept(',')) {
    if (c.is('}')) break;
    elts.push(starNamedExpression(c));
  }
  if (!c.is('}')) throw c.unexpected("',' or '}'");
  c.advance();
  return { kind: 'Set', elts, ...c.place(start) };
}

/** A named expression that just ended at the cursor and has no brackets of its own. */
const isNamedWithoutBrackets = (c: Cursor, value: Expression): boolean =>
  value.kind === 'NamedExpr' && value.end === c.lastEnd;

/** The rest of a dictionary after its first entries. */
function dictionary(c: Cursor, start: number, keys: (Expression | null)[], values: Expression[]): Expression {
  while (!c.is('}')) {
    if (c.accept('**')) {
      keys.push(null);
      values.push(bitwiseOr(c));
    } else {
      const key = expression(c);
      if (!c.is(':')) throw c.unexpected("':'", 'a dictionary has the form {key: value}');
      c.advance();
      keys.push(key);
      values.push(expression(c));
    }
    if (!c.accept(',')) break;
  }
  if (!c.is('}')) throw c.unexpected("',' or '}'");
  c.advance();
  return { kind: 'Dict', keys, values, ...c.place(start) };
}

function comprehension(
  c: Cursor,
  kind: 'ListComp' | 'SetComp' | 'GeneratorExp',
  elt: Expression,
  start: number,
): Expression {
  const generators = comprehensionClauses(c);
  return { kind, elt, generators, ...c.place(start) };
}

function comprehensionClauses(c: Cursor): Generator[] {
  const generators: Generator[] = [];
  while (c.is('for') || c.is('async')) {
    const start = c.start;
    const is_async = c.accept('async');
    c.expect('for');
    const target = starTargets(c);
    c.expect('in');
    const iter = disjunction(c);
    const ifs: Expression[] = [];
    while (c.accept('if')) ifs.push(disjunction(c));
    generators.push({ kind: 'comprehension', target, iter, ifs, is_async, ...c.place(start) });
  }
  return generators;
}

/** The targets of `for`: no comparison, so that `in` ends them. */
export function starTargets(c: Cursor): Expression {
  return asTarget(tupleOf(c, starTarget));
}

/** One target, perhaps with a star. */
export function starTarget(c: Cursor): Expression {
  return c.is('*') ? starred(c, bitwiseOr) : bitwiseOr(c);
}
