import { checkKinds, checkMeanings, offByDefault } from '../program/check-kinds.ts';
import { type OptionRow, options } from './options.ts';

/** Help texts. The options come from the table that the parser uses. */

const commandHelp: Readonly<Record<string, { usage: string; text: string }>> = {
  always: {
    usage: 'tertium always FILE[:FUNCTION] [--never-prints TEXT | --never-returns VALUE | --returns VALUE]',
    text:
      'Is it always so? Without an option: does no assertion ever fail. With one: does it never print TEXT, never return\n' +
      'VALUE, or never return anything but VALUE.',
  },
  ever: {
    usage: 'tertium ever FILE[:FUNCTION] --returns VALUE | --prints TEXT | --fails',
    text: 'Can it ever happen? It returns VALUE, it prints TEXT, or some check fails.',
  },
  terminates: {
    usage: 'tertium terminates FILE[:FUNCTION]',
    text: 'Does every run end, whatever the inputs?',
  },
  check: {
    usage: 'tertium check FILE[:FUNCTION] [--checks NAMES | --no-checks NAMES]',
    text:
      'Can nothing go wrong? Each property is reported: it holds, it fails, or it is open.\n' +
      '--checks default,leak looks at leaks too. The kinds of failure:',
  },
  ask: {
    usage: 'tertium ask "SENTENCE" FILE[:FUNCTION]',
    text: 'A question in English, out of a small set of patterns. An unknown sentence gets the list of those it knows.',
  },
  recheck: {
    usage: 'tertium recheck CERTIFICATE',
    text: 'Checks the evidence in a certificate against the sources that it names, with no engine and no solver.',
  },
  export: {
    usage: 'tertium export FILE[:FUNCTION] [--format smtlib]',
    text: 'Answers the questions, then writes the obligations behind each answer as SMT-LIB: every one must be `unsat`.',
  },
  policy: {
    usage: 'tertium policy ...',
    text: 'Questions about IAM and resource policies; see `tertium policy help`.',
  },
};

export function tour(): string {
  return `tertium answers questions about code with yes, no or don't know, and shows the evidence.

  tertium FILE                      the sensible questions about a file
  tertium FILE:FUNCTION             ... about one function in it
  tertium terminates FILE:FUNCTION  does every run end?
  tertium check FILE                can nothing go wrong?
  tertium check A.c B.c             ... in several C files that make one program
  tertium ask "could f ever return false?" FILE

Try the examples:

  tertium examples/essay/f.c        x + y == y + x, for all 2^64 pairs
  tertium examples/essay/g.c        a loop that always ends, and why
  tertium examples/essay/g2.c       almost the same loop, which does not
  tertium examples/essay/h.c        a question that no tool can answer

C (.c), Python (.py) and integer transition systems (.smt2) are read. Exit status: 0 yes, 1 no, 2 usage or internal
error, 3 don't know. From a clone, write \`npm start -- FILE\` for \`tertium FILE\`. All options: tertium help.
`;
}

export function help(topic?: string): string | undefined {
  if (topic === undefined) return overview();
  const command = commandHelp[topic];
  if (!command) return undefined;
  const rows = Object.entries<OptionRow>(options).filter(([, row]) => row.commands?.includes(topic));
  return [
    command.usage,
    '',
    command.text,
    ...(topic === 'check' ? kindLines() : []),
    ...(rows.length > 0 ? ['', ...rows.map(optionLine)] : []),
    '',
    'Other options: tertium help',
    '',
  ].join('\n');
}

const kindLines = (): string[] =>
  checkKinds.map((k) => `  ${k.padEnd(14)} ${checkMeanings[k]}${offByDefault.has(k) ? ' (only if it is named)' : ''}`);

function overview(): string {
  const usages = ['tertium FILE[:FUNCTION]', ...Object.values(commandHelp).map((c) => c.usage)];
  return [
    "Ask a question about code or configuration; get yes, no or don't know, with evidence.",
    '',
    ...usages.map((u) => `  ${u}`),
    '',
    'Options',
    ...Object.entries<OptionRow>(options).map(optionLine),
    '',
    "Exit status: 0 yes, 1 no, 2 usage or internal error, 3 don't know; several questions: the worst, in the order 2, 1, 3, 0.",
    '',
  ].join('\n');
}

function optionLine([name, row]: [string, OptionRow]): string {
  const short = row.short ? `-${row.short}, ` : '';
  const spelled = `${short}--${name}${row.value ? ` ${row.value}` : ''}`;
  return `  ${spelled.padEnd(29)} ${row.help}`;
}
