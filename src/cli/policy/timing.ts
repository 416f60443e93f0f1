/** The questions of a benchmark manifest and of AWS's managed policies as request spaces, for scripts/policy-timing.mjs. */
import { Budget } from '../../base/budget.ts';
import { decide, withFreeUnknowns } from '../../engines/policy/index.ts';
import { smtlibOf } from '../../engines/policy/space-smtlib.ts';
import { type PolicyDocument, type PolicyType, readPolicy } from '../../frontends/iam/document.ts';
import { all, not } from '../../frontends/iam/formulas.ts';
import { Lowering } from '../../frontends/iam/lowering.ts';
import { Random } from './sampling.ts';

export interface TimedQuestion {
  readonly name: string;
  /** Milliseconds from the documents to the answer, engine only, warm (the third run). */
  readonly oursMs: number;
  readonly ours: 'sat' | 'unsat' | 'unknown';
  readonly smtlib: string;
}

function question(name: string, fresh: PolicyDocument, old: PolicyDocument): TimedQuestion | undefined {
  const make = () => {
    const lowering = new Lowering([fresh, old]);
    const formula = all([
      lowering.grants(fresh),
      not(lowering.grants(old)),
      ...lowering.axioms().map((a) => a.formula),
    ]);
    return withFreeUnknowns({ dimensions: lowering.dimensions, formula }).space;
  };
  const smtlib = smtlibOf(make());
  if (smtlib === undefined) return undefined;
  let oursMs = 0;
  let ours: TimedQuestion['ours'] = 'unknown';
  for (let i = 0; i < 3; i++) {
    const began = performance.now();
    const { kind } = decide(make(), new Budget({ timeoutMs: 20_000 }));
    oursMs = performance.now() - began;
    ours = kind === 'point' ? 'sat' : kind === 'none' ? 'unsat' : 'unknown';
  }
  return { name, oursMs, ours, smtlib };
}

const document = (json: unknown, type: PolicyType): PolicyDocument | undefined => {
  const read = readPolicy({ path: 'p', text: JSON.stringify(json) }, type);
  return read.ok ? read.value : undefined;
};

interface Case {
  readonly case: string;
  readonly question: string;
  readonly policyType: PolicyType;
  readonly policy: unknown;
  readonly reference?: unknown;
}

/** New-access questions of a manifest. */
export function* manifestQuestions(cases: readonly Case[], every: number): Generator<TimedQuestion> {
  const asked = cases.filter((c) => c.question === 'no-new-access');
  for (let i = 0; i < asked.length; i += every) {
    const c = asked[i]!;
    const fresh = document(c.policy, c.policyType);
    const old = document(c.reference, c.policyType);
    const q = fresh && old && question(c.case, fresh, old);
    if (q) yield q;
  }
}

/** Managed policies against themselves without one Allow statement. */
export function* managedQuestions(
  documents: readonly (readonly [string, unknown])[],
  every: number,
): Generator<TimedQuestion> {
  const random = new Random(3);
  for (let i = 0; i < documents.length; i += every) {
    const [name, json] = documents[i]!;
    const policy = document(json, 'identity');
    if (!policy) continue;
    const victim = random.below(policy.statements.length);
    const less = { ...policy, statements: policy.statements.filter((_, k) => k !== victim) };
    const q = question(name, i % 2 === 0 ? less : policy, i % 2 === 0 ? policy : less);
    if (q) yield q;
  }
}
