import { unsupported } from '../diagnostics.ts';
import { type Range, textOf } from '../preprocessor/source-file.ts';
import { truthValue } from './conditions.ts';
import { convertFloat, floatOfInteger, integerOfFloat, isNonZeroFloat } from './floats.ts';
import { convertInteger, type Value } from './integers.ts';
import type { FunctionState } from './state.ts';
import type { ScalarType } from './storage.ts';

/** Conversions between scalars of all kinds [C11 6.3]. Addresses are numbers; 0 is the null pointer. */
export function convertScalar(f: FunctionState, value: Value, from: ScalarType, to: ScalarType, range: Range): Value {
  const { terms } = f;
  switch (to.kind) {
    case 'integer':
      switch (from.kind) {
        case 'integer':
          return convertInteger(f.arithmetic(range), value, to);
        case 'floating':
          if (to.name === '_Bool') return truthValue(f, isNonZeroFloat(f, value.term, range));
          return integerOfFloat(f, value.term, from, to, range);
        case 'pointer':
          if (to.name === '_Bool') return truthValue(f, terms.not(terms.equal(value.term, terms.int(0))));
          f.unit.addressesCompared = true;
          return convertInteger(f.arithmetic(range), value, to);
      }
      break;
    case 'floating':
      switch (from.kind) {
        case 'integer':
          return { term: floatOfInteger(f, value.term, to) };
        case 'floating':
          return { term: convertFloat(f, value.term, from, to) };
        case 'pointer':
          break;
      }
      break;
    case 'pointer':
      switch (from.kind) {
        case 'pointer':
          return value;
        case 'integer': {
          const { low } = value;
          const number =
            low !== undefined && low >= 0n ? value : convertInteger(f.arithmetic(range), value, f.unit.types.size);
          if (number.term === terms.int(0) || f.annotation) return { term: number.term };
          return { term: f.unit.memory.fromNumber(number.term) };
        }
        case 'floating':
          break;
      }
  }
  return unsupported('C0604', `this conversion (\`${textOf(range)}\`)`, range);
}
