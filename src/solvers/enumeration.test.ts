import { EnumeratingSolver } from './enumeration.ts';
import { solverContract } from './solver.contract.ts';

solverContract('enumeration', (options) => new EnumeratingSolver(options));
