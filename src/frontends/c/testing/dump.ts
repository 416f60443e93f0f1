import type { Program, Step } from '../../../program/program.ts';
import { formatTerm } from '../../../terms/print.ts';

function dumpStep(s: Step): string {
  switch (s.kind) {
    case 'assign':
      return `${s.target.name} = ${formatTerm(s.value)}`;
    case 'havoc':
      return `${s.target.name} = ?`;
    case 'assume':
      return `[${formatTerm(s.condition)}]`;
    case 'call':
      return `${s.results.map((r) => r.name).join(', ')} = ${s.callee}(${s.args.map((a) => formatTerm(a)).join(', ')})`;
  }
}

/** A program as lines of text, for golden tests: edges, then checks, events and hints. Location numbers are made small. */
export function dump(program: Program): string[] {
  const numbers = new Map<number, number>();
  const at = (id: number): number => {
    if (!numbers.has(id)) numbers.set(id, numbers.size);
    return numbers.get(id)!;
  };
  const lines: string[] = [];
  for (const [name, procedure] of program.procedures) {
    const places = `${at(procedure.entry)} to ${at(procedure.exit)}`;
    lines.push(`${name}(${procedure.params.map((p) => p.name).join(', ')}): ${places}`);
    for (const edge of procedure.edges) {
      const steps = edge.steps.map(dumpStep);
      const head = procedure.locations.get(edge.from)?.loop;
      lines.push(`${at(edge.from)}${head ? ` ${head.keyword}` : ''} -> ${at(edge.to)}: ${steps.join('; ')}`.trimEnd());
    }
  }
  for (const c of program.checks) lines.push(`check ${c.kind} ${at(c.at)}: ${formatTerm(c.property)}`);
  for (const e of program.events) {
    lines.push(`${e.kind} ${at(e.at)}: ${JSON.stringify(e.text)}${e.args.map((a) => ` ${formatTerm(a)}`).join(',')}`);
  }
  for (const h of program.hints) lines.push(`${h.kind} ${at(h.at)}: ${formatTerm(h.term)}`);
  return lines;
}
