import type { Term } from '../../../terms/term.ts';
import { unsupported } from '../diagnostics.ts';
import { type Range, spanOf } from '../preprocessor/source-file.ts';
import type { Value } from './integers.ts';
import type { FunctionState } from './state.ts';
import { leavesOf } from './storage.ts';

/** A call of a helper that is written in C (library/), with these values for its parameters. */
export function callHelper(f: FunctionState, name: string, args: readonly Term[], range: Range): Value | undefined {
  const symbol = f.unit.unit.functions.get(name);
  if (!symbol?.body) return unsupported('C0608', 'this function of the C library, as it is declared here,', range);
  f.unit.need(symbol);
  const leaves = leavesOf(symbol.type.result) ?? [];
  const results = leaves.map((leaf) => f.temporary(`${name} result`, leaf.type));
  f.emit({ kind: 'call', callee: symbol.name, args, results, origin: spanOf(range) });
  f.separate();
  const [result] = results;
  return result && { term: result, ...f.boundsOf(leaves[0]!.type) };
}
