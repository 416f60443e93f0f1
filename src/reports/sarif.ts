import { pathToFileURL } from 'node:url';
import type { Span } from '../base/span.ts';
import { checkMeanings } from '../program/check-kinds.ts';
import type { Report, ReportedAnswer, ReportedProperty } from './report.ts';
import { requireVerdicts } from './report.ts';
import { runTable } from './run-table.ts';
import { trustWords } from './wording.ts';

/**
 * SARIF 2.1.0 (OASIS), for code scanning in continuous integration. A no is an `error`, a don't know a `note`; a yes is not a
 * result. A question about checks has one result for each property, those that hold too (`pass`). The run of a counterexample
 * is a code flow.
 */
const schema = 'https://json.schemastore.org/sarif-2.1.0.json';

const rules = {
  always: 'Something that must always hold can fail',
  ever: 'Something that was expected to happen never does',
  terminates: 'A run may never end',
} as const;

export function renderSarif(report: Report): string {
  requireVerdicts(report.answers);
  const results = report.answers.flatMap(resultsOf);
  const log = {
    $schema: schema,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'tertium',
            rules: Object.entries({ ...rules, ...checkMeanings }).map(([id, text]) => ({
              id,
              shortDescription: { text },
            })),
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

function resultsOf(answer: ReportedAnswer): object[] {
  const { properties = [] } = answer;
  if (properties.length > 0) return properties.map((p, i) => propertyResult(answer, p, i));
  return answer.verdict.answer === 'yes' ? [] : [resultOf(answer)];
}

/** The result of one property, at its line; what fails has its run. */
function propertyResult(answer: ReportedAnswer, result: ReportedProperty, index: number): object {
  const { property, verdict, task } = result;
  const { path, functionName } = verdict.subject;
  const before = answer.properties!.slice(0, index).filter((p) => samePlace(p, result)).length;
  const base = {
    ruleId: property.kind,
    partialFingerprints: {
      'tertiumProperty/v1': `${property.kind}:${path}:${functionName ?? ''}:${property.text}:${before}`,
    },
  };
  const here = locationsOf(property.origin ?? verdict.subject.origin, path);
  if (verdict.answer === 'dont-know' || result.result === 'open') {
    const why = verdict.answer === 'dont-know' ? verdict.reasons[0]?.text : undefined;
    const text = `Open, whether ${property.text}: ${why ?? 'no engine applies'}.`;
    return { ...base, level: 'note', kind: 'open', message: { text }, ...here };
  }
  if (result.result === 'holds') {
    const text = `It holds that ${property.text}. (${trustWords(verdict)})`;
    return { ...base, level: 'none', kind: 'pass', message: { text }, ...here };
  }
  const failing = resultOf({ ...answer, verdict, task }) as { message: { text: string } };
  const text = failing.message.text.replace(`${verdict.question.text} No. `, '');
  return { ...failing, ...base, message: { text: `${property.failure}. ${text}` }, ...here };
}

const samePlace = (a: ReportedProperty, b: ReportedProperty): boolean =>
  a.property.kind === b.property.kind && a.property.text === b.property.text;

function locationsOf(span: Span | undefined, path: string): object {
  const physicalLocation = span ? physical(span) : { artifactLocation: { uri: encodeURI(path.replaceAll('\\', '/')) } };
  return { locations: [{ physicalLocation }] };
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
  const here = (span: Span | undefined): object => locationsOf(span, verdict.subject.path);
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
