/**
 * What the parameters of a function may be when the user asks about it with any arguments. Leading assertions such as `assert
 * isinstance(x, int)` settle a parameter's type: other arguments end the run there. An annotation is only an assumption, for Python does
 * not check it; without either, `x` is assumed to be an int.
 */
import type { Assumption } from '../../../program/question.ts';
import type { Expression, FunctionDef, Parameter } from '../ast.ts';
import { boolType, intType, join, noneType, numberType, objectType, type Types, typesOf } from './types.ts';
import type { Unit } from './unit.ts';

export interface AskedParameter {
  readonly name: string;
  readonly node: Parameter;
  readonly types: Types;
  readonly assumption: Assumption;
  /** The type is asserted by the function itself, so that other arguments fail at once. */
  readonly asserted: boolean;
}

export function askedParameters(unit: Unit, node: FunctionDef): readonly AskedParameter[] {
  const asserted = assertedTypes(node);
  const parameters = [...node.args.posonlyargs, ...node.args.args, ...node.args.kwonlyargs];
  const exact = (types: Types): Types =>
    unit.exactTypes && types.includes(numberType)
      ? typesOf(...types.filter((t) => t !== numberType), intType, boolType)
      : types;
  return parameters.map((parameter) => {
    const name = parameter.arg;
    const origin = unit.span(parameter);
    const assume = (text: string): Assumption => ({ kind: 'environment', text, origin });
    const test = asserted.get(name);
    if (test) {
      const text = `${name} is ${inWords(test.types)}, as the assertion in line ${unit.line(test.at)} demands`;
      return { name, node: parameter, types: exact(test.types), assumption: assume(text), asserted: true };
    }
    if (parameter.annotation) {
      const written = unit.text(parameter.annotation);
      const types = annotatedTypes(parameter.annotation) ?? typesOf(objectType(`a value of type ${written}`));
      const text = `${name} is of type ${written}, as its annotation says (Python does not check it)`;
      return { name, node: parameter, types: exact(types), assumption: assume(text), asserted: false };
    }
    const text = `${name} is an int (the program does not say so)`;
    return { name, node: parameter, types: exact(typesOf(numberType)), assumption: assume(text), asserted: false };
  });
}

const inWords = (types: Types): string => (types.includes(numberType) ? 'an int' : 'a bool');

function annotatedTypes(node: Expression): Types | undefined {
  switch (node.kind) {
    case 'Name':
      return node.id === 'int' ? typesOf(numberType) : node.id === 'bool' ? typesOf(boolType) : undefined;
    case 'Constant':
      if (node.value.type === 'None') return typesOf(noneType);
      return node.value.type === 'str' && /^(?:int|bool)$/.test(node.value.value)
        ? typesOf(node.value.value === 'int' ? numberType : boolType)
        : undefined;
    case 'BinOp': {
      const sides = node.op === 'BitOr' ? [annotatedTypes(node.left), annotatedTypes(node.right)] : [];
      return sides[0] && sides[1] && join(sides[0], sides[1]);
    }
    case 'Subscript': {
      const name = node.value.kind === 'Name' ? node.value.id : node.value.kind === 'Attribute' ? node.value.attr : '';
      if (name === 'Optional') {
        const inner = annotatedTypes(node.slice);
        return inner && join(inner, typesOf(noneType));
      }
      if (name !== 'Union') return undefined;
      const parts = (node.slice.kind === 'Tuple' ? node.slice.elts : [node.slice]).map(annotatedTypes);
      return parts.every((p) => p !== undefined) ? parts.reduce((a, b) => join(a, b), []) : undefined;
    }
    default:
      return undefined;
  }
}

type Asserted = ReadonlyMap<string, { readonly types: Types; readonly at: Expression }>;

/** The types that the assertions at the start of the body demand. */
function assertedTypes(node: FunctionDef): Asserted {
  const found = new Map<string, { readonly types: Types; readonly at: Expression }>();
  for (const statement of node.body) {
    if (statement.kind === 'Expr' && statement.value.kind === 'Constant') continue;
    if (statement.kind !== 'Assert') break;
    const { test } = statement;
    for (const part of test.kind === 'BoolOp' && test.op === 'And' ? test.values : [test]) {
      if (part.kind !== 'Call' || part.func.kind !== 'Name' || part.func.id !== 'isinstance') continue;
      const [subject, cls] = part.args;
      if (part.args.length !== 2 || subject!.kind !== 'Name' || cls!.kind !== 'Name') continue;
      const types = cls!.id === 'int' ? typesOf(numberType) : cls!.id === 'bool' ? typesOf(boolType) : undefined;
      if (types && !found.has(subject!.id)) found.set(subject!.id, { types, at: part });
    }
  }
  return found;
}
