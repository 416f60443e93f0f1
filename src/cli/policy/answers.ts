/**
 * Answers about policies as plain data, ready for a terminal, JSON, SARIF or the shape of the custom policy checks: the
 * question as a sentence, yes / no / don't know, the witness or the statements that the "no" rests on, the axioms it
 * used, and what was assumed.
 */
import { type Bundle, bundleFormula, documentsOf, evaluateBundle } from '../../frontends/iam/bundle.ts';
import type { PolicyDocument, Statement } from '../../frontends/iam/document.ts';
import { evaluate } from '../../frontends/iam/evaluation.ts';
import { callerLanguage } from '../../frontends/iam/fixing.ts';
import { all } from '../../frontends/iam/formulas.ts';
import { factsOf, principalKeys } from '../../frontends/iam/keys.ts';
import { type Caller, callerName, type Request } from '../../frontends/iam/request.ts';
import { type BucketSettings, settingsEffects } from '../../frontends/iam/s3-block-public-access.ts';
import { actionsLike, type ServiceData } from '../../frontends/iam/service-data.ts';
import type { Zone } from '../../frontends/iam/zones.ts';
import { outsideFindings } from './findings.ts';
import {
  type Access,
  evaluationOptions,
  grantedAccess,
  newAccess,
  outsideAccess,
  publicAccess,
  publicByBlockPublicAccess,
  type QuestionOptions,
} from './questions.ts';
import { defaultBudget, type Solution, solve } from './solution.ts';

export interface StatementReference {
  readonly file: string;
  readonly policy?: string;
  readonly index: number;
  readonly sid?: string;
  readonly line: number;
  readonly effect: 'Allow' | 'Deny';
}

