import type { TerminalStyle } from '../reports/terminal.ts';
import type { Settings } from './arguments.ts';
import type { Surroundings } from './surroundings.ts';

/** How the terminal report looks here: colour only on a terminal that has not said NO_COLOR. */
export function terminalStyle(settings: Settings, surroundings: Surroundings): TerminalStyle {
  const { colour, detail } = settings;
  return {
    detail,
    columns: Math.max(60, Math.min(surroundings.columns, 120)),
    colour:
      colour === 'always' ||
      (colour === 'terminal' && surroundings.stdoutIsTerminal && !surroundings.environment.NO_COLOR),
  };
}
