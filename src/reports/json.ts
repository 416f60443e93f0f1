import { createHash } from 'node:crypto';
import type { Diagnostic } from '../base/diagnostic.ts';
import type { Span } from '../base/span.ts';
import type { Task } from '../program/question.ts';
import { rungNames } from '../verdict/obligation.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { narrative } from './narrative.ts';
import { type Report, type ReportedAnswer, type ReportedProperty, requireVerdicts } from './report.ts';
import { runTable } from './run-table.ts';
import { assumptionWords } from './wording.ts';

/**
 * Answers for programs: docs/schema/answer.schema.json describes every field. No times are in it, so that the same input with
 * the same budget gives the same bytes.
 */
export function renderJson(report: Report, status: number): string {
  requireVerdicts(report.answers);
  return `${JSON.stringify(jsonReport(report, status), undefined, 2)}\n`;
}

export function jsonReport(report: Report, status: number): object {
  return {
    format: 1,
    status,
    ...(report.interrupted ? { interrupted: true } : {}),
    sources: report.sources.map((s) => ({ path: s.path, sha256: createHash('sha256').update(s.text).digest('hex') })),
    diagnostics: report.warnings.map(diagnosticJson),
    answers: report.answers.map(answerJson),
  };
}

const region = (span: Span) => ({
  path: span.path,
  line: span.start.line,
  column: span.start.column,
  endLine: span.end.line,
  endColumn: span.end.column,
});

const diagnosticJson = (d: Diagnostic) => ({
  code: d.code,
  severity: d.severity,
  message: d.message,
  ...(d.span ? { place: region(d.span) } : {}),
  ...(d.expected ? { expected: d.expected } : {}),
  ...(d.hint ? { hint: d.hint } : {}),
});

function answerJson(answer: ReportedAnswer): object {
  const { verdict, supporting, remarks, nativeReplay } = answer;
  return {
    ...verdictJson(verdict),
    ...(verdict.answer === 'dont-know'
      ? { known: remarks.filter((r) => r.known).map(({ by, text }) => ({ by, text })) }
      : { evidence: evidenceJson(answer) }),
    supporting: supporting.map(verdictJson),
    ...(nativeReplay ? { nativeReplay } : {}),
    ...(answer.properties ? { properties: answer.properties.map(propertyJson) } : {}),
  };
}

function propertyJson({ property, result, verdict, task, nativeReplay }: ReportedProperty): object {
  const common = {
    kind: property.kind,
    text: property.text,
    result,
    ...(property.origin ? { place: region(property.origin) } : {}),
  };
  if (verdict.answer === 'dont-know') {
    return { ...common, reasons: verdict.reasons.map(({ kind, text, by }) => ({ kind, text, by })) };
  }
  const { by, rung, tools, evidence } = verdict;
  const failure = result !== 'fails' || evidence.kind !== 'trace' ? {} : { run: runJson(task, evidence) };
  return {
    ...common,
    by,
    trust: { rung, name: rungNames[rung], tools },
    evidence: { kind: evidence.kind, ...failure },
    ...(nativeReplay ? { nativeReplay } : {}),
  };
}

function verdictJson(verdict: Verdict): object {
  const { question, subject, assumptions } = verdict;
  const common = {
    question: { kind: question.kind, text: question.text },
    subject: {
      path: subject.path,
      language: subject.language,
      ...(subject.functionName ? { function: subject.functionName } : {}),
      ...(subject.integerModel ? { integers: subject.integerModel } : {}),
      ...(subject.origin ? { place: region(subject.origin) } : {}),
    },
    answer: verdict.answer,
    assumptions: assumptions.map((a) => ({ kind: a.kind, text: assumptionWords(a) })),
  };
  if (verdict.answer === 'dont-know') {
    return { ...common, reasons: verdict.reasons.map(({ kind, text, by }) => ({ kind, text, by })) };
  }
  const { by, rung, tools, obligations, vacuous } = verdict;
  return { ...common, by, trust: { rung, name: rungNames[rung], tools }, obligations, vacuous };
}

function evidenceJson({ verdict, task }: ReportedAnswer): object {
  if (verdict.answer === 'dont-know') return {};
  const { evidence } = verdict;
  const run = evidence.kind === 'trace' || evidence.kind === 'lasso' || evidence.kind === 'recurrent-set';
  const reasoning = narrative(task, evidence, 'all');
  const steps =
    evidence.kind === 'trace' || evidence.kind === 'lasso'
      ? {}
      : { control: reasoning.control, eventually: reasoning.eventually, always: reasoning.always };
  if (!run) return { kind: evidence.kind, ...steps };
  return { kind: evidence.kind, ...steps, run: runJson(task, evidence) };
}

function runJson(task: Task, evidence: Parameters<typeof runTable>[1]): object {
  const table = runTable(task, evidence);
  const at = table.met?.check?.origin ?? table.met?.event?.origin ?? table.met?.location.origin;
  return {
    inputs: table.inputs,
    columns: table.columns,
    rows: table.rows,
    omittedRows: table.omitted,
    steps: table.steps,
    printed: table.printed,
    ...(table.met?.check ? { failure: table.met.check.failure, check: table.met.check.kind } : {}),
    ...(at ? { place: region(at) } : {}),
  };
}
