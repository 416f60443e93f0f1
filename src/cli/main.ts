import { unreachable } from '../base/unreachable.ts';
import { parseArguments } from './arguments.ts';
import type { ExitStatus } from './exit-status.ts';
import type { Surroundings } from './surroundings.ts';

/** The command line as a function: arguments in, text out, exit status back. Each command is loaded when it is called. */
export async function main(argv: readonly string[], surroundings: Surroundings): Promise<ExitStatus> {
  const parsed = parseArguments(argv);
  if (!parsed.ok) {
    const { message, hint } = parsed.error;
    surroundings.warn(`tertium: ${message}\n${hint ? `  ${hint}\n` : ''}`);
    return 2;
  }
  const invocation = parsed.value;
  switch (invocation.kind) {
    case 'tour': {
      const { tour } = await import('./help.ts');
      surroundings.write(tour());
      return 0;
    }
    case 'help': {
      const { help } = await import('./help.ts');
      const text = help(invocation.topic);
      if (text === undefined) {
        surroundings.warn(`tertium: there is no help on ${invocation.topic}; see \`tertium help\`\n`);
        return 2;
      }
      surroundings.write(text);
      return 0;
    }
    case 'version': {
      const { version } = await import('./version.ts');
      surroundings.write(`tertium ${version}\n`);
      return 0;
    }
    case 'question': {
      const { answerQuestion } = await import('./question-command.ts');
      return answerQuestion(invocation, surroundings);
    }
    case 'recheck': {
      const { recheckCertificates } = await import('./recheck-command.ts');
      return recheckCertificates(invocation, surroundings);
    }
    case 'export': {
      const { exportObligations } = await import('./export-command.ts');
      return exportObligations(invocation, invocation.settings.format === 'why3' ? 'why3' : 'smtlib', surroundings);
    }
    case 'policy': {
      const { runPolicyCommand } = await import('./policy/index.ts');
      return runPolicyCommand(invocation.rest, surroundings);
    }
    default:
      return unreachable(invocation);
  }
}
