/**
 * The options of the command line, one row each. The parser and the help text are both made from this table.
 */
export type OptionName = keyof typeof options;

export interface OptionRow {
  readonly type: 'boolean' | 'string';
  readonly short?: string;
  /** What stands for the value in the help text. */
  readonly value?: string;
  readonly help: string;
  /** The commands that take it; absent: all that answer a question. */
  readonly commands?: readonly string[];
  readonly choices?: readonly string[];
}

const questions = ['question', 'always', 'ever', 'terminates', 'check', 'ask'] as const;

export const options = {
  int: {
    type: 'string',
    value: 'c|wrap|math',
    choices: ['c', 'wrap', 'math'],
    help: 'integers: as the C standard has them (default for C), all wrapping, or mathematical',
    commands: [...questions, 'export'],
  },
  'data-model': {
    type: 'string',
    value: 'lp64|ilp32',
    choices: ['lp64', 'ilp32'],
    help: 'widths of C types (default lp64)',
    commands: [...questions, 'export'],
  },
  checks: {
    type: 'string',
    value: 'NAMES',
    help: 'look only at these kinds of failure (comma-separated; `default` and `all` stand for several)',
    commands: [...questions, 'export'],
  },
  'no-checks': {
    type: 'string',
    value: 'NAMES',
    help: 'do not look at these kinds of failure',
    commands: [...questions, 'export'],
  },
  'malloc-fails': {
    type: 'string',
    value: 'yes|no',
    choices: ['yes', 'no'],
    help: 'whether malloc and its like may return null (default yes)',
    commands: [...questions, 'export'],
  },
  prints: { type: 'string', value: 'TEXT', help: 'ever: it prints TEXT', commands: ['ever', 'export'] },
  'never-prints': {
    type: 'string',
    value: 'TEXT',
    help: 'always: it does not print TEXT',
    commands: ['always', 'export'],
  },
  returns: {
    type: 'string',
    value: 'VALUE',
    help: 'ever: it returns VALUE; always: it returns nothing else',
    commands: ['ever', 'always', 'export'],
  },
  'never-returns': {
    type: 'string',
    value: 'VALUE',
    help: 'always: it does not return VALUE',
    commands: ['always', 'export'],
  },
  fails: { type: 'boolean', help: 'ever: some check fails', commands: ['ever', 'export'] },
  language: { type: 'string', value: 'NAME', help: 'c, python, its: read the file as this, whatever it is called' },
  timeout: { type: 'string', short: 't', value: 'TIME', help: 'time for each question: 5s (default), 500ms, 2m' },
  seed: { type: 'string', value: 'N', help: 'seed of every random choice (default 1)' },
  run: { type: 'boolean', help: 'replay a counterexample natively (cc, python3): this runs your program' },
  'emit-test': {
    type: 'string',
    value: 'FILE',
    help: 'write a C test that shows the counterexample to FILE',
    commands: questions,
  },
  certificate: { type: 'string', value: 'FILE', help: 'write the evidence to FILE, for `tertium recheck`' },
  reprove: { type: 'boolean', help: 'ask installed solvers (z3, cvc5) too, where a solver has to be believed' },
  explain: { type: 'boolean', short: 'e', help: 'show all of the evidence' },
  json: { type: 'boolean', help: 'answer in JSON (docs/schema/answer.schema.json)' },
  sarif: { type: 'boolean', help: 'answer in SARIF 2.1.0, for code scanning' },
  color: { type: 'boolean', help: 'colour also when the output is not a terminal' },
  'no-color': { type: 'boolean', help: 'no colour (also with the variable NO_COLOR)' },
  quiet: { type: 'boolean', short: 'q', help: 'only the verdict lines' },
  format: {
    type: 'string',
    value: 'smtlib|why3',
    choices: ['smtlib', 'why3'],
    help: 'export: what to write',
    commands: ['export'],
  },
  help: { type: 'boolean', short: 'h', help: 'show help' },
  version: { type: 'boolean', help: 'show the version' },
} as const satisfies Record<string, OptionRow>;

/** Pairs that contradict each other. */
export const contradictions: readonly (readonly [OptionName, OptionName])[] = [
  ['json', 'sarif'],
  ['json', 'quiet'],
  ['sarif', 'quiet'],
  ['explain', 'quiet'],
  ['color', 'no-color'],
  ['prints', 'returns'],
  ['prints', 'fails'],
  ['returns', 'fails'],
  ['never-prints', 'returns'],
  ['never-prints', 'never-returns'],
  ['returns', 'never-returns'],
];
