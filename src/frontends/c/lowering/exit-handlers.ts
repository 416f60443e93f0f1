import type { Range } from '../preprocessor/source-file.ts';
import type { TypedUnit } from '../types/typed.ts';
import { callHelper } from './model-call.ts';
import type { FunctionState } from './state.ts';

/** Functions that run at the end of the program, registered with `atexit` [C11 7.22.4.2]; kept by the model (library/stdlib.ts). */
export const hasExitHandlers = (unit: TypedUnit): boolean =>
  unit.functions.get('atexit')?.body?.range.file.builtIn === true;

/** They run in reverse order, when main returns or `exit` is called. */
export function runExitHandlers(f: FunctionState, range: Range): void {
  if (f.alive && hasExitHandlers(f.unit.unit)) callHelper(f, '__tertium_run_handlers', [], range);
}
