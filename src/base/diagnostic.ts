import { formatPosition, LineMap, type Source, type Span } from './span.ts';

/**
 * What we tell a user about their input: a stable code, one sentence, the place, what was expected and what to do.
 * `unsupported` names a construct that we do not model: the answer becomes don't know, never a guess.
 */
export interface Diagnostic {
  readonly code: string;
  readonly severity: 'error' | 'unsupported' | 'warning';
  readonly message: string;
  readonly span?: Span;
  readonly expected?: string;
  readonly hint?: string;
}

const longestQuotedLine = 160;

/** `file:line:column: error[CODE]: message`, the quoted line with carets, what was expected, what to do. */
export function formatDiagnostic(diagnostic: Diagnostic, sources: readonly Source[] = []): string {
  const lines: string[] = [];
  const word = diagnostic.severity === 'unsupported' ? 'not supported' : diagnostic.severity;
  const place = diagnostic.span ? `${formatPosition(diagnostic.span)}: ` : '';
  lines.push(`${place}${word}[${diagnostic.code}]: ${diagnostic.message}`);
  const span = diagnostic.span;
  const source = span && sources.find((s) => s.path === span.path);
  if (span && source) {
    const text = new LineMap(source).line(span.start.line).replaceAll('\t', ' ');
    if (text.length <= longestQuotedLine) {
      const number = String(span.start.line);
      const until = span.end.line === span.start.line ? span.end.column : text.length + 1;
      const width = Math.max(1, Math.min(until, text.length + 1) - span.start.column);
      lines.push(`  ${number} | ${text}`);
      lines.push(`  ${' '.repeat(number.length)} | ${' '.repeat(span.start.column - 1)}${'^'.repeat(width)}`);
    }
  }
  if (diagnostic.expected) lines.push(`  expected: ${diagnostic.expected}`);
  if (diagnostic.hint) lines.push(`  hint: ${diagnostic.hint}`);
  return lines.join('\n');
}
