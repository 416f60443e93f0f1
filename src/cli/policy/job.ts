/** One unit of a batch: a file (or a pair of files), read and asked. Everything in and out is plain data, for workers. */
import { existsSync, readFileSync } from 'node:fs';
import { Budget } from '../../base/budget.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import type { Source } from '../../base/span.ts';
import { findPolicies } from '../../frontends/iam/discovery.ts';
import { type PolicyDocument, type PolicyType, statementName } from '../../frontends/iam/document.ts';
import { explainStatement } from '../../frontends/iam/explanation.ts';
import { loadKeyCounts, loadServiceData } from '../../frontends/iam/service-data.ts';
import { answerCompare, answerGrants, answerPublic, answerWho, type Context, type PolicyAnswer } from './answers.ts';
import { every, flag, last, type PolicyArguments, typeOf } from './arguments.ts';
import { lint } from './lint.ts';
import type { QuestionOptions } from './questions.ts';

export interface Job {
  readonly files: readonly string[];
}

export interface LintLine {
  readonly code: string;
  readonly severity: 'warning' | 'note';
  readonly message: string;
  readonly line: number;
  readonly proved: boolean;
}

export interface JobResult {
  readonly file: string;
  readonly answers: readonly PolicyAnswer[];
  readonly lint: readonly LintLine[];
  readonly explanation: readonly string[];
  /** What could not be read, so that it was not asked about. */
  readonly problems: readonly Diagnostic[];
  readonly sources: readonly Source[];
}

/** Small policies are asked about in milliseconds; the table of services is loaded only where it adds something. */
export async function runJob(args: PolicyArguments, job: Job): Promise<JobResult> {
  const [file = '', second] = job.files;
  const problems: Diagnostic[] = [];
  const sources: Source[] = [];
  const parameters = new Map(every(args, 'parameter').map((p) => splitPair(p)));
  const read = async (path: string, type: PolicyType | undefined) => {
    if (!existsSync(path)) {
      problems.push({ code: 'IAM-FILE', severity: 'error', message: `there is no file ${path}` });
      return { documents: [] as readonly PolicyDocument[], assumptions: [] as readonly string[] };
    }
    const source: Source = { path, text: readFileSync(path, 'utf8') };
    sources.push(source);
    const found = await findPolicies(source, { ...(type ? { type } : {}), parameters });
    if (!found.ok) {
      problems.push(...found.error);
      return { documents: [], assumptions: [] };
    }
    problems.push(...found.value.problems);
    return found.value;
  };
  const { documents, assumptions } = await read(file, typeOf(args));
  const context = await contextOf(args, documents);
  const answers: PolicyAnswer[] = [];
  const lintLines: LintLine[] = [];
  const explanation: string[] = [];
  const put = (answer: PolicyAnswer): void => {
    answers.push({ ...answer, assumptions: [...answer.assumptions, ...assumptions] });
  };
  if (args.command === 'compare' && second !== undefined) {
    const other = await read(second, typeOf(args) ?? (documents.length === 1 ? documents[0]!.type : undefined));
    const pairs = pair(documents, other.documents);
    for (const problem of pairs.problems) problems.push(problem);
    for (const [old, fresh] of pairs.pairs) put(await answerCompare(old, fresh, await contextOf(args, [old, fresh])));
  }
  for (const document of args.command === 'compare' ? [] : documents) {
    switch (args.command) {
      case 'public':
        put(await answerPublic(document, publicOptions(args), context));
        break;
      case 'who':
        put(await answerWho(document, zoneOf(args), context));
        break;
      case 'grants': {
        const actions = every(args, 'action');
        const resources = every(args, 'resource');
        const access = { ...(actions.length > 0 ? { actions } : {}), ...(resources.length > 0 ? { resources } : {}) };
        put(await answerGrants(document, [access], context));
        break;
      }
      case 'lint': {
        const findings = lint(document, { ...context.options, data: await loadServiceData() });
        for (const f of findings) {
          const line = f.statement ? document.lines.position(f.statement.start).line : 1;
          lintLines.push({ code: f.code, severity: f.severity, message: f.message, line, proved: f.proved });
        }
        break;
      }
      case 'explain': {
        if (document.name !== undefined) explanation.push(`[${document.name}]`);
        explanation.push(`A policy of type ${document.type}, version ${document.version}.`);
        for (const s of document.statements) {
          const name = statementName(document, s);
          explanation.push(`${name[0]!.toUpperCase()}${name.slice(1)}: ${explainStatement(s, document)}`);
        }
        break;
      }
      default:
        break;
    }
  }
  return { file, answers, lint: lintLines, explanation, problems, sources: problems.length > 0 ? sources : [] };
}

/** Documents of two files, by their names; a single one on each side belongs together whatever it is called. */
function pair(old: readonly PolicyDocument[], fresh: readonly PolicyDocument[]) {
  const pairs: (readonly [PolicyDocument, PolicyDocument])[] = [];
  const problems: Diagnostic[] = [];
  if (old.length === 1 && fresh.length === 1) return { pairs: [[old[0]!, fresh[0]!] as const], problems };
  for (const f of fresh) {
    const before = old.find((o) => o.name === f.name);
    if (before) pairs.push([before, f]);
    else {
      problems.push({
        code: 'IAM-PAIR',
        severity: 'unsupported',
        message: `${f.name ?? f.source.path} has no counterpart in the old file; everything it allows is new.`,
      });
    }
  }
  return { pairs, problems };
}

async function contextOf(args: PolicyArguments, documents: readonly PolicyDocument[]): Promise<Context> {
  const thorough = !flag(args, 'quick');
  // keys outside aws: may hold several values; which do is in the service data
  const foreign = documents.some((d) => d.statements.some((s) => s.conditions.some((c) => !/^aws:/i.test(c.key))));
  const counts = foreign ? await loadKeyCounts() : {};
  const seconds = Number(last(args, 'timeout-s') ?? '20');
  const options: QuestionOptions = {
    ...(flag(args, 'no-axioms') ? { axioms: false } : {}),
    ...(flag(args, 'no-link-principal') ? { linkPrincipal: false } : {}),
    ...(flag(args, 'colon-crossing') ? { colonCrossing: true } : {}),
    ...counts,
    ...(flag(args, 'action-resource-model') ? { actionsOf: (await loadServiceData()).actionsOf } : {}),
    budget: new Budget({ stepLimit: 4_000_000, timeoutMs: seconds * 1000 }),
  };
  return { options, thorough, ...(thorough ? { loadData: loadServiceData } : {}) };
}

const publicOptions = (args: PolicyArguments) => ({
  notion: (last(args, 'notion') ?? 'semantic') as 'semantic' | 's3',
  accessPoint: last(args, 'resource-type') === 'access-point',
  vpcOrigin: flag(args, 'vpc-origin'),
  settings: {
    blockPublicAcls: flag(args, 'block-public-acls'),
    ignorePublicAcls: flag(args, 'ignore-public-acls'),
    blockPublicPolicy: flag(args, 'block-public-policy'),
    restrictPublicBuckets: flag(args, 'restrict-public-buckets'),
  },
});

const zoneOf = (args: PolicyArguments) => ({
  accounts: every(args, 'account'),
  organizations: every(args, 'organization'),
  organizationPaths: every(args, 'organization-path'),
  vpcs: every(args, 'vpc'),
  endpoints: every(args, 'endpoint'),
  federated: every(args, 'federated'),
});

export function splitPair(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
