/**
 * Static types: what a variable may hold at a point of the program. A type is either one of the modelled kinds of number, or a
 * single object that needs no storage (None, a function, a literal text, an exception raised at a known place), or an object that
 * we do not model. A set of types describes a variable; where it has several members, a tag tells them apart at run time.
 *
 * `number` is an int that may also be a bool where it is 0 or 1: what a parameter is after `isinstance(x, int)`, which True
 * passes too. Arithmetic cannot tell the two apart; what can (`isinstance(x, bool)`, `is`) makes the front end start again with
 * the exact pair int, bool.
 */
export type Type = string;

/** Sorted, without repetition. Empty: no value at all, on a path that is not taken. */
export type Types = readonly Type[];

export const intType: Type = 'int';
export const boolType: Type = 'bool';
export const numberType: Type = 'number';
export const noneType: Type = 'None';
/** The name has no value yet, or no longer. */
export const unboundType: Type = 'unbound';

export const textType = (text: string): Type => `text ${JSON.stringify(text)}`;
export const functionType = (id: number): Type => `function ${id}`;
/** An exception class, by its unique name. */
export const classType = (name: string): Type => `class ${name}`;
/** An instance of an exception class, raised or made at a place given by its number. */
export const exceptionType = (className: string, site: number): Type => `exception ${className} ${site}`;
export const moduleType = (name: string): Type => `module ${name}`;
export const builtinType = (name: string): Type => `builtin ${name}`;
/** Anything that is not modelled; `what` is for the user. */
export const objectType = (what: string): Type => `object ${what}`;

const afterWord = (type: Type, word: string): string | undefined =>
  type.startsWith(`${word} `) ? type.slice(word.length + 1) : undefined;

export const textOf = (type: Type): string | undefined => {
  const literal = afterWord(type, 'text');
  return literal === undefined ? undefined : (JSON.parse(literal) as string);
};
export const functionOf = (type: Type): number | undefined => {
  const id = afterWord(type, 'function');
  return id === undefined ? undefined : Number(id);
};
export const classOf = (type: Type): string | undefined => afterWord(type, 'class');
export const moduleOf = (type: Type): string | undefined => afterWord(type, 'module');
export const builtinOf = (type: Type): string | undefined => afterWord(type, 'builtin');
export const objectOf = (type: Type): string | undefined => afterWord(type, 'object');
export const exceptionOf = (type: Type): { readonly className: string; readonly site: number } | undefined => {
  const words = afterWord(type, 'exception')?.split(' ');
  return words && { className: words[0]!, site: Number(words[1]) };
};

export const isNumeric = (type: Type): boolean => type === intType || type === boolType || type === numberType;

export const typesOf = (...types: Type[]): Types => normal(types);

/** The union. An int or bool beside `number` is part of it. */
export const join = (a: Types, b: Types): Types => (a === b || b.length === 0 ? a : normal([...a, ...b]));

function normal(types: readonly Type[]): Types {
  const set = new Set(types);
  if (set.has(numberType)) {
    set.delete(intType);
    set.delete(boolType);
  }
  return [...set].sort();
}

/** Does every value of the types `a` have one of the types `b`? */
export const within = (a: Types, b: Types): boolean =>
  a.every((t) => b.includes(t) || ((t === intType || t === boolType) && b.includes(numberType)));

export const sameTypes = (a: Types, b: Types): boolean => a.length === b.length && a.every((t, i) => t === b[i]);

/** What the values of these types are stored as: integers, truth values, or nothing because the types say all. */
export function payloadKind(types: Types): 'int' | 'bool' | undefined {
  if (types.includes(intType) || types.includes(numberType)) return 'int';
  return types.includes(boolType) ? 'bool' : undefined;
}

/** For messages: "an int", "None", "a list". */
export function describeType(type: Type): string {
  const text = textOf(type);
  if (text !== undefined) return 'a string';
  if (type === intType || type === numberType) return 'an int';
  if (type === boolType) return 'a bool';
  if (functionOf(type) !== undefined || builtinOf(type) !== undefined) return 'a function';
  if (classOf(type) !== undefined) return 'a class';
  if (moduleOf(type) !== undefined) return 'a module';
  return objectOf(type) ?? exceptionOf(type)?.className ?? type;
}
