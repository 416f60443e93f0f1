import { formatDiagnostic } from '../base/diagnostic.ts';
import { LineMap, type Source, type Span } from '../base/span.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { narrative } from './narrative.ts';
import { furtherFailures, propertyLines } from './property-lines.ts';
import { type ReportedAnswer, requireVerdicts } from './report.ts';
import { type RunTable, runTable } from './run-table.ts';
import { answerWords, assumptionWords, lineOf, list, trustWords } from './wording.ts';

/**
 * Answers for a person at a terminal: the sentence and the verdict on one line, then why, in plain words; short by
 * default, all of the evidence with `detail: 'all'`.
 */
export interface TerminalStyle {
  readonly detail: 'quiet' | 'short' | 'all';
  readonly colour: boolean;
  /** Width of the terminal in characters. */
  readonly columns: number;
}

const labelWidth = 27;

/** Columns that a table has at least, as far as there are variables. */
const usualColumns = 6;

/** Further failing properties whose runs are shown in the short form. */
const mostExamples = 5;

export function renderAnswer(answer: ReportedAnswer, sources: readonly Source[], style: TerminalStyle): string {
  requireVerdicts([answer]);
  const paint = painter(style.colour);
  const { verdict } = answer;
  const lines = [verdictLine(verdict, paint)];
  if (style.detail !== 'quiet') {
    lines.push(
      ...(verdict.answer === 'dont-know' ? dontKnow(answer, style, paint) : decided(answer, sources, style, paint)),
    );
  }
  return `${lines.join('\n')}\n${renderProperties(answer, sources, style)}`;
}

/** The results of the single properties, which may come later than the answer to the whole question. */
export function renderProperties(answer: ReportedAnswer, sources: readonly Source[], style: TerminalStyle): string {
  requireVerdicts([answer]);
  if (style.detail === 'quiet') return '';
  const lines = properties(answer, sources, style, painter(style.colour));
  return lines.length === 0 ? '' : `${lines.join('\n')}\n\n`;
}

export function renderWarnings(report: {
  warnings: Parameters<typeof formatDiagnostic>[0][];
  sources: readonly Source[];
}): string {
  return report.warnings.map((w) => `${formatDiagnostic(w, report.sources)}\n`).join('');
}

type Paint = (style: 'yes' | 'no' | 'dont-know' | 'dim' | 'bold', text: string) => string;

const codes = { yes: [32, 39], no: [31, 39], 'dont-know': [33, 39], dim: [2, 22], bold: [1, 22] } as const;

function painter(colour: boolean): Paint {
  if (!colour) return (_style, text) => text;
  return (style, text) => `\u001b[${codes[style][0]}m${text}\u001b[${codes[style][1]}m`;
}

function verdictLine(verdict: Verdict, paint: Paint): string {
  const word = paint('bold', paint(verdict.answer, `${answerWords[verdict.answer]}.`));
  const vacuous =
    verdict.answer !== 'dont-know' && verdict.vacuous ? ' (but only because nothing satisfies what is assumed)' : '';
  return `${verdict.question.text} ${word}${vacuous}`;
}

function dontKnow(answer: ReportedAnswer, style: TerminalStyle, paint: Paint): string[] {
  const { verdict, remarks } = answer;
  if (verdict.answer !== 'dont-know') return [];
  const lines: string[] = [];
  const reasons = [...new Set(verdict.reasons.map((r) => r.text))];
  const paradox = verdict.reasons.find((r) => r.kind === 'paradox');
  if (paradox) return ['', ...wrap(paradox.text, style.columns - 2).map((l) => `  ${l}`), ''];
  const shown = style.detail === 'all' ? verdict.reasons.map((r) => `${r.by}: ${r.text}`) : reasons.slice(0, 3);
  if (shown.length === 0) shown.push('no engine applies to this question');
  lines.push(...labelled('why not', shown, style, paint));
  const known = remarks.filter((r) => r.known).map((r) => r.text);
  if (known.length > 0) lines.push(...labelled('what is known', known, style, paint));
  const tried = remarks.filter((r) => !r.known).map((r) => `${r.by}: ${r.text}`);
  if (tried.length > 0 && style.detail === 'all') lines.push(...labelled('last seen', tried, style, paint));
  lines.push(...assumptions(answer, style, paint));
  return ['', ...lines, ''];
}

