import { fail, unsupported } from '../diagnostics.ts';
import { characterValue, parseNumber } from './literal.ts';
import type { Range } from './source-file.ts';
import type { Token } from './token.ts';

/**
 * The value of an `#if` expression [C11 6.10.1]: integers of 64 bits, signed or unsigned; names that are left after expansion
 * are 0. The tokens come already expanded, with `defined` and `__has_…` already replaced by 0 or 1.
 */

interface Value {
  readonly value: bigint;
  readonly unsigned: boolean;
}

const deepest = 200;

const precedence: Readonly<Record<string, number>> = {
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

const wrap = (value: bigint, unsigned: boolean): Value => ({
  value: unsigned ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value),
  unsigned,
});
const truth = (condition: boolean): Value => ({ value: condition ? 1n : 0n, unsigned: false });

export function evaluateCondition(tokens: readonly Token[], directive: Range): boolean {
  let at = 0;
  let depth = 0;
  const peek = (): string => (tokens[at] && tokens[at]!.kind !== 'string' ? tokens[at]!.text : '');

  const unary = (live: boolean): Value => {
    const token = tokens[at];
    if (!token) fail('C0130', 'the condition ends too early', directive, { expected: 'an integer expression' });
    if (++depth > deepest) unsupported('C0131', 'the condition is nested too deeply', token);
    at++;
    let result: Value;
    if (token.kind === 'number') {
      const number = parseNumber(token.text, token);
      if (number.kind === 'floating') fail('C0130', 'a floating constant in an #if condition', token);
      const unsigned = number.unsigned || number.value > 0x7fffffffffffffffn;
      result = wrap(number.value, unsigned);
    } else if (token.kind === 'character') {
      result = { value: characterValue(token.text, token), unsigned: false };
    } else if (token.kind === 'identifier') {
      result = truth(false);
      // An unknown function-like name, `__has_feature(x)`, is an error for compilers too.
    } else if (token.text === '(') {
      result = conditional(live);
      if (peek() !== ')') fail('C0130', 'a parenthesis is not closed', token, { expected: ')' });
      at++;
    } else if (token.text === '-') {
      const operand = unary(live);
      result = wrap(-operand.value, operand.unsigned);
    } else if (token.text === '+') {
      result = unary(live);
    } else if (token.text === '~') {
      const operand = unary(live);
      result = wrap(~operand.value, operand.unsigned);
    } else if (token.text === '!') {
      result = truth(unary(live).value === 0n);
    } else {
      fail('C0130', `unexpected \`${token.text}\` in the condition`, token, { expected: 'an integer expression' });
    }
    depth--;
    return result;
  };

  const binary = (least: number, live: boolean): Value => {
    let left = unary(live);
    for (;;) {
      const token = tokens[at];
      const op = peek();
      const level = precedence[op];
      if (!token || level === undefined || level < least) return left;
      at++;
      const rightLive = live && (op === '&&' ? left.value !== 0n : op === '||' ? left.value === 0n : true);
      const right = binary(level + 1, rightLive);
      left = apply(op, left, right, rightLive, token);
    }
  };

  const conditional = (live: boolean): Value => {
    const condition = binary(1, live);
    if (peek() !== '?') return condition;
    if (++depth > deepest) unsupported('C0131', 'the condition is nested too deeply', directive);
    at++;
    const yes = conditional(live && condition.value !== 0n);
    if (peek() !== ':') fail('C0130', '`?` without `:` in the condition', tokens[at] ?? directive, { expected: ':' });
    at++;
    const no = conditional(live && condition.value === 0n);
    depth--;
    return wrap((condition.value !== 0n ? yes : no).value, yes.unsigned || no.unsigned);
  };

  const result = conditional(true);
  if (at < tokens.length) fail('C0130', `unexpected \`${tokens[at]!.text}\` in the condition`, tokens[at]!);
  return result.value !== 0n;
}

function apply(op: string, a: Value, b: Value, live: boolean, at: Token): Value {
  const unsigned = a.unsigned || b.unsigned;
  const left = wrap(a.value, unsigned).value;
  const right = wrap(b.value, unsigned).value;
  switch (op) {
    case '*':
      return wrap(left * right, unsigned);
    case '/':
    case '%':
      if (right === 0n) {
        if (live) fail('C0132', 'division by zero in the condition', at);
        return truth(false);
      }
      return wrap(op === '/' ? left / right : left % right, unsigned);
    case '+':
      return wrap(left + right, unsigned);
    case '-':
      return wrap(left - right, unsigned);
    case '<<':
      return wrap(a.value << (b.value & 63n), a.unsigned);
    case '>>':
      return wrap(a.value >> (b.value & 63n), a.unsigned);
    case '<':
      return truth(left < right);
    case '>':
      return truth(left > right);
    case '<=':
      return truth(left <= right);
    case '>=':
      return truth(left >= right);
    case '==':
      return truth(left === right);
    case '!=':
      return truth(left !== right);
    case '&':
      return wrap(left & right, unsigned);
    case '^':
      return wrap(left ^ right, unsigned);
    case '|':
      return wrap(left | right, unsigned);
    case '&&':
      return truth(a.value !== 0n && b.value !== 0n);
    case '||':
      return truth(a.value !== 0n || b.value !== 0n);
    default:
      fail('C0130', `unexpected \`${op}\` in the condition`, at);
  }
}
