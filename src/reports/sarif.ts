import { pathToFileURL } from 'node:url';
import type { Span } from '../base/span.ts';
import type { Report, ReportedAnswer } from './report.ts';
import { requireVerdicts } from './report.ts';
import { runTable } from './run-table.ts';
import { trustWords } from './wording.ts';

/**
 * SARIF 2.1.0 (OASIS), for code scanning in continuous integration. A no is an `error`, a don't know a `note`; what holds is
 * not a result. The run of a counterexample is a code flow.
 */
const schema = 'https://json.schemastore.org/sarif-2.1.0.json';

const rules = {
  always: 'Something that must always hold can fail',
  ever: 'Something that was expected to happen never does',
  terminates: 'A run may never end',
} as const;

export function renderSarif(report: Report): string {
  requireVerdicts(report.answers);
  const results = report.answers.filter((a) => a.verdict.answer !== 'yes').map(resultOf);
  const log = {
    $schema: schema,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'tertium',
            rules: Object.entries(rules).map(([id, text]) => ({ id, shortDescription: { text } })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results,
        invocations: [
          {
            executionSuccessful: report.warnings.every((w) => w.severity !== 'error'),
            toolExecutionNotifications: report.warnings.map((w) => ({
              level: w.severity === 'error' ? 'error' : 'warning',
              descriptor: { id: w.code },
              message: { text: w.message },
              ...(w.span ? { locations: [{ physicalLocation: physical(w.span) }] } : {}),
            })),
          },
        ],
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function physical(span: Span): object {
  const uri = span.path.startsWith('/') ? pathToFileURL(span.path).href : encodeURI(span.path.replaceAll('\\', '/'));
  return {
    artifactLocation: { uri },
    region: {
      startLine: span.start.line,
      startColumn: span.start.column,
      endLine: span.end.line,
      endColumn: span.end.column,
    },
  };
}

function resultOf(answer: ReportedAnswer): object {
  const { verdict, task } = answer;
  const start = verdict.question.origin ?? verdict.subject.origin;
  const base = {
    ruleId: verdict.question.kind,
    partialFingerprints: {
      'tertiumQuestion/v1': `${verdict.question.kind}:${verdict.subject.path}:${verdict.subject.functionName ?? ''}`,
    },
  };
  const here = (span: Span | undefined): object => ({
    locations: [
      {
        physicalLocation: span
          ? physical(span)
          : { artifactLocation: { uri: encodeURI(verdict.subject.path.replaceAll('\\', '/')) } },
      },
    ],
  });
  if (verdict.answer === 'dont-know') {
    const why = verdict.reasons[0]?.text ?? 'no engine applies';
    return {
      ...base,
      level: 'note',
      kind: 'open',
      message: { text: `${verdict.question.text} Don't know: ${why}.` },
      ...here(start),
    };
  }
  const { evidence } = verdict;
  const text = `${verdict.question.text} No. (${trustWords(verdict)})`;
  if (evidence.kind !== 'trace' && evidence.kind !== 'lasso' && evidence.kind !== 'recurrent-set') {
    return { ...base, level: 'error', kind: 'fail', message: { text }, ...here(start) };
  }
  const table = runTable(task, evidence);
  const met = table.met?.check?.origin ?? table.met?.event?.origin ?? table.met?.location.origin ?? start;
  const inputs = table.inputs.map((i) => `${i.name} = ${i.value}`).join(', ');
  const what = table.met?.check?.failure;
  const locations = table.rows
    .filter((r) => r.line !== undefined || met)
    .map((r) => ({
      location: {
        physicalLocation: {
          artifactLocation: { uri: encodeURI(verdict.subject.path.replaceAll('\\', '/')) },
          region: { startLine: r.line ?? met!.start.line },
        },
        message: { text: `${r.label}: ${table.columns.map((c, i) => `${c} = ${r.values[i]}`).join(', ')}` },
      },
    }));
  return {
    ...base,
    level: 'error',
    kind: 'fail',
    message: { text: `${text}${inputs ? ` For example with ${inputs}` : ''}${what ? `: ${what}` : ''}` },
    ...here(met),
    ...(locations.length > 0 ? { codeFlows: [{ threadFlows: [{ locations }] }] } : {}),
  };
}
