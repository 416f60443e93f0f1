/**
 * One question about policies, from lowering to a checked answer. A yes is a concrete request, replayed by the
 * independent evaluator; a no is a cover proof, verified by the small checker; everything else is don't know with its
 * causes. A replay or check that disagrees is our bug and stops loudly.
 */
import { Budget } from '../../base/budget.ts';
import { type Decision, decide } from '../../engines/policy/decide.ts';
import { stringClasses } from '../../engines/policy/partition.ts';
import { actionResourceAxiom } from '../../frontends/iam/action-resources.ts';
import type { PolicyDocument } from '../../frontends/iam/document.ts';
import { all, either, not, unknown } from '../../frontends/iam/formulas.ts';
import { union } from '../../frontends/iam/languages.ts';
import { type Axiom, Lowering, type LoweringOptions } from '../../frontends/iam/lowering.ts';
import type { Request } from '../../frontends/iam/request.ts';
import type { ServiceAction } from '../../frontends/iam/service-data.ts';
import { requestOf } from '../../frontends/iam/witness.ts';
import type { CoverProof, Formula, Space } from '../../program/space.ts';
import { checkCover } from '../../verdict/space-cover.ts';

export interface Query {
  readonly documents: readonly PolicyDocument[];
  readonly options: LoweringOptions;
  /** What a request must satisfy for the answer to be yes. */
  readonly build: (lowering: Lowering) => Formula;
  /** The same, on one request, by other means; undefined where AWS's behaviour is not documented. */
  readonly replay: (request: Request) => boolean | undefined;
  /** Preferred values by dimension, for readable witnesses. */
  readonly preferred?: Readonly<Record<string, readonly string[]>>;
}

export type Solution =
  | {
      readonly kind: 'yes';
      readonly request: Request;
      readonly decision: Decision & { kind: 'point' };
      readonly lowering: Lowering;
    }
  | { readonly kind: 'no'; readonly space: Space; readonly proof: CoverProof; readonly axioms: readonly Axiom[] }
  | { readonly kind: 'dont-know'; readonly reasons: readonly string[] };

export class Disagreement extends Error {
  readonly request: Request | undefined;
  constructor(message: string, request?: Request) {
    super(message);
    this.name = 'Disagreement';
    this.request = request;
  }
}

export const defaultBudget = (): Budget => new Budget({ stepLimit: 2_000_000, timeoutMs: 20_000 });

export interface SolveOptions {
  readonly maxStates?: number;
  /** Verify the proof of a no; default true. */
  readonly check?: boolean;
  readonly withoutAxioms?: ReadonlySet<string>;
  /** The action-resource model (row 68): actions of a service, by its prefix. */
  readonly actionsOf?: (service: string) => readonly ServiceAction[];
}

export function solve(query: Query, budget: Budget = defaultBudget(), options: SolveOptions = {}): Solution {
  const lowering = new Lowering(query.documents, query.options);
  const formula = query.build(lowering);
  const axioms = axiomsOf(lowering, query, options);
  const implications = impliedPatterns(lowering, budget);
  for (const [dimension, values] of Object.entries(query.preferred ?? {})) lowering.prefer(dimension, values);
  const space: Space = {
    dimensions: lowering.dimensions,
    formula: all([formula, ...axioms.map((a) => a.formula), ...implications]),
  };
  const decision = decide(space, budget, options);
  switch (decision.kind) {
    case 'point': {
      const request = requestOf(lowering, decision.point, query.documents);
      replayed(query, request);
      return { kind: 'yes', request, decision, lowering };
    }
    case 'none': {
      if (options.check !== false) {
        const problem = checkCover(decision.space, decision.proof);
        if (problem !== undefined) throw new Disagreement(`The checker rejects the proof of a "no": ${problem}`);
      }
      return { kind: 'no', space: decision.space, proof: decision.proof, axioms };
    }
    case 'budget':
      return { kind: 'dont-know', reasons: [`the budget was used up: ${decision.what}`] };
    case 'unsure': {
      const bound = lowering.variables.size > 0 ? withValues(query, lowering, decision, budget, options) : undefined;
      return bound ?? { kind: 'dont-know', reasons: decision.unknowns };
    }
  }
}

function axiomsOf(lowering: Lowering, query: Query, options: SolveOptions): Axiom[] {
  const axioms = lowering.axioms();
  if (options.actionsOf) axioms.push(actionResourceAxiom(lowering, query.documents, options.actionsOf));
  return axioms.filter((a) => !options.withoutAxioms?.has(a.name));
}

