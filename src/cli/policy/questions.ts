/**
 * The questions about policies (docs/guide/policies.md), each as one query: the formula that a request must satisfy and
 * the plain test that replays it. Answers are yes, no or don't know to the question as its name reads:
 * `public`: can a stranger get in? `who`: can someone outside the zone? `compare`: does NEW allow something that OLD does
 * not? `grants`: does the policy allow one of these accesses? `can`: can this principal do this here?
 */
import type { Budget } from '../../base/budget.ts';
import type { PolicyDocument, PolicyType, Text } from '../../frontends/iam/document.ts';
import { type EvaluationOptions, evaluate } from '../../frontends/iam/evaluation.ts';
import { all, any, both, not, yes } from '../../frontends/iam/formulas.ts';
import type { Lowering, LoweringOptions } from '../../frontends/iam/lowering.ts';
import { identities } from '../../frontends/iam/principals.ts';
import type { Request } from '../../frontends/iam/request.ts';
import {
  type BlockPublicAccessAnswer,
  type BlockPublicAccessOptions,
  blockPublicAccess,
} from '../../frontends/iam/s3-block-public-access.ts';
import type { ServiceAction } from '../../frontends/iam/service-data.ts';
import {
  isOutside,
  isStranger,
  namesIn,
  outsideFormula,
  strangerFormula,
  type Zone,
} from '../../frontends/iam/zones.ts';
import type { Formula } from '../../program/space.ts';
import { defaultBudget, type Query, type Solution, solve } from './solution.ts';

export interface QuestionOptions extends LoweringOptions {
  readonly budget?: Budget;
  readonly maxStates?: number;
  /** Verify proofs with the small checker; default true. */
  readonly check?: boolean;
  /** Preferred values by dimension, for readable witnesses. */
  readonly preferred?: Readonly<Record<string, readonly string[]>>;
  /** Axioms to leave out, by name. */
  readonly withoutAxioms?: ReadonlySet<string>;
  /** The action-resource model (row 68): actions of a service, by its prefix. Default off. */
  readonly actionsOf?: (service: string) => readonly ServiceAction[];
}

export const evaluationOptions = (options: QuestionOptions): EvaluationOptions => ({
  ...(options.colonCrossing === undefined ? {} : { colonCrossing: options.colonCrossing }),
  multiValued: (key) => (options.multiValued?.has(key) ? true : undefined),
});

const identityLike: ReadonlySet<PolicyType> = new Set(['identity', 'boundary', 'session', 'scp']);

/** Who sends requests that such a policy judges: AWS identities, for policies that are attached to them. */
function callersOf(documents: readonly PolicyDocument[], lowering: Lowering): Formula {
  if (!documents.every((d) => identityLike.has(d.type))) return yes;
  return lowering.indexOf('principal') >= 0 ? lowering.caller(identities) : yes;
}

const callerFits = (documents: readonly PolicyDocument[], request: Request): boolean =>
  !documents.every((d) => identityLike.has(d.type)) || request.caller.kind === 'identity';

function ask(query: Omit<Query, 'options'>, options: QuestionOptions): Solution {
  return solve(
    { ...query, options, ...(options.preferred ? { preferred: options.preferred } : {}) },
    options.budget ?? defaultBudget(),
    {
      ...(options.maxStates === undefined ? {} : { maxStates: options.maxStates }),
      ...(options.check === undefined ? {} : { check: options.check }),
      ...(options.withoutAxioms ? { withoutAxioms: options.withoutAxioms } : {}),
      ...(options.actionsOf ? { actionsOf: options.actionsOf } : {}),
    },
  );
}

/** true: allowed for sure; false: not allowed for sure; undefined: unclear. */
function allowed(document: PolicyDocument, request: Request, options: QuestionOptions): boolean | undefined {
  const { decision } = evaluate(document, request, evaluationOptions(options));
  return decision === 'unclear' ? undefined : decision === 'allow';
}

const negated = (value: boolean | undefined): boolean | undefined => (value === undefined ? undefined : !value);
const conjunction = (...values: (boolean | undefined)[]): boolean | undefined =>
  values.includes(false) ? false : values.includes(undefined) ? undefined : true;

// ---- compare

/** Does NEW allow a request that OLD does not? */
export function newAccess(fresh: PolicyDocument, old: PolicyDocument, options: QuestionOptions = {}): Solution {
  const documents = [fresh, old];
  return ask(
    {
      documents,
      build: (lowering) => {
        const formula = both(lowering.grants(fresh), not(lowering.grants(old)));
        return both(formula, callersOf(documents, lowering));
      },
      replay: (request) =>
        conjunction(
          callerFits(documents, request),
          allowed(fresh, request, options),
          negated(allowed(old, request, options)),
        ),
    },
    options,
  );
}

// ---- public

export interface PublicSolution {
  readonly solution: Solution;
  /** Public IPv4 addresses (and IPv6) from which strangers get in, if the policy looks at addresses. */
  readonly addresses?: { readonly four: bigint; readonly six: bigint };
}

const privateFour = [
  [0x0a000000n, 0x0affffffn],
  [0xac100000n, 0xac1fffffn],
  [0xc0a80000n, 0xc0a8ffffn],
] as const;
const privateSix = [[0xfcn << 120n, (0xfen << 120n) - 1n]] as const;

