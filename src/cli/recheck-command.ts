import { dirname, resolve } from 'node:path';
import { recheck } from '../recheck.ts';
import { renderAnswer } from '../reports/terminal.ts';
import type { Settings } from './arguments.ts';
import type { ExitStatus } from './exit-status.ts';
import { languages } from './languages.ts';
import { sentenceFits } from './request.ts';
import { includer, readSourceFile } from './source-file.ts';
import { terminalStyle } from './style.ts';
import type { Surroundings } from './surroundings.ts';

/** `tertium recheck`: 0 when every certificate holds, 1 when one does not, 2 when one cannot be read. */
export async function recheckCertificates(
  command: { readonly files: readonly string[]; readonly settings: Settings },
  surroundings: Surroundings,
): Promise<ExitStatus> {
  let status: ExitStatus = 0;
  for (const file of command.files) {
    const text = readSourceFile(file, surroundings.workingFolder);
    if (!text.ok) {
      surroundings.warn(`tertium: ${text.error}\n`);
      status = 2;
      continue;
    }
    const folder = dirname(resolve(surroundings.workingFolder, file));
    const result = await recheck(text.value.text, {
      source: (path) => {
        const found = readSourceFile(path, folder);
        return found.ok ? found.value : undefined;
      },
      include: includer(folder),
      frontEnd: async (name) => languages.find((l) => l.name === name)?.load(),
      sentence: sentenceFits,
    });
    if (!result.ok) {
      surroundings.write(`${file}: rejected: ${result.error}\n`);
      if (status === 0) status = 1;
      continue;
    }
    const { answers, sources } = result.value;
    surroundings.write(`${file} holds:\n`);
    for (const answer of answers) {
      surroundings.write(
        renderAnswer({ ...answer, remarks: [] }, sources, terminalStyle(command.settings, surroundings)),
      );
    }
  }
  return status;
}
