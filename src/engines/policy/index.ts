/** The policy engine's door: exact decisions about request spaces. */
export { type Bits, has, meets, members, minus, or, size, within } from './bits.ts';
export { type Compiled, type CompiledDimension, compile, type Node } from './compile.ts';
export { type DecideOptions, type Decision, decide, withFreeUnknowns } from './decide.ts';
export { stringClasses } from './partition.ts';
export { search } from './search.ts';