function replayed(query: Query, request: Request): void {
  const again = query.replay(request);
  if (again !== true) {
    throw new Disagreement(
      `The independent evaluator does not confirm the witness (it says ${again === undefined ? 'unclear' : 'no'}).`,
      request,
    );
  }
}

/** Tries concrete values for the policy variables, each run exact for these values. */
function withValues(
  query: Query,
  lowering: Lowering,
  decision: Decision & { kind: 'unsure' },
  budget: Budget,
  options: SolveOptions,
): Solution | undefined {
  const keys = [...lowering.variables];
  const choices = keys.map((key) => valuesFor(key, lowering, decision, query.documents));
  const rounds = Math.min(
    16,
    choices.reduce((n, c) => n * c.length, 1),
  );
  for (let round = 0; round < rounds; round++) {
    let rest = round;
    const binding = new Map<string, string | null>();
    keys.forEach((key, i) => {
      const list = choices[i]!;
      binding.set(key, list[rest % list.length]!);
      rest = Math.floor(rest / list.length);
    });
    const bound = new Lowering(query.documents, { ...query.options, binding });
    const formula = all([query.build(bound), ...[...binding].map(([key, value]) => bound.bound(key, value))]);
    const space: Space = {
      dimensions: bound.dimensions,
      formula: all([formula, ...axiomsOf(bound, query, options).map((a) => a.formula)]),
    };
    for (const [dimension, values] of Object.entries(query.preferred ?? {})) bound.prefer(dimension, values);
    const found = decide(space, budget, options);
    if (found.kind !== 'point') continue;
    const request = requestOf(bound, found.point, query.documents);
    replayed(query, request);
    return { kind: 'yes', request, decision: found, lowering: bound };
  }
  return undefined;
}

const usual: Readonly<Record<string, string>> = {
  'aws:username': 'mallory',
  'aws:userid': 'AIDAEXAMPLESTRANGER1',
  'aws:principalaccount': '999999999999',
  'aws:resourceaccount': '999999999999',
  'aws:sourceaccount': '999999999999',
  'aws:principalorgid': 'o-stranger00',
  'aws:principaltype': 'User',
  'aws:sourcevpc': 'vpc-0stranger',
  'aws:sourcevpce': 'vpce-0stranger',
  'aws:principalarn': 'arn:aws:iam::999999999999:user/mallory',
  'aws:sourcearn': 'arn:aws:sns:us-east-1:999999999999:topic',
  'aws:requestedregion': 'us-east-1',
};

function valuesFor(
  key: string,
  lowering: Lowering,
  decision: Decision & { kind: 'unsure' },
  documents: readonly PolicyDocument[],
): (string | null)[] {
  const out = new Set<string | null>([usual[key] ?? 'zebra7']);
  const index = lowering.indexOf(key);
  const value = index < 0 ? undefined : decision.point[index];
  if (typeof value === 'string') out.add(value);
  for (const document of documents) {
    for (const s of document.statements) {
      for (const c of s.conditions) {
        if (c.key.toLowerCase() !== key || c.use.operator.family !== 'string') continue;
        for (const v of c.values) if (out.size < 4 && !/[*?$]/.test(v.text)) out.add(v.text);
      }
    }
  }
  out.add(null);
  return [...out];
}

/**
 * Patterns with unbound variables are unknowns; but `home/${u}/docs/*` lies inside `home/${u}/*` whatever u is. With
 * each variable read as one private character, inclusion of the marked patterns implies inclusion for every value
 * (substituting a value is a homomorphism), so the implication may be assumed.
 */
function impliedPatterns(lowering: Lowering, budget: Budget): Formula[] {
  const byDimension = new Map<number, (typeof lowering.openPatterns)[number][]>();
  for (const open of lowering.openPatterns) {
    const list = byDimension.get(open.dimension);
    if (list) list.push(open);
    else byDimension.set(open.dimension, [open]);
  }
  const out: Formula[] = [];
  for (const list of byDimension.values()) {
    if (list.length < 2) continue;
    const languages = list.map((o) => [union(o.marked)]);
    const classes = stringClasses(languages, [union(...list.map((o) => o.marked))], [], budget, 20_000);
    if (!classes) continue;
    for (let p = 0; p < list.length; p++) {
      for (let q = 0; q < list.length; q++) {
        if (p !== q && classes.every((c) => !c.atoms.includes(p) || c.atoms.includes(q))) {
          out.push(either(not(unknown(list[p]!.name)), unknown(list[q]!.name)));
        }
      }
    }
  }
  return out;
}