export interface RequestSummary {
  readonly who: string;
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

export interface PolicyAnswer {
  readonly file: string;
  readonly policy?: string;
  readonly question: string;
  readonly answer: 'yes' | 'no' | 'dont-know';
  /** replayed: a concrete request, run by the independent evaluator; checked: a proof, verified by the small checker. */
  readonly rung?: 'replayed' | 'checked';
  readonly request?: RequestSummary;
  /** yes: the statements that allow the request; no: those without which it would not be a no. */
  readonly statements: readonly StatementReference[];
  readonly axioms: readonly string[];
  readonly reasons: readonly string[];
  readonly assumptions: readonly string[];
  readonly notes: readonly string[];
  readonly findings?: readonly {
    readonly description: Readonly<Record<string, string>>;
    readonly request: RequestSummary;
  }[];
}

export interface Context {
  readonly options: QuestionOptions;
  /** For readable witnesses; called only when there is one. */
  readonly loadData?: () => Promise<ServiceData>;
  /** Look for the statements and axioms that a "no" needs, and at the other reading of row 8. */
  readonly thorough: boolean;
}

export function referenceTo(document: PolicyDocument, statement: Statement): StatementReference {
  return {
    file: document.source.path,
    ...(document.name === undefined ? {} : { policy: document.name }),
    index: statement.index,
    ...(statement.sid === undefined ? {} : { sid: statement.sid }),
    line: document.lines.position(statement.start).line,
    effect: statement.effect,
  };
}

export const summaryOf = (request: Request): RequestSummary => ({
  who: callerName(request.caller),
  action: request.action,
  resource: request.resource,
  context: Object.fromEntries([...request.context].sort(([a], [b]) => (a < b ? -1 : 1))),
});

const soleAssumption: Readonly<Record<string, string>> = {
  resource: 'only this policy was looked at: the caller’s own account is assumed to allow the call',
  trust: 'only this trust policy was looked at: the caller’s own account is assumed to allow the call',
  identity: 'only this policy was looked at: no boundary, organization or resource policy',
};

interface Asked {
  readonly question: string;
  readonly documents: readonly PolicyDocument[];
  readonly run: (options: QuestionOptions, documents: readonly PolicyDocument[]) => Solution;
  /** Whose statements allow a witness. */
  readonly granting: readonly PolicyDocument[];
  readonly assumptions: readonly string[];
  readonly notes?: readonly string[];
}

async function answer(asked: Asked, context: Context): Promise<PolicyAnswer> {
  const { documents } = asked;
  const first = documents[0]!;
  const base = {
    file: first.source.path,
    ...(first.name === undefined ? {} : { policy: first.name }),
    question: asked.question,
  };
  let solution = asked.run(context.options, documents);
  const notes = [...(asked.notes ?? [])];
  const assumptions = [...asked.assumptions];
  if (context.thorough && hasWildFields(documents)) {
    assumptions.push('in the first five fields of an ARN, wildcards do not cross a colon (row 8)');
    const other = asked.run({ ...context.options, colonCrossing: !context.options.colonCrossing }, documents);
    if (other.kind !== solution.kind) {
      notes.push(`If wildcards did cross colons there, the answer would be ${wordOf(other)}.`);
    }
  }
  if (context.options.axioms !== false && hasFormattedKeys(documents)) {
    assumptions.push('accounts have twelve digits, ARNs six fields, ids of organizations and networks their prefix');
  }
  switch (solution.kind) {
    case 'yes': {
      const data = await context.loadData?.();
      if (data) {
        const preferred = knownActions(asked.granting, solution.request, data);
        if (preferred.size > 0) {
          const again = asked.run({ ...context.options, preferred: { action: [...preferred.keys()] } }, documents);
          if (again.kind === 'yes') {
            const spelled = preferred.get(again.request.action.toLowerCase());
            solution = { ...again, request: { ...again.request, action: spelled ?? again.request.action } };
          }
        }
        if (!isKnown(solution.request.action, data)) {
          notes.push(`${solution.request.action} stands for an action that AWS does not have today.`);
        }
      }
      const { request } = solution;
      const statements = asked.granting.flatMap((d) =>
        evaluate(d, request, evaluationOptions(context.options)).allowedBy.map((s) => referenceTo(d, s)),
      );
      return {
        ...base,
        answer: 'yes',
        rung: 'replayed',
        request: summaryOf(request),
        statements,
        axioms: [],
        reasons: [],
        assumptions,
        notes,
      };
    }
    case 'no': {
      const statements = context.thorough ? neededStatements(asked, context.options) : [];
      const axioms = context.thorough
        ? neededAxioms(asked, context.options, solution)
        : solution.axioms.map((a) => a.name);
      return { ...base, answer: 'no', rung: 'checked', statements, axioms, reasons: [], assumptions, notes };
    }
    case 'dont-know':
      return {
        ...base,
        answer: 'dont-know',
        statements: [],
        axioms: [],
        reasons: solution.reasons,
        assumptions,
        notes,
      };
  }
}

const wordOf = (solution: Solution): string => (solution.kind === 'dont-know' ? 'don’t know' : solution.kind);

const hasWildFields = (documents: readonly PolicyDocument[]): boolean =>
  documents.some((d) =>
    d.statements.some((s) =>
      s.resource?.values.some((v) => v.text !== '*' && /[*?]/.test(v.text.split(':').slice(0, 5).join(':'))),
    ),
  );

/** Does a condition look at a key whose values have a format that we rely on? */
const hasFormattedKeys = (documents: readonly PolicyDocument[]): boolean =>
  documents.some((d) =>
    d.statements.some((s) =>
      s.conditions.some((c) => {
        const key = c.key.toLowerCase();
        return principalKeys.has(key) || factsOf(key, new Set()).domain !== undefined;
      }),
    ),
  );

const isKnown = (action: string, data: ServiceData): boolean => actionsLike(data, action).length > 0;

/** Does an action work on this resource, by the ARN patterns of its resource types? */
function worksOn(patterns: readonly string[], resource: string): boolean {
  if (patterns.length === 0) return resource === '*';
  const fields = resource.split(':').length;
  return patterns.some((p) => {
    // `bucket` and `bucket/object` are both S3 ARNs: a pattern without a slash means a name without one
    const source = p.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*');
    return p.split(':').length <= fields && new RegExp(`^${source}$`).test(resource);
  });
}

/** Known actions that the patterns of the granting statements name, as AWS spells them, by lower case. */
function knownActions(documents: readonly PolicyDocument[], request: Request, data: ServiceData): Map<string, string> {
  const out = new Map<string, string>();
  for (const d of documents) {
    for (const s of evaluate(d, request).allowedBy) {
      const patterns = s.action.negated
        ? ['s3:GetObject', 'ec2:DescribeInstances']
        : s.action.values.map((v) => v.text);
      for (const pattern of patterns) {
        const known = pattern === '*' ? actionsLike(data, 's3:GetObject') : actionsLike(data, pattern);
        const fitting = known.filter((a) => worksOn(a.resources, request.resource));
        for (const a of [...fitting, ...known].slice(0, 40)) out.set(a.name.toLowerCase(), a.name);
        if (out.size > 200) return out;
      }
    }
  }
  return out;
}

/** Statements without which the answer would no longer be a proved no (each tried on its own). */
function neededStatements(asked: Asked, options: QuestionOptions): StatementReference[] {
  const out: StatementReference[] = [];
  const total = asked.documents.reduce((n, d) => n + d.statements.length, 0);
  if (total > 40) return out;
  asked.documents.forEach((document, i) => {
    for (const statement of document.statements) {
      const reduced = { ...document, statements: document.statements.filter((s) => s !== statement) };
      const documents = asked.documents.map((d, j) => (j === i ? reduced : d));
      if (asked.run({ ...options, check: false }, documents).kind !== 'no') out.push(referenceTo(document, statement));
    }
  });
  return out;
}

/** Axioms without which the answer would no longer be a proved no. */
function neededAxioms(asked: Asked, options: QuestionOptions, solution: Solution & { kind: 'no' }): string[] {
  const { axioms } = solution;
  if (
    axioms.length === 0 ||
    asked.run({ ...options, check: false, withoutAxioms: new Set(axioms.map((a) => a.name)) }, asked.documents).kind ===
      'no'
  ) {
    return [];
  }
  return axioms
    .filter(
      (a) => asked.run({ ...options, check: false, withoutAxioms: new Set([a.name]) }, asked.documents).kind !== 'no',
    )
    .map((a) => `${a.name}: ${a.text}`);
}

// ---- the questions

export async function answerCompare(
  old: PolicyDocument,
  fresh: PolicyDocument,
  context: Context,
): Promise<PolicyAnswer> {
  const forward = await answer(
    {
      question: `Does ${fresh.source.path} allow a request that ${old.source.path} does not?`,
      documents: [fresh, old],
      run: (options, [f, o]) => newAccess(f!, o!, options),
      granting: [fresh],
      assumptions: ['both policies stand for the same thing: the rest of the account is the same around them'],
    },
    context,
  );
  if (!context.thorough) return forward;
  const backward = newAccess(old, fresh, context.options);
  const note =
    backward.kind === 'yes'
      ? `The other way round: ${old.source.path} allows ${describe(summaryOf(backward.request))}, which ${fresh.source.path} does not.`
      : backward.kind === 'no'
        ? forward.answer === 'no'
          ? 'The other way round neither: the two allow exactly the same requests.'
          : `The other way round not: ${fresh.source.path} allows everything that ${old.source.path} does.`
        : `The other way round: don’t know (${backward.reasons.join('; ')}).`;
  return { ...forward, notes: [...forward.notes, note] };
}

export const describe = (r: RequestSummary): string => {
  const context = Object.entries(r.context).map(([k, v]) => `${k} = ${typeof v === 'string' ? v : v.join(', ')}`);
  return `${r.action} on ${r.resource} by ${r.who}${context.length > 0 ? ` (${context.join('; ')})` : ''}`;
};

export interface PublicOptions {
  readonly notion: 'semantic' | 's3';
  readonly settings?: BucketSettings;
  readonly accessPoint?: boolean;
  readonly vpcOrigin?: boolean;
}

export async function answerPublic(
  document: PolicyDocument,
  how: PublicOptions,
  context: Context,
): Promise<PolicyAnswer> {
  if (document.type === 'identity' || document.type === 'boundary' || document.type === 'session') {
    return {
      file: document.source.path,
      ...(document.name === undefined ? {} : { policy: document.name }),
      question: 'Can a stranger get in?',
      answer: 'dont-know',
      statements: [],
      axioms: [],
      reasons: ['an identity policy says what its own identities may do; it is neither public nor not'],
      assumptions: [],
      notes: [],
    };
  }
  if (how.notion === 's3') return blockPublicAccessAnswer(document, how);
  const notes: string[] = [];
  const result = await answer(
    {
      question: 'Can a stranger get in?',
      documents: [document],
      run: (options, documents) => {
        const found = publicAccess(documents, options);
        if (found.addresses && (found.addresses.four > 0n || found.addresses.six > 0n)) {
          notes[0] = `Strangers get in from ${found.addresses.four} public IPv4 and ${found.addresses.six} IPv6 addresses; up to one /8 (16,777,216) or one /32 is not called public.`;
        }
        return found.solution;
      },
      granting: [document],
      assumptions: [
        soleAssumption[document.type] ?? soleAssumption.resource!,
        'accounts, organizations, networks and sources that the policy names by fixed values are trusted; keys that callers choose are not counted',
      ],
    },
    context,
  );
  const effects = how.settings ? settingsEffects(blockPublic(document, how) !== 'no', how.settings) : [];
  return { ...result, notes: [...result.notes, ...notes, ...effects] };
}

const blockPublic = (document: PolicyDocument, how: PublicOptions) =>
  publicByBlockPublicAccess(document, { accessPoint: how.accessPoint === true, vpcOrigin: how.vpcOrigin === true })
    .answer;

function blockPublicAccessAnswer(document: PolicyDocument, how: PublicOptions): PolicyAnswer {
  const found = publicByBlockPublicAccess(document, {
    accessPoint: how.accessPoint === true,
    vpcOrigin: how.vpcOrigin === true,
  });
  return {
    file: document.source.path,
    ...(document.name === undefined ? {} : { policy: document.name }),
    question: 'Does S3 Block Public Access call this policy public?',
    answer: found.answer,
    statements: found.answer === 'no' ? [] : [referenceTo(document, found.statement)],
    axioms: [],
    reasons: found.answer === 'dont-know' ? [found.why] : [],
    assumptions: [
      'the rule of the S3 user guide is syntactic: Deny statements are not looked at',
      ...(found.answer === 'dont-know' ? [] : [found.why]),
    ],
    notes: settingsEffects(found.answer !== 'no', how.settings ?? {}),
  };
}

export async function answerWho(document: PolicyDocument, zone: Zone, context: Context): Promise<PolicyAnswer> {
  const result = await answer(
    {
      question: 'Can someone outside the trust zone get in?',
      documents: [document],
      run: (options, documents) => outsideAccess(documents, zone, options),
      granting: [document],
      assumptions: [
        soleAssumption[document.type] ?? soleAssumption.resource!,
        'AWS services are not counted as outsiders (lint reports those that act for any account)',
      ],
    },
    context,
  );
  if (result.answer !== 'yes') return result;
  const found = outsideFindings([document], zone, context.options);
  if (!found) return result;
  const notes = found.complete ? [] : ['The list of findings is not complete: its budget was used up.'];
  const findings = found.findings.map((f) => ({ description: f.description, request: summaryOf(f.request) }));
  return { ...result, findings, notes: [...result.notes, ...notes] };
}

export async function answerGrants(
  document: PolicyDocument,
  access: readonly Access[],
  context: Context,
): Promise<PolicyAnswer> {
  const words = access.map(
    (a) => `${a.actions?.join(', ') ?? 'any action'} on ${a.resources?.join(', ') ?? 'any resource'}`,
  );
  return answer(
    {
      question: `Does the policy allow ${words.join(', or ')}?`,
      documents: [document],
      run: (options, documents) => grantedAccess(documents, access, options),
      granting: [document],
      assumptions: [soleAssumption[document.type] ?? soleAssumption.identity!],
    },
    context,
  );
}

export interface CanQuestion {
  readonly bundle: Bundle;
  readonly caller: Caller;
  readonly action: string;
  readonly resource: string;
  /** Keys whose values are given; all others are free. */
  readonly context: ReadonlyMap<string, string | readonly string[]>;
}

export function answerCan(asked: CanQuestion, context: Context): PolicyAnswer {
  const { bundle } = asked;
  const documents = documentsOf(bundle);
  const fixed: Request = {
    caller: asked.caller,
    action: asked.action,
    resource: asked.resource,
    context: asked.context,
  };
  const solution = solve(
    {
      documents,
      options: context.options,
      build: (lowering) =>
        all([
          bundleFormula(lowering, bundle),
          lowering.caller(callerLanguage(asked.caller)),
          lowering.exactAction(asked.action.toLowerCase()),
          lowering.exactResource(asked.resource),
          ...[...asked.context].map(([key, value]) => lowering.given(key, value)),
        ]),
      replay: (request) => evaluateBundle(bundle, withSession(request, asked.caller)),
    },
    context.options.budget ?? defaultBudget(),
  );
  const base = {
    file: documents[0]?.source.path ?? '',
    question: `Can ${callerName(asked.caller)} do ${asked.action} on ${asked.resource}?`,
    axioms: [],
    assumptions: ['only the policies given were looked at', 'condition keys that were not given may have any value'],
    notes: [],
  };
  switch (solution.kind) {
    case 'yes': {
      const request = { ...withSession(solution.request, asked.caller), action: asked.action };
      const statements = documents.flatMap((d) => evaluate(d, request).allowedBy.map((s) => referenceTo(d, s)));
      return { ...base, answer: 'yes', rung: 'replayed', request: summaryOf(request), statements, reasons: [] };
    }
    case 'no': {
      const denied = documents.flatMap((d) => evaluate(d, fixed).deniedBy.map((s) => referenceTo(d, s)));
      return { ...base, answer: 'no', rung: 'checked', statements: denied, reasons: [] };
    }
    case 'dont-know':
      return { ...base, answer: 'dont-know', statements: [], reasons: solution.reasons };
  }
}

const withSession = (request: Request, caller: Caller): Request =>
  caller.kind === 'identity' && caller.session !== undefined ? { ...request, caller } : request;
