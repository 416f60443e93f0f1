/**
 * What a counterexample is in Python's words: the arguments of the call, and the globals that it starts from. Where a variable may have
 * several types, its tag says which one it has in the run. No process is started here.
 */
import type { Program } from '../../program/program.ts';
import type { Task } from '../../program/question.ts';
import type { Trace } from '../../program/trace.ts';
import type { SymbolTerm } from '../../terms/term.ts';
import type { Value } from '../../terms/value.ts';
import { boolType, noneType, type Type } from './lowering/types.ts';

/** What the front end keeps about a program it has made, for replay. */
export interface Origin {
  /** The parameters of the function asked about: the symbols that hold each, in order; absent for the module. */
  readonly parameters?: readonly StoredValue[];
  /** Globals that may hold any value at the start. */
  readonly globals: readonly StoredValue[];
  readonly typeOfTag: ReadonlyMap<bigint, Type>;
}

export interface StoredValue {
  readonly name: string;
  readonly keywordOnly: boolean;
  readonly types: readonly Type[];
  readonly payload: SymbolTerm | undefined;
  readonly tag: SymbolTerm | undefined;
}

const origins = new WeakMap<Program, Origin>();

export const rememberOrigin = (program: Program, origin: Origin): void => {
  origins.set(program, origin);
};

/** How a run is started in Python: the arguments of the call, as Python writes them, and the values of globals. */
export interface PythonStart {
  readonly args: readonly string[];
  readonly globals: readonly (readonly [name: string, value: string])[];
}

/** errors: undefined if the task is not ours, or a value has no Python literal. */
export function pythonStart(task: Task, trace: Trace): PythonStart | undefined {
  const origin = origins.get(task.program);
  if (!origin) return undefined;
  const args: string[] = [];
  const globals: [string, string][] = [];
  for (const parameter of origin.parameters ?? []) {
    const value = pythonValue(origin, parameter, trace);
    if (value === undefined) return undefined;
    args.push(parameter.keywordOnly ? `${parameter.name}=${value}` : value);
  }
  for (const stored of origin.globals) {
    const value = pythonValue(origin, stored, trace);
    if (value === undefined) return undefined;
    globals.push([stored.name, value]);
  }
  return { args, globals };
}

/** The name of the temporaries that receive inputs. */
export const inputName = 'input';

function pythonValue(origin: Origin, stored: StoredValue, trace: Trace): string | undefined {
  const read = (symbol: SymbolTerm | undefined): Value | undefined =>
    symbol && (trace.initial.get(symbol) ?? (symbol.sort.kind === 'bool' ? false : 0n));
  const tag = read(stored.tag);
  const type = tag === undefined ? stored.types[0] : origin.typeOfTag.get(tag as bigint);
  if (type === noneType) return 'None';
  const payload = read(stored.payload);
  if (payload === undefined || type === undefined) return undefined;
  if (type === boolType) return payload === true || payload === 1n ? 'True' : 'False';
  return pythonLiteral(payload);
}

/** Integers of many digits are written in hexadecimal, which CPython reads without a limit. */
function pythonLiteral(value: Value): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value !== 'bigint') return 'None';
  const decimal = String(value);
  if (decimal.length <= 1000) return decimal;
  return value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
}
