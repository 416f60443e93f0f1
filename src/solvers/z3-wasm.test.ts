import { solverContract } from './solver.contract.ts';
import { Z3Wasm } from './z3-wasm.ts';

const z3 = new Z3Wasm();
solverContract('z3 (WebAssembly)', (options) => z3.open(options), () => z3.close());
solverContract('z3 over Int', (options) => z3.open({ ...options, form: 'int' } as never), undefined);
solverContract('z3 over bit-vectors', (options) => z3.open({ ...options, form: 'bitvector' } as never), undefined);
