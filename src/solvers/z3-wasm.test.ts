import { afterAll } from 'vitest';
import { solverContract } from './solver.contract.ts';
import { Z3Wasm } from './z3-wasm.ts';

const z3 = new Z3Wasm();
afterAll(() => z3.close());
solverContract('z3 (WebAssembly)', (options) => z3.open(options));
solverContract('z3 over Int', (options) => z3.open({ ...options, form: 'int' }));
solverContract('z3 over bit-vectors', (options) => z3.open({ ...options, form: 'bitvector' }));
