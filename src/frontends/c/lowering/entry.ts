import { boolSort, intSort } from '../../../terms/sort.ts';
import type { SymbolTerm, Term } from '../../../terms/term.ts';
import type { Range } from '../preprocessor/source-file.ts';
import type { CType, PointerType } from '../types/ctype.ts';
import type { FunctionSymbol, Variable } from '../types/typed.ts';
import { expressionsIn, expressionsOf } from './effects.ts';
import { plus } from './places.ts';
import type { FunctionState } from './state.ts';
import { accessType } from './storage.ts';

/** What the pointers lead to that the asked function starts with: its parameters, and the arguments of a program. */

export const holdsPointers = (type: CType): boolean => {
  if (type.kind === 'array') return holdsPointers(type.element);
  if (type.kind === 'record') return (type.info.layout?.fields ?? []).some((field) => holdsPointers(field.type));
  return type.kind === 'pointer' || type.kind === 'va-list';
};

/** Elements of an object that a pointer from outside leads to. */
const mostElements = (1n << 24n) - 1n;

/** A pointer parameter of the function that is asked about: null, or the start of an object of its own. */
export function pointSomewhere(
  f: FunctionState,
  parameter: SymbolTerm,
  name: string,
  type: PointerType,
  range: Range,
): void {
  const { unit: u, terms } = f;
  const { to } = type;
  const element = to.kind === 'void' || to.kind === 'function' ? 1 : (u.sizeOf(to) ?? 1);
  const extent = u.builder.declare({ name: `size of *${name}`, internal: true, role: 'global' }, intSort);
  const { base } = u.staticObject(`*${name}`, { kind: 'array', element: to, length: undefined }, range, extent);
  const count = f.procedure.declare(
    { name: `elements of *${name}`, internal: true, role: 'temporary', range: { low: 1n, high: mostElements } },
    intSort,
  );
  const isNull = f.procedure.declare({ name: `${name} is null`, internal: true, role: 'temporary' }, boolSort);
  f.emit({ kind: 'havoc', target: count, input: `elements of *${name}` });
  f.emit({ kind: 'assign', target: extent, value: terms.multiply(count, terms.int(element)) });
  f.emit(u.memory.fill(base, 'anything'));
  f.emit({ kind: 'havoc', target: isNull, input: `${name} is null` });
  f.emit({ kind: 'assign', target: parameter, value: terms.ite(isNull, terms.int(0), base) });
  if (to.kind === 'function') {
    u.assume(`what \`${name}\` leads to is not known: a call through it is taken to fail`, range, 'over');
    return;
  }
  const few = `\`${name}\` is null, or leads to at least one element (at most ${mostElements}) that nothing else leads to`;
  u.assume(holdsPointers(to) ? `${few}; pointers in there lead nowhere` : few, range);
}

// The arguments of a program

/** The second parameter of main, if main uses it. */
export function argumentsUsed(main: FunctionSymbol): Variable | undefined {
  const variable = main.body?.parameters[1];
  if (variable?.type.kind !== 'pointer') return undefined;
  for (const root of expressionsOf(main.body!.statement))
    for (const e of expressionsIn(root)) if (e.kind === 'variable' && e.variable === variable) return variable;
  return undefined;
}

/** A program whose arguments are used is given at most so many, its own name included. */
export const mostArguments = 8;
const longestArgument = 65_536n;

/** argv: an array of pointers to strings, with null behind them [C11 5.1.2.2.1]. */
export function passProgramArguments(f: FunctionState, argv: SymbolTerm, argc: SymbolTerm, range: Range): void {
  const { unit: u, terms } = f;
  const char = u.types.char;
  const pointer = { kind: 'pointer' as const, to: char };
  const { pointerBytes, memory } = u;
  const array = u.staticObject('argv', { kind: 'array', element: pointer, length: mostArguments + 1 }, range);
  for (let i = 0; i <= mostArguments; i++) {
    const start = plus(f, array.base, BigInt(i * pointerBytes));
    let value: Term = terms.int(0);
    if (i < mostArguments) {
      const string: CType = { kind: 'array', element: char, length: undefined };
      const extent = u.builder.declare({ name: `size of argv[${i}]`, internal: true, role: 'global' }, intSort);
      const { base } = u.staticObject(`argv[${i}]`, string, range, extent);
      const size = f.procedure.declare(
        { name: `size of argv[${i}]`, internal: true, role: 'temporary', range: { low: 1n, high: longestArgument } },
        intSort,
      );
      f.emit({ kind: 'havoc', target: size, input: `size of argv[${i}]` });
      f.emit({ kind: 'assign', target: extent, value: size });
      f.emit(memory.fill(base, 'anything'));
      const last = {
        start: base,
        subscripts: [{ index: terms.subtract(size, terms.int(1)), strideBytes: 1, count: undefined }],
      };
      f.emit(memory.store({ ...last, type: accessType(char, pointerBytes), certain: true }, terms.int(0)));
      value = terms.ite(terms.less(terms.int(i), argc), base, terms.int(0));
    }
    f.emit(memory.store({ start, subscripts: [], type: accessType(pointer, pointerBytes), certain: true }, value));
  }
  f.emit({ kind: 'assign', target: argv, value: array.base });
  u.assume(
    `the program is called with its name and at most ${mostArguments - 1} arguments, each of less than ${longestArgument} characters`,
    range,
  );
}
