/** Truth value testing (library reference, "Truth Value Testing"): 0, False, None and the empty string are false. */
import type { Term } from '../../../terms/term.ts';
import type { Node } from '../ast.ts';
import type { Body } from './body.ts';
import { demand, describeTypes, isObject } from './narrowing.ts';
import { boolType, isNumeric, noneType, type Type, textOf } from './types.ts';
import type { Value } from './value.ts';

/** The truth of a value of one type; undefined where its payload decides. */
export function truthOfType(type: Type): boolean | undefined {
  if (isNumeric(type)) return undefined;
  if (type === noneType) return false;
  return textOf(type) !== '';
}

export function truth(body: Body, value: Value, node: Node): Term {
  const { values } = body;
  const t = values.terms;
  const known = demand(
    body,
    value,
    (type) => !isObject(type),
    (rest) => {
      body.unsupported(node, `the truth value of ${describeTypes(rest.types)}`);
    },
  );
  if (!body.alive || known.types.length === 0) return t.false;
  const payload = (type: Type): Term =>
    type === boolType && known.payload!.sort.kind === 'bool' ? known.payload! : values.isNonZero(values.asInt(known));
  const cases = known.types.map((type) => {
    const fixed = truthOfType(type);
    const isTrue = fixed === undefined ? payload(type) : t.bool(fixed);
    return values.all([values.term(values.hasType(known, (other) => other === type)), isTrue]);
  });
  const numbers = known.types.filter(isNumeric);
  if (numbers.length === known.types.length) return payload(known.types[0]!);
  return values.any(cases);
}
