/** SARIF 2.1.0, for code scanning: every yes and every don't know, lint findings, and what could not be read. */
import type { Diagnostic } from '../../base/diagnostic.ts';
import { describe, type PolicyAnswer } from './answers.ts';

export interface SarifItem {
  readonly rule: string;
  readonly level: 'error' | 'warning' | 'note';
  readonly text: string;
  readonly file: string;
  readonly line: number;
}

export function itemsOf(command: string, answer: PolicyAnswer): SarifItem[] {
  if (answer.answer === 'no') return [];
  const text =
    answer.answer === 'yes'
      ? `${answer.question} Yes${answer.request ? `: ${describe(answer.request)}` : ''}.`
      : `${answer.question} Don't know: ${answer.reasons.join('; ')}.`;
  const level = answer.answer === 'yes' ? 'error' : 'warning';
  const places = answer.statements.length > 0 ? answer.statements : [{ file: answer.file, line: 1 }];
  return places.slice(0, 10).map((p) => ({ rule: `policy-${command}`, level, text, file: p.file, line: p.line }));
}

export const itemOfDiagnostic = (d: Diagnostic, file: string): SarifItem => ({
  rule: d.code,
  level: 'warning',
  text: d.message,
  file,
  line: d.span?.start.line ?? 1,
});

export function renderSarif(items: readonly SarifItem[]): string {
  const rules = [...new Set(items.map((i) => i.rule))].sort();
  return `${JSON.stringify(
    {
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: 'tertium', rules: rules.map((id) => ({ id })) } },
          results: items.map((i) => ({
            ruleId: i.rule,
            level: i.level,
            message: { text: i.text },
            locations: [
              {
                physicalLocation: {
                  artifactLocation: { uri: i.file.split('#')[0]!.replaceAll('\\', '/') },
                  region: { startLine: i.line },
                },
              },
            ],
          })),
        },
      ],
    },
    undefined,
    2,
  )}\n`;
}
