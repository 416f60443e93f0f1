import { extname } from 'node:path';
import type { CheckKind } from '../src/program/program.ts';
import type { Suite, SuiteCase } from './suite.ts';

/**
 * What a case asks, in our terms: from its suite's property and semantics and from the options under which its origin's
 * tool gives the expected answer. Nothing depends on a case's or a suite's name. An option that changes what is asked and
 * that we cannot express makes the case a don't know.
 */
export type CaseRequest =
  | {
      readonly kind: 'file';
      readonly question: 'terminates' | 'check';
      readonly integers: 'c' | 'math';
      readonly dataModel: 'lp64' | 'ilp32';
      readonly checks: readonly CheckKind[];
      readonly allocation: 'may-fail' | 'succeeds';
      readonly functionName?: string;
      /**
       * The other tool's yes also says that no loop makes more turns than this (its unwinding assertions): a yes of ours is
       * compared only where that is confirmed too.
       */
      readonly turnLimit?: number;
      /** The other tool takes loop invariants as contracts: its no may mean that one is too weak. */
      readonly loopContracts: boolean;
    }
  | { readonly kind: 'policy' }
  | { readonly kind: 'unmapped'; readonly why: string };

type Effect = { readonly add?: readonly CheckKind[]; readonly drop?: readonly CheckKind[] };

/** Options that add or drop kinds of failure. */
const checkOptions: Readonly<Record<string, Effect>> = {
  '--overflow-check': { add: ['overflow'] },
  '--signed-overflow-check': { add: ['overflow'] },
  '--unsigned-overflow-check': { add: ['unsigned-overflow'] },
  '--memory-leak-check': { add: ['leak'] },
  '--pointer-check': { add: ['pointer', 'free'] },
  '--data-races-check': { add: ['race'] },
  '--bounds-check': { add: ['bounds'] },
  '--div-by-zero-check': { add: ['division'] },
  '--no-bounds-check': { drop: ['bounds'] },
  '--no-pointer-check': { drop: ['pointer', 'alignment', 'free'] },
  '--no-div-by-zero-check': { drop: ['division'] },
  '--no-standard-checks': { drop: ['bounds', 'pointer', 'alignment', 'free', 'division'] },
  '--no-assertions': { drop: ['assertion', 'unreachable'] },
  '--no-align-check': { drop: ['alignment'] },
};

/** Options that say how the other tool searches, not what is asked; the number of words they take after them. */
const strategies: Readonly<Record<string, number>> = {
  '--no-unwinding-assertions': 0,
  '--incremental-bmc': 0,
  '--k-induction': 0,
  '--interval-analysis': 0,
  '--multi-property': 0,
  '--max-inductive-step': 1,
  '--loop-invariant': 0,
  '--nondet-str-length': 1,
  '--std': 1,
  '--arrays': 0,
  '--intervals': 0,
  '--heap': 0,
  '--zones': 0,
  '--octagons': 0,
  '--equalities': 0,
  '--no-propagation': 0,
  '--inline': 0,
  '--inline-main': 0,
  '--inline-partial': 1,
  '--values-refine': 0,
  '--independent-properties': 0,
  '--havoc': 0,
  '--context-sensitive': 0,
};

export function caseRequest(suite: Suite, item: SuiteCase): CaseRequest {
  if ('policy' in item.entry) return { kind: 'policy' };
  if (item.file === undefined) return { kind: 'unmapped', why: 'this kind of case is not read yet' };
  const termination = /terminat/i.test(suite.property);
  const integers = /mathematical/i.test(suite.semantics) || /python/i.test(suite.semantics) ? 'math' : 'c';
  const checks = new Set<CheckKind>(baseChecks(suite.property, extname(item.file)));
  let dataModel: 'lp64' | 'ilp32' = /ilp32/i.test(suite.semantics) ? 'ilp32' : 'lp64';
  // Where only assertions are asked about, the origins' tools take memory to be there: nothing else looks at a failure.
  let allocation: 'may-fail' | 'succeeds' =
    termination || /memory error/i.test(suite.property) ? 'may-fail' : 'succeeds';
  let functionName: string | undefined;
  let turnLimit: number | undefined;
  let loopContracts = false;
  const words = item.peerOptions;
  const isPython = extname(item.file) === '.py';
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const [name = word] = word.split('=');
    const effect = checkOptions[word];
    if (effect?.add?.includes('overflow') && isPython) {
      // Its integers do not overflow; only where CPython confirmed the answer is it known not to depend on this.
      if (item.entry.closed !== true) return { kind: 'unmapped', why: `${word}: Python's integers do not overflow` };
    } else if (effect) {
      for (const kind of effect.add ?? []) checks.add(kind);
      for (const kind of effect.drop ?? []) checks.delete(kind);
    } else if (word === '--loop-invariant-check') loopContracts = true;
    else if (word === '--unwind') {
      const turns = Number(words[++i]);
      // Only ESBMC asserts that its bound is enough; to 2LS it is where the search begins.
      const asserts = /ESBMC/.test(suite.origin) && !words.includes('--no-unwinding-assertions');
      if (asserts && Number.isSafeInteger(turns)) turnLimit = turns - 1;
    } else if (name in strategies) {
      const takes = word.includes('=') ? 0 : strategies[name]!;
      for (let n = 0; n < takes && i + 1 < words.length && !words[i + 1]!.startsWith('--'); n++) i++;
    } else if (word === '--function') functionName = words[++i];
    else if (word === '--32') dataModel = 'ilp32';
    else if (word === '--64') dataModel = 'lp64';
    else if (word === '--force-malloc-success') allocation = 'succeeds';
    else if (!word.startsWith('-W')) return { kind: 'unmapped', why: `the option ${word} cannot be expressed` };
  }
  return {
    kind: 'file',
    question: termination ? 'terminates' : 'check',
    integers,
    dataModel,
    checks: [...checks],
    allocation,
    loopContracts,
    ...(functionName === undefined ? {} : { functionName }),
    ...(turnLimit === undefined || termination || extname(item.file) === '.py' ? {} : { turnLimit }),
  };
}

/** The kinds of failure that a property speaks of, before options. Signed overflow wraps where it is not asked about. */
function baseChecks(property: string, extension: string): readonly CheckKind[] {
  // A run that goes outside memory is no run of the C program: whether it would end is not asked.
  if (/terminat/i.test(property)) return ['assertion', 'unreachable', 'bounds', 'pointer', 'free'];
  if (extension === '.py') return ['assertion', 'exception', 'division', 'bounds', 'unreachable'];
  const memory: CheckKind[] = /memory error/i.test(property) ? ['bounds', 'pointer', 'alignment', 'free'] : [];
  const division: CheckKind[] = /division by zero/i.test(property) ? ['division'] : [];
  return ['assertion', 'unreachable', ...memory, ...division];
}