const overlap = (low: bigint, high: bigint, ranges: readonly (readonly [bigint, bigint])[]): bigint =>
  ranges.reduce((sum, [a, b]) => {
    const from = low > a ? low : a;
    const to = high < b ? high : b;
    return to >= from ? sum + to - from + 1n : sum;
  }, 0n);

/** More addresses than these count as "from anywhere" (row 47): broader than one /8 or one /32. */
export const addressThreshold = { four: 1n << 24n, six: 1n << 96n } as const;

/** Can a stranger get in? See zones.ts for who is one. */
export function publicAccess(documents: readonly PolicyDocument[], options: QuestionOptions = {}): PublicSolution {
  const names = namesIn(documents);
  const budget = options.budget ?? defaultBudget();
  const looksAtAddresses = documents.some((d) =>
    d.statements.some((s) => s.conditions.some((c) => c.key.toLowerCase() === 'aws:sourceip')),
  );
  const counted: { family: 4 | 6; low: bigint; high: bigint }[] = [];
  let four = 0n;
  let six = 0n;
  const grants = (lowering: Lowering): Formula => any(documents.map((d) => lowering.grants(d)));
  for (;;) {
    const solution = ask(
      {
        documents,
        build: (lowering) => {
          const parts = [grants(lowering), strangerFormula(lowering, names)];
          if (counted.length > 0) parts.push(not(lowering.keyAddress('aws:sourceip', counted)));
          return all(parts);
        },
        replay: (request) => {
          const results = documents.map((d) => allowed(d, request, options));
          const some = results.includes(true) ? true : results.includes(undefined) ? undefined : false;
          return conjunction(some, isStranger(request, names));
        },
      },
      { ...options, budget },
    );
    if (solution.kind !== 'yes' || !looksAtAddresses) {
      return looksAtAddresses ? { solution, addresses: { four, six } } : { solution };
    }
    const { lowering, decision } = solution;
    const index = lowering.indexOf('aws:sourceip');
    const chosen = decision.classes[index];
    const range = typeof chosen === 'number' ? decision.compiled.dimensions[index]?.ranges?.[chosen] : undefined;
    // no address at all, or none that the policy asks for: from anywhere
    if (!range) return { solution, addresses: { four, six } };
    counted.push(range);
    const size = range.high - range.low + 1n;
    if (range.family === 4) four += size - overlap(range.low, range.high, privateFour);
    else six += size - overlap(range.low, range.high, privateSix);
    if (four > addressThreshold.four || six > addressThreshold.six) return { solution, addresses: { four, six } };
  }
}

export function publicByBlockPublicAccess(
  document: PolicyDocument,
  options: BlockPublicAccessOptions,
): BlockPublicAccessAnswer {
  return blockPublicAccess(document, options);
}

// ---- who

/** Can someone outside the zone get in? */
export function outsideAccess(
  documents: readonly PolicyDocument[],
  zone: Zone,
  options: QuestionOptions = {},
  within: (lowering: Lowering) => Formula = () => yes,
): Solution {
  return ask(
    {
      documents,
      build: (lowering) =>
        all([any(documents.map((d) => lowering.grants(d))), outsideFormula(lowering, zone), within(lowering)]),
      replay: (request) => {
        const results = documents.map((d) => allowed(d, request, options));
        const some = results.includes(true) ? true : results.includes(undefined) ? undefined : false;
        return conjunction(some, isOutside(request, zone));
      },
    },
    options,
  );
}

// ---- grants

export interface Access {
  readonly actions?: readonly string[];
  readonly resources?: readonly string[];
}

const plain = (texts: readonly string[]): { negated: false; values: Text[] } => ({
  negated: false,
  values: texts.map((t) => ({ text: t, start: 0, end: 0 })),
});

const globTest = (pattern: string, flags: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '[^]*')
      .replaceAll('?', '[^]')}$`,
    flags,
  );

/** Is one of the listed actions allowed on one of the listed resources (of one entry of the list)? */
export function grantedAccess(
  documents: readonly PolicyDocument[],
  access: readonly Access[],
  options: QuestionOptions = {},
): Solution {
  const actionHits = (a: Access, request: Request): boolean =>
    !a.actions || a.actions.some((p) => globTest(p.toLowerCase(), 'u').test(request.action.toLowerCase()));
  const resourceHits = (a: Access, request: Request): boolean =>
    !a.resources || a.resources.some((p) => p === '*' || globTest(p, 'u').test(request.resource));
  return ask(
    {
      documents,
      build: (lowering) => {
        // wildcards of the question do not read policy variables
        const bare = { ...documents[0]!, version: '2008-10-17' as const };
        const wanted = any(
          access.map((a) =>
            both(
              a.actions ? lowering.action(plain(a.actions)) : yes,
              a.resources ? lowering.resource(plain(a.resources), bare) : yes,
            ),
          ),
        );
        return all([any(documents.map((d) => lowering.grants(d))), wanted, callersOf(documents, lowering)]);
      },
      replay: (request) => {
        const results = documents.map((d) => allowed(d, request, options));
        const some = results.includes(true) ? true : results.includes(undefined) ? undefined : false;
        return conjunction(
          some,
          callerFits(documents, request),
          access.some((a) => actionHits(a, request) && resourceHits(a, request)),
        );
      },
    },
    options,
  );
}