function decided(answer: ReportedAnswer, sources: readonly Source[], style: TerminalStyle, paint: Paint): string[] {
  const { verdict, task } = answer;
  if (verdict.answer === 'dont-know') return [];
  const { evidence } = verdict;
  const lines: string[] = [''];
  if (evidence.kind === 'trace' || evidence.kind === 'lasso' || evidence.kind === 'recurrent-set') {
    lines.push(...counterexample(answer, runTable(task, evidence), sources, style, paint));
  }
  if (evidence.kind !== 'trace' && evidence.kind !== 'lasso') {
    const story = narrative(task, evidence, style.detail === 'all' ? 'all' : 'short');
    lines.push(...labelled('1 where control can go', story.control, style, paint));
    if (story.eventually.length > 0)
      lines.push(...labelled('2 what is eventually true', story.eventually, style, paint));
    const always = story.always.length > 0 ? story.always : ['nothing more is needed'];
    lines.push(...labelled(`${story.eventually.length > 0 ? 3 : 2} what is always true`, always, style, paint));
    if (style.detail === 'all' && story.proof.length > 0) lines.push(...labelled('proofs', story.proof, style, paint));
  }
  for (const side of answer.supporting) {
    const text = `${side.question.text} ${answerWords[side.answer]}.`;
    lines.push(...labelled('side condition', [text], style, paint));
  }
  lines.push(...labelled('trust', [trustWords(verdict)], style, paint));
  if (answer.nativeReplay) lines.push(...labelled('run for real', [answer.nativeReplay.text], style, paint));
  if (style.detail === 'all') lines.push(...labelled('found by', [verdict.by], style, paint));
  lines.push(...assumptions(answer, style, paint));
  return [...lines, ''];
}

function counterexample(
  answer: ReportedAnswer,
  table: RunTable,
  sources: readonly Source[],
  style: TerminalStyle,
  paint: Paint,
): string[] {
  const { verdict, task } = answer;
  const name = task.subject.functionName;
  const lines: string[] = [];
  const inputs = table.inputs.map((i) => `${i.name} = ${i.value}`).join(', ');
  const subject = name ? `${name}${inputs === '' ? '()' : ''}` : 'the program';
  const what = outcomeWords(answer, table);
  lines.push(`  For example ${subject}${inputs === '' ? '' : ` with ${inputs}`}: ${what}`);
  const span = table.met?.check?.origin ?? table.met?.event?.origin ?? table.met?.location.origin;
  if (span) lines.push(...quote(span, sources).map((l) => paint('dim', l)));
  if (table.rows.length > 1 && table.columns.length > 0) lines.push('', ...drawTable(table, style));
  if (table.printed.length > 0 && style.detail === 'all') {
    lines.push('', '  printed on the way:', ...table.printed.map((p) => `    ${p}`));
  }
  if (verdict.question.kind === 'terminates' && span === undefined && style.detail === 'all' && table.steps > 0) {
    lines.push(`  (${table.steps} steps until then)`);
  }
  lines.push('');
  return lines;
}

/** The results of the single properties, and the runs of those that fail beside the one already shown. */
function properties(answer: ReportedAnswer, sources: readonly Source[], style: TerminalStyle, paint: Paint): string[] {
  const summary = propertyLines(answer, style.detail === 'all' ? 'all' : 'short');
  if (!summary) return [];
  const lines: string[] = [];
  const failures = furtherFailures(answer);
  for (const { verdict, task, nativeReplay } of style.detail === 'all' ? failures : failures.slice(0, mostExamples)) {
    if (verdict.answer !== 'no' || verdict.evidence.kind !== 'trace') continue;
    const table = runTable(task, verdict.evidence);
    const run = counterexample({ ...answer, verdict, task }, table, sources, style, paint);
    lines.push(...(style.detail === 'all' ? run.slice(0, -1) : run.slice(0, table.met ? 2 : 1)));
    if (nativeReplay) lines.push(...labelled('run for real', [nativeReplay.text], style, paint));
    lines.push('');
  }
  lines.push(...labelled('properties', [summary.sum, ...summary.rows], style, paint));
  if (summary.condition) lines.push(...labelled('', [summary.condition], style, paint));
  return lines;
}

