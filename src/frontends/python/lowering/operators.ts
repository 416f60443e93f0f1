/**
 * Arithmetic on numbers (language reference 6.5 to 6.9): floor division and modulo, powers, shifts and bitwise operators on
 * unbounded integers, where a bool counts as 0 or 1. `&`, `|` and `^` of two bools are bools.
 */
import type { Term } from '../../../terms/term.ts';
import type { BinaryOperator, Node, UnaryOperator } from '../ast.ts';
import type { Body } from './body.ts';
import { demandNumber } from './narrowing.ts';
import { failUnless, raise, typeError } from './raising.ts';
import { truth } from './truth.ts';
import { boolType, intType, numberType, type Type, type Types, typesOf } from './types.ts';
import { nothing, type Value } from './value.ts';

const spelling: Readonly<Record<BinaryOperator, string>> = {
  Add: '+',
  Sub: '-',
  Mult: '*',
  MatMult: '@',
  Div: '/',
  Mod: '%',
  Pow: '**',
  LShift: '<<',
  RShift: '>>',
  BitOr: '|',
  BitXor: '^',
  BitAnd: '&',
  FloorDiv: '//',
};

/** A literal exponent up to this becomes a product. */
const longestProduct = 6n;

export function binaryOperation(body: Body, op: BinaryOperator, left: Value, right: Value, node: Node): Value {
  const a = demandNumber(body, left, node);
  if (!body.alive) return nothing;
  const b = demandNumber(body, right, node);
  if (!body.alive || a.types.length === 0 || b.types.length === 0) return nothing;
  const { values } = body;
  const t = values.terms;
  const x = values.asInt(a);
  const y = values.asInt(b);
  const text = body.unit.text(node);
  switch (op) {
    case 'Add':
      return values.int(t.add(x, y));
    case 'Sub':
      return values.int(t.subtract(x, y));
    case 'Mult':
      return values.int(t.multiply(x, y));
    case 'FloorDiv':
    case 'Mod':
    case 'Div': {
      const nonZero = values.isNonZero(y);
      failUnless(body, nonZero, {
        className: 'ZeroDivisionError',
        node,
        text: `\`${text}\` does not divide by zero`,
        failure: `\`${text}\` divides by zero`,
        message: {
          Div: 'division by zero',
          Mod: 'integer modulo by zero',
          FloorDiv: 'integer division or modulo by zero',
        }[op],
      });
      if (!body.alive) return nothing;
      if (op === 'Div') return body.unsupported(node, `true division, which gives a float (\`${text}\`),`);
      return values.int(t.apply(op === 'FloorDiv' ? 'div' : 'mod', [x, y]));
    }
    case 'Pow':
      return power(body, x, y, node);
    case 'LShift':
    case 'RShift':
      failUnless(body, nonNegative(body, y), {
        className: 'ValueError',
        node,
        text: `the shift count of \`${text}\` is not negative`,
        failure: `the shift count of \`${text}\` is negative`,
        message: 'negative shift count',
      });
      return body.alive ? values.int(t.apply(op === 'LShift' ? 'shift.left' : 'shift.right', [x, y])) : nothing;
    case 'BitAnd':
    case 'BitOr':
    case 'BitXor':
      return bitwise(body, op, a, b);
    case 'MatMult':
      raise(body, typeError(node, `\`${text}\``, `${spelling[op]} is not defined on integers`));
      return nothing;
  }
}

/** `y >= 0`, decided for literals. */
function nonNegative(body: Body, y: Term): Term {
  const t = body.values.terms;
  return y.kind === 'value' ? t.bool((y.value as bigint) >= 0n) : t.lessEqual(t.int(0), y);
}

function power(body: Body, x: Term, y: Term, node: Node): Value {
  const { values } = body;
  const t = values.terms;
  const allowed = nonNegative(body, y);
  if (allowed !== t.true) {
    const { yes, no } = body.split(allowed);
    body.resume(no);
    body.unsupported(node, `a power with a negative exponent, which gives a float (\`${body.unit.text(node)}\`),`);
    body.resume(yes);
    if (!body.alive) return nothing;
  }
  if (y.kind === 'value' && (y.value as bigint) <= longestProduct) {
    const factors = Array.from({ length: Number(y.value) }, () => x);
    return values.int(factors.length === 0 ? t.int(1) : factors.length === 1 ? x : t.apply('*', factors));
  }
  return values.int(t.apply('pow', [x, y]));
}

const bitwiseTerms = { BitAnd: 'bit.and', BitOr: 'bit.or', BitXor: 'bit.xor' } as const;
const logicalTerms = { BitAnd: 'and', BitOr: 'or', BitXor: 'xor' } as const;

function bitwise(body: Body, op: keyof typeof bitwiseTerms, a: Value, b: Value): Value {
  const { values } = body;
  const t = values.terms;
  const isBool = (types: Types): boolean => types.length === 1 && types[0] === boolType;
  if (isBool(a.types) && isBool(b.types)) return values.bool(t.apply(logicalTerms[op], [a.payload!, b.payload!]));
  const payload = t.apply(bitwiseTerms[op], [values.asInt(a), values.asInt(b)]);
  const results = new Set<Type>();
  for (const s of a.types) {
    for (const u of b.types) {
      const anyInt = s === intType || u === intType;
      results.add(anyInt ? intType : s === boolType && u === boolType ? boolType : numberType);
    }
  }
  const types = typesOf(...results);
  if (types.length === 1) return { types, payload };
  const bothBool = values.all([a, b].map((v) => values.term(values.hasType(v, (type) => type === boolType))));
  return { types, payload, tag: t.ite(bothBool, t.int(values.number(boolType)), t.int(values.number(intType))) };
}

export function unaryOperation(body: Body, op: UnaryOperator, operand: Value, node: Node): Value {
  const { values } = body;
  const t = values.terms;
  if (op === 'Not') return body.alive ? values.bool(values.not(truth(body, operand, node))) : nothing;
  const number = demandNumber(body, operand, node);
  if (!body.alive || number.types.length === 0) return nothing;
  const x = values.asInt(number);
  switch (op) {
    case 'UAdd':
      return values.int(x);
    case 'USub':
      return values.int(x.kind === 'value' ? t.int(-(x.value as bigint)) : t.negate(x));
    case 'Invert':
      return values.int(x.kind === 'value' ? t.int(~(x.value as bigint)) : t.apply('bit.not', [x]));
  }
}
