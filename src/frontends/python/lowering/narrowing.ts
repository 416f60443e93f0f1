/** Demands on the types of a value: what does not meet them raises, or is not modelled. */
import type { Node } from '../ast.ts';
import type { Body } from './body.ts';
import { failUnless, typeError } from './raising.ts';
import {
  builtinOf,
  classOf,
  describeType,
  exceptionOf,
  functionOf,
  isNumeric,
  noneType,
  objectOf,
  type Type,
  type Types,
} from './types.ts';
import { nothing, type Value } from './value.ts';

/** The value where its type passes; elsewhere `otherwise` is carried out, and that path must end. */
export function demand(
  body: Body,
  value: Value,
  passes: (type: Type) => boolean,
  otherwise: (rest: Value) => void,
): Value {
  if (!body.alive) return nothing;
  const good = value.types.filter(passes);
  if (good.length === value.types.length) return value;
  const { yes, no } = body.split(body.values.term(body.values.hasType(value, passes)));
  body.resume(no);
  const rest = value.types.filter((type) => !passes(type));
  otherwise(body.values.narrow(value, rest));
  body.resume(yes);
  return good.length === 0 ? nothing : body.values.narrow(value, good);
}

/** Values that surely have no arithmetic, order or negation: on these Python raises TypeError. */
const hasNoArithmetic = (type: Type): boolean =>
  type === noneType ||
  exceptionOf(type) !== undefined ||
  functionOf(type) !== undefined ||
  builtinOf(type) !== undefined ||
  classOf(type) !== undefined;

/** A number; None and functions raise TypeError; strings, lists and the like are not modelled. */
export function demandNumber(body: Body, value: Value, node: Node): Value {
  const what = `\`${body.unit.text(node)}\``;
  const modelled = demand(
    body,
    value,
    (type) => isNumeric(type) || hasNoArithmetic(type),
    (rest) => {
      body.unsupported(node, `${what} on ${describeTypes(rest.types)}`);
    },
  );
  if (!body.alive) return nothing;
  const numeric = body.values.hasType(modelled, isNumeric);
  const wrong = modelled.types.filter((type) => !isNumeric(type));
  if (wrong.length === 0) return modelled;
  failUnless(body, numeric, typeError(node, what, `an operand is ${describeTypes(wrong)}`));
  const good = modelled.types.filter(isNumeric);
  return body.alive && good.length > 0 ? body.values.narrow(modelled, good) : nothing;
}

export const describeTypes = (types: Types): string => [...new Set(types.map(describeType))].join(' or ');

export const isObject = (type: Type): boolean => objectOf(type) !== undefined;
