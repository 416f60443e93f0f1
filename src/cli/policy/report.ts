/** Answers about policies for people, and in the shape of the custom policy checks (`PASS|FAIL`). */
import type { Diagnostic } from '../../base/diagnostic.ts';
import type { PolicyAnswer, StatementReference } from './answers.ts';
import type { LintFinding } from './lint.ts';

const words = { yes: 'Yes', no: 'No', 'dont-know': 'Don’t know' } as const;

const reference = (s: StatementReference): string =>
  `statement ${s.index} (${s.sid === undefined ? '' : `Sid "${s.sid}", `}line ${s.line} of ${s.file}), ${s.effect}`;

export function renderAnswer(a: PolicyAnswer): string {
  const lines: string[] = [];
  lines.push(`${a.file}${a.policy === undefined ? '' : ` [${a.policy}]`}`);
  lines.push(`${a.question} ${words[a.answer]}.`);
  if (a.findings && a.findings.length > 0) {
    lines.push(`  ${a.findings.length === 1 ? 'One finding' : `${a.findings.length} findings`}:`);
    a.findings.slice(0, 20).forEach((f, i) => {
      const parts = Object.entries(f.description).map(([k, v]) => `${k} ${v}`);
      lines.push(`  ${i + 1}. ${parts.length > 0 ? parts.join('; ') : 'anyone, anything'}`);
      lines.push(`     for example ${f.request.action} on ${f.request.resource} by ${f.request.who}`);
    });
    if (a.findings.length > 20) lines.push(`  and ${a.findings.length - 20} more`);
  } else if (a.request) {
    lines.push(
      ...table([
        ['who', a.request.who],
        ['action', a.request.action],
        ['resource', a.request.resource],
        ...Object.entries(a.request.context).map(([k, v]): [string, string] => [
          k,
          typeof v === 'string' ? v : v.join(', '),
        ]),
      ]),
    );
  }
  if (a.statements.length > 0) {
    const shown = a.statements.slice(0, 8).map(reference);
    const more = a.statements.length > 8 ? ` and ${a.statements.length - 8} more` : '';
    if (a.answer === 'yes') lines.push(`  because of ${shown.join('; ')}${more}`);
    if (a.answer === 'no') lines.push(`  it would not be so without ${shown.join('; ')}${more}`);
    if (a.answer === 'dont-know') lines.push(`  it depends on ${shown.join('; ')}${more}`);
  }
  for (const axiom of a.axioms) lines.push(`  uses the axiom ${axiom}`);
  if (a.rung === 'replayed') lines.push('  replayed: the independent evaluator allows this request');
  if (a.rung === 'checked')
    lines.push('  checked: holds for all requests; the proof was verified by the small checker');
  for (const reason of a.reasons.slice(0, 6)) lines.push(`  reason: ${reason}`);
  if (a.reasons.length > 6) lines.push(`  and ${a.reasons.length - 6} more reasons`);
  for (const note of a.notes) lines.push(`  note: ${note}`);
  for (const assumption of a.assumptions) lines.push(`  assumed: ${assumption}`);
  return `${lines.join('\n')}\n`;
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([k]) => k.length));
  return rows.map(([k, v]) => `  ${k.padEnd(width)}  ${v}`);
}

export interface CheckResult {
  readonly result: 'PASS' | 'FAIL' | 'UNKNOWN';
  readonly message: string;
  readonly reasons: readonly {
    readonly description: string;
    readonly statementIndex?: number;
    readonly statementId?: string;
  }[];
}

const messages: Readonly<Record<string, readonly [string, string, string]>> = {
  compare: [
    'The modified permissions grant new access compared to your existing policy.',
    'The modified permissions do not grant new access compared to your existing policy.',
    'New access in the statement with index: ',
  ],
  grants: [
    'The policy document grants access to perform one or more of the listed actions or resources.',
    'The policy document does not grant access to perform the listed actions or resources.',
    'One or more of the listed actions and/or resources in the statement with index: ',
  ],
  public: [
    'The resource policy grants public access for the given resource type.',
    'The resource policy does not grant public access for the given resource type.',
    'Public access granted in the following statement with index: ',
  ],
};

/** Don't know stays apart (`UNKNOWN`) unless `unknownAsFail`: the cloud service's FAIL means "might". */
export function passFail(command: string, a: PolicyAnswer, unknownAsFail: boolean): CheckResult {
  const [fail, pass, each] = messages[command] ?? messages.public!;
  if (a.answer === 'no') return { result: 'PASS', message: pass, reasons: [] };
  if (a.answer === 'dont-know') {
    const reasons = a.reasons.map((description) => ({ description }));
    return { result: unknownAsFail ? 'FAIL' : 'UNKNOWN', message: `Not decided: ${a.reasons.join('; ')}`, reasons };
  }
  const reasons = a.statements
    .filter((s) => s.effect === 'Allow')
    .map((s) => ({
      description: `${each}${s.index}.`,
      statementIndex: s.index,
      ...(s.sid === undefined ? {} : { statementId: s.sid }),
    }));
  return { result: 'FAIL', message: fail, reasons };
}

export function renderLint(file: string, findings: readonly LintFinding[]): string {
  if (findings.length === 0) return `${file}\nNothing to remark.\n`;
  const lines = findings.map(
    (f) => `  ${f.severity}[${f.code}]: ${f.message}${f.proved ? ' (proved for all requests)' : ''}`,
  );
  return `${file}\n${lines.join('\n')}\n`;
}

export const diagnosticText = (d: Diagnostic): string =>
  `${d.span ? `${d.span.path}:${d.span.start.line}:${d.span.start.column}: ` : ''}${d.message}`;
