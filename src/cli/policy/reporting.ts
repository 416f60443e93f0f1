/** From the results of all jobs to text, JSON, pass-fail or SARIF, a summary, and the exit status. */
import { formatDiagnostic } from '../../base/diagnostic.ts';
import { flag, last, type PolicyArguments } from './arguments.ts';
import type { Outcome, PolicyIo } from './index.ts';
import { passFail, renderAnswer } from './report.ts';

const order = [2, 1, 3, 0] as const;

export async function report(args: PolicyArguments, results: readonly Outcome[], io: PolicyIo): Promise<0 | 1 | 2 | 3> {
  const format = flag(args, 'json') ? 'json' : (last(args, 'format') ?? 'text');
  const statuses = new Set<0 | 1 | 2 | 3>();
  const counts = { yes: 0, no: 0, 'dont-know': 0 };
  let unread = 0;
  let failures = 0;
  for (const r of results) {
    if ('failure' in r) {
      failures++;
      statuses.add(2);
      io.warn(`tertium policy: internal error in ${r.file}; please report it with the file:\n${r.failure}\n`);
      continue;
    }
    for (const a of r.answers) {
      counts[a.answer]++;
      statuses.add(a.answer === 'yes' ? 0 : a.answer === 'no' ? 1 : 3);
    }
    unread += r.problems.length;
    if (args.command === 'lint') statuses.add(r.lint.some((l) => l.severity === 'warning') ? 1 : 0);
    if (args.command === 'explain' && r.explanation.length > 0) statuses.add(0);
    for (const p of r.problems) statuses.add(p.severity === 'unsupported' ? 3 : 2);
    if (format === 'text' || format === 'pass-fail') {
      for (const p of r.problems) io.warn(`${formatDiagnostic(p, r.sources)}\n`);
    }
  }
  const read = results.filter((r) => !('failure' in r)) as Exclude<Outcome, { failure: string }>[];
  switch (format) {
    case 'json': {
      const items = read.map((r) => ({
        file: r.file,
        ...(args.command === 'lint' ? { lint: r.lint } : {}),
        ...(args.command === 'explain' ? { explanation: r.explanation } : {}),
        ...(r.answers.length > 0 ? { answers: r.answers } : {}),
        problems: r.problems.map((p) => ({
          code: p.code,
          severity: p.severity,
          message: p.message,
          ...(p.span ? { line: p.span.start.line, column: p.span.start.column } : {}),
        })),
      }));
      io.write(`${JSON.stringify(items, undefined, 2)}\n`);
      break;
    }
    case 'pass-fail': {
      const asFail = last(args, 'unknown-as') === 'fail';
      const items = read.flatMap((r) =>
        r.answers.map((a) => ({
          file: a.file,
          ...(a.policy === undefined ? {} : { policy: a.policy }),
          ...passFail(args.command, a, asFail),
        })),
      );
      io.write(`${JSON.stringify(items.length === 1 ? items[0] : items, undefined, 2)}\n`);
      break;
    }
    case 'sarif': {
      const { itemOfDiagnostic, itemsOf, renderSarif } = await import('./sarif.ts');
      const items = read.flatMap((r) => [
        ...r.answers.flatMap((a) => itemsOf(args.command, a)),
        ...r.lint.map((l) => ({
          rule: `policy-${l.code}`,
          level: l.severity,
          text: l.message,
          file: r.file,
          line: l.line,
        })),
        ...r.problems.map((p) => itemOfDiagnostic(p, r.file)),
      ]);
      io.write(renderSarif(items));
      break;
    }
    default:
      for (const r of read) {
        for (const a of r.answers) io.write(renderAnswer(a));
        if (r.explanation.length > 0) io.write(`${r.file}\n${r.explanation.map((l) => `  ${l}`).join('\n')}\n`);
        if (args.command === 'lint' && r.problems.length === 0) {
          const lines = r.lint.map(
            (l) => `  ${l.severity}[${l.code}]: ${l.message}${l.proved ? ' (proved for all requests)' : ''}`,
          );
          io.write(`${r.file}\n${lines.length > 0 ? lines.join('\n') : '  nothing to remark'}\n`);
        }
      }
      if (results.length > 1 && args.command !== 'explain' && args.command !== 'lint') {
        io.write(
          `${results.length} files: ${counts.yes} yes, ${counts.no} no, ${counts['dont-know']} don’t know` +
            `${unread > 0 ? `, ${unread} not read` : ''}${failures > 0 ? `, ${failures} internal errors` : ''}\n`,
        );
      }
  }
  return order.find((s) => statuses.has(s)) ?? 3;
}
