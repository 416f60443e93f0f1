import { isAbsolute, relative } from 'node:path';

/** An exception that reached the top is our bug: say so in a few lines, with the place in our code for a report. */
export function internalError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const place = error instanceof Error ? where(error) : undefined;
  return (
    `tertium: internal error: ${message.slice(0, 500)}\n` +
    (place ? `  in ${place}\n` : '') +
    '  This is a bug in tertium, not in your file. No answer was given.\n'
  );
}

function where(error: Error): string | undefined {
  const line = error.stack?.split('\n').find((l) => l.includes('file://') || l.includes('.ts:') || l.includes('.js:'));
  const found = line && /(?:file:\/\/)?(\/[^():]+):(\d+):\d+/.exec(line);
  if (!found) return undefined;
  const path = found[1]!;
  return `${isAbsolute(path) ? relative(process.cwd(), path) : path}:${found[2]}`;
}