function outcomeWords(answer: Pick<ReportedAnswer, 'verdict'>, table: RunTable): string {
  const { question, evidence } = answer.verdict as Extract<Verdict, { answer: 'yes' | 'no' }>;
  if (question.kind === 'terminates') {
    return evidence.kind === 'lasso'
      ? 'the same state comes again, so it never ends'
      : 'it comes into states that it never leaves, so it never ends';
  }
  const { met } = table;
  const origin = met?.check?.origin ?? met?.event?.origin;
  const at = origin === undefined ? '' : ` at ${lineOf(origin, answer.verdict.subject.path)}`;
  if (met?.check) {
    const where = met.where.length === 0 ? '' : `, where ${list(met.where)}`;
    return `${met.check.failure}${at}${where}`;
  }
  if (met?.event?.kind === 'print') return `it prints ${JSON.stringify(met.event.text.replace(/\n$/, ''))}${at}`;
  if (met?.event?.kind === 'return' && met.eventValues?.length === 1) return `it returns ${met.eventValues[0]}${at}`;
  return question.kind === 'ever' ? `it happens${at}` : `it does not hold${at}`;
}

function drawTable(table: RunTable, style: TerminalStyle): string[] {
  const withLine = table.rows.some((r) => r.line !== undefined);
  const header = ['', ...(withLine ? ['line'] : []), ...table.columns];
  const body = table.rows.map((r) => [r.label, ...(withLine ? [String(r.line ?? '')] : []), ...r.values]);
  const widths = header.map((h, i) => Math.max(h.length, ...body.map((b) => b[i]!.length)));
  let columns = 0;
  let total = 2;
  // What does not matter to the end is left out of a wide table.
  const fixed = withLine ? 2 : 1;
  const most = style.detail === 'all' ? widths.length : fixed + Math.max(table.mattering, usualColumns);
  while (columns < Math.min(most, widths.length) && (columns < 2 || total + widths[columns]! + 2 <= style.columns)) {
    total += widths[columns++]! + 2;
  }
  const draw = (cells: readonly string[], note?: string): string =>
    `  ${cells
      .slice(0, columns)
      .map((c, i) => (i === 0 ? c.padEnd(widths[i]!) : c.padStart(widths[i]!)))
      .join('  ')}${note ? `   <- ${note}` : ''}`.trimEnd();
  const lines = [draw(header)];
  for (const [i, row] of table.rows.entries()) {
    if (table.omitted > 0 && i === table.omittedAfter) lines.push(`  ... ${table.omitted} more rows ...`);
    lines.push(draw(body[i]!, row.note));
  }
  const hidden = widths.length - columns;
  if (hidden > 0) {
    const why =
      columns < Math.min(most, widths.length) ? 'do not fit' : 'do not matter to the end (--explain shows them)';
    lines.push(
      `  (${hidden} more column${hidden === 1 ? '' : 's'} ${hidden === 1 ? why.replace('do ', 'does ') : why})`,
    );
  }
  return lines;
}

function quote(span: Span, sources: readonly Source[]): string[] {
  const source = sources.find((s) => s.path === span.path);
  if (!source) return [];
  const text = new LineMap(source).line(span.start.line).replaceAll('\t', ' ');
  return text.length > 160 ? [] : [`  ${span.start.line} | ${text}`];
}

function assumptions(answer: ReportedAnswer, style: TerminalStyle, paint: Paint): string[] {
  const { verdict } = answer;
  const texts = verdict.assumptions.map(assumptionWords);
  const { integerModel } = verdict.subject;
  return labelled('assuming', [...(integerModel ? [integerModel] : []), ...texts], style, paint);
}

/** `label   text`, with further lines below the text. */
function labelled(label: string, texts: readonly string[], style: TerminalStyle, paint: Paint): string[] {
  const width = Math.max(30, style.columns - labelWidth - 2);
  const lines = texts.flatMap((t) => wrap(t, width));
  return lines.map((line, i) =>
    i === 0 ? `  ${paint('dim', label.padEnd(labelWidth))}${line}` : `  ${' '.repeat(labelWidth)}${line}`,
  );
}

export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    lines.push(line);
  }
  return lines;
}
