import { parseArgs } from 'node:util';
import { err, ok, type Result } from '../base/result.ts';
import { checkKinds, isCheckKind } from '../program/check-kinds.ts';
import type { RequestedEvent } from '../program/front-end.ts';
import type { CheckKind } from '../program/program.ts';
import { nearest } from './nearest.ts';
import { contradictions, type OptionName, type OptionRow, options } from './options.ts';

/** What the user asks for, from the arguments alone: no file has been looked at. */
export type Invocation =
  | { readonly kind: 'tour' }
  | { readonly kind: 'version' }
  | { readonly kind: 'help'; readonly topic?: string }
  | { readonly kind: 'policy'; readonly rest: readonly string[] }
  | { readonly kind: 'recheck'; readonly files: readonly string[]; readonly settings: Settings }
  | ({ readonly kind: 'question' | 'export'; readonly settings: Settings } & Asked);

export interface Asked {
  readonly question: 'always' | 'ever' | 'terminates' | 'check' | 'sensible' | 'ask';
  /** FILE or FILE:FUNCTION as written; several files are one program. */
  readonly targets: readonly string[];
  readonly event?: RequestedEvent;
  /** The user's own sentence, for `ask`. */
  readonly sentence?: string;
}

export interface Settings {
  readonly integers?: 'c' | 'wrap' | 'math';
  readonly dataModel: 'lp64' | 'ilp32';
  readonly checks?: ReadonlySet<CheckKind>;
  /** `--checks default,leak`: the language's usual kinds too. */
  readonly usualChecks: boolean;
  /** `--checks all`: every kind that is looked at in the language. */
  readonly allChecks: boolean;
  readonly noChecks: ReadonlySet<CheckKind>;
  readonly allocation?: 'may-fail' | 'succeeds';
  readonly language?: string;
  readonly timeoutMs: number;
  readonly seed: number;
  readonly run: boolean;
  readonly reprove: boolean;
  readonly certificate?: string;
  /** Where to write a C test with the counterexample. */
  readonly emitTest?: string;
  readonly report: 'terminal' | 'json' | 'sarif';
  readonly detail: 'quiet' | 'short' | 'all';
  readonly colour: 'always' | 'never' | 'terminal';
  readonly format?: string;
}

/** A mistake in the arguments, in one or a few lines, and what to do. */
export interface UsageError {
  readonly message: string;
  readonly hint?: string;
}

const commands = ['always', 'ever', 'terminates', 'check', 'ask', 'recheck', 'export', 'policy', 'help', 'version'];
const defaultTimeoutMs = 5_000;

export function parseArguments(argv: readonly string[]): Result<Invocation, UsageError> {
  const [first, ...rest] = argv;
  if (first === undefined) return ok({ kind: 'tour' });
  if (first === 'policy') return ok({ kind: 'policy', rest });
  const parsed = split(argv);
  if (!parsed.ok) return parsed;
  const { values, positionals } = parsed.value;
  const has = (name: OptionName): boolean => values[name] !== undefined;
  const [word] = positionals;
  const command = word !== undefined && commands.includes(word) ? word : undefined;
  if (has('version') || command === 'version') return ok({ kind: 'version' });
  if (has('help')) return ok({ kind: 'help', ...(command && command !== 'help' ? { topic: command } : {}) });
  if (command === 'help') return ok({ kind: 'help', ...(positionals[1] ? { topic: positionals[1] } : {}) });
  if (word === undefined) return usage('no file is given', 'tertium FILE[:FUNCTION], or `tertium help`');

  const wrong = misplaced(values, command ?? 'question') ?? contradiction(values);
  if (wrong) return wrong;
  const settings = readSettings(values);
  if (!settings.ok) return settings;
  const operands = command ? positionals.slice(1) : positionals;
  if (command === 'recheck') {
    if (operands.length === 0) return usage('recheck needs a certificate', 'tertium recheck CERTIFICATE');
    return ok({ kind: 'recheck', files: operands, settings: settings.value });
  }
  const asked = readQuestion(command, operands, values);
  if (!asked.ok) return asked;
  return ok({ kind: command === 'export' ? 'export' : 'question', ...asked.value, settings: settings.value });
}

type Values = Partial<Record<OptionName, string | boolean>>;

const usage = (message: string, hint?: string): Result<never, UsageError> =>
  err({ message, ...(hint ? { hint } : {}) });

/** Options and operands, each option known, with a value if it takes one, and given once. */
function split(argv: readonly string[]): Result<{ values: Values; positionals: readonly string[] }, UsageError> {
  const table: Record<string, { type: 'boolean' | 'string'; short?: string }> = {};
  for (const [name, row] of Object.entries<OptionRow>(options)) {
    table[name] = { type: row.type, ...(row.short ? { short: row.short } : {}) };
  }
  const { tokens } = parseArgs({
    args: [...argv],
    options: table,
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const values: Values = {};
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    if (!Object.hasOwn(options, token.name)) {
      const near = nearest(token.name, Object.keys(options))[0];
      return usage(`unknown option ${token.rawName}`, near ? `did you mean --${near}?` : 'see `tertium help`');
    }
    const name = token.name as OptionName;
    const row: OptionRow = options[name];
    if (row.type === 'string' && (token.value === undefined || (!token.inlineValue && /^--?[a-z]/.test(token.value)))) {
      return usage(`--${name} needs a value: ${row.value}`);
    }
    if (row.type === 'boolean' && token.value !== undefined) return usage(`--${name} takes no value`);
    if (values[name] !== undefined && row.type === 'string') return usage(`--${name} is given twice`);
    if (row.choices && !row.choices.includes(token.value ?? '')) {
      return usage(`--${name} ${token.value}: choose one of ${row.choices.join(', ')}`);
    }
    values[name] = token.value ?? true;
  }
  return ok({ values, positionals });
}

function misplaced(values: Values, command: string): Result<never, UsageError> | undefined {
  for (const name of Object.keys(values) as OptionName[]) {
    const row: OptionRow = options[name];
    if (row.commands && !row.commands.includes(command)) {
      return usage(
        `--${name} does not go with ${command === 'question' ? 'a bare FILE' : `\`${command}\``}`,
        `it goes with ${row.commands.filter((c) => c !== 'question').join(', ')}`,
      );
    }
  }
  return undefined;
}

function contradiction(values: Values): Result<never, UsageError> | undefined {
  const found = contradictions.find(([a, b]) => values[a] !== undefined && values[b] !== undefined);
  return found && usage(`--${found[0]} and --${found[1]} contradict each other`, 'give one of them');
}

function readSettings(values: Values): Result<Settings, UsageError> {
  const text = (name: OptionName): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  const timeoutMs = text('timeout') === undefined ? defaultTimeoutMs : duration(text('timeout')!);
  if (timeoutMs === undefined) return usage(`--timeout ${text('timeout')}: give a time such as 5s, 500ms or 2m`);
  const seedText = text('seed') ?? '1';
  const seed = Number(seedText);
  if (!/^\d{1,9}$/.test(seedText)) return usage(`--seed ${seedText}: give a whole number from 0 to 999999999`);
  const checks = kinds('checks', text('checks'));
  if (!checks.ok) return checks;
  const noChecks = kinds('no-checks', text('no-checks'));
  if (!noChecks.ok) return noChecks;
  const both = [...(checks.value?.kinds ?? [])].find((k) => noChecks.value?.kinds.has(k));
  if (both) return usage(`--checks and --no-checks both name ${both}`, 'give it to one of them');
  const integers = text('int') as Settings['integers'];
  const language = text('language');
  const certificate = text('certificate');
  const format = text('format');
  return ok({
    ...(integers ? { integers } : {}),
    dataModel: (text('data-model') ?? 'lp64') as Settings['dataModel'],
    ...(checks.value ? { checks: checks.value.kinds } : {}),
    usualChecks: checks.value?.usual ?? false,
    allChecks: checks.value?.all ?? false,
    noChecks: noChecks.value?.kinds ?? new Set(),
    ...(text('malloc-fails') ? { allocation: text('malloc-fails') === 'no' ? 'succeeds' : 'may-fail' } : {}),
    ...(language ? { language } : {}),
    timeoutMs,
    seed,
    run: values.run === true,
    reprove: values.reprove === true,
    ...(certificate ? { certificate } : {}),
    ...(text('emit-test') ? { emitTest: text('emit-test')! } : {}),
    report: values.json ? 'json' : values.sarif ? 'sarif' : 'terminal',
    detail: values.quiet ? 'quiet' : values.explain ? 'all' : 'short',
    colour: values.color ? 'always' : values['no-color'] ? 'never' : 'terminal',
    ...(format ? { format } : {}),
  });
}

/** `5`, `5s`, `500ms`, `2m` in milliseconds; undefined for anything else, and for nothing at all. */
function duration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
  if (!match) return undefined;
  const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }[match[2] ?? 's']!;
  const timeMs = Number(match[1]) * unit;
  return timeMs > 0 && timeMs <= 24 * 3_600_000 ? timeMs : undefined;
}

interface NamedKinds {
  readonly kinds: ReadonlySet<CheckKind>;
  readonly usual: boolean;
  readonly all: boolean;
}

/** A list of kinds; for --checks also `default`, the usual ones of the language, and `all`. */
function kinds(option: 'checks' | 'no-checks', text: string | undefined): Result<NamedKinds | undefined, UsageError> {
  if (text === undefined) return ok(undefined);
  const names = text.split(',').map((n) => n.trim());
  const groups = option === 'checks' ? ['default', 'all'] : [];
  const wrong = names.find((n) => !isCheckKind(n) && !groups.includes(n));
  if (wrong !== undefined) {
    return usage(
      `--${option}: there is no check "${wrong}"`,
      `the checks are ${[...checkKinds, ...groups].join(', ')}`,
    );
  }
  const kinds = new Set(names.filter(isCheckKind));
  return ok({ kinds, usual: names.includes('default'), all: names.includes('all') });
}

function readQuestion(
  command: string | undefined,
  operands: readonly string[],
  values: Values,
): Result<Asked, UsageError> {
  if (command === 'ask') {
    const [sentence, ...targets] = operands;
    if (sentence === undefined || targets.length === 0) {
      return usage('ask takes a sentence and a file', 'tertium ask "could f ever return false?" FILE');
    }
    return ok({ question: 'ask', targets, sentence });
  }
  const [target] = operands;
  if (target === undefined) return usage(`${command} needs a file`, `tertium ${command} FILE[:FUNCTION]`);
  const unknown = command === undefined && operands.length > 1 ? unknownCommand(target) : undefined;
  if (unknown) return unknown;
  const event = readEvent(values);
  if (!event.ok) return event;
  const given = event.value ? { event: event.value } : {};
  if (command === 'ever' && !event.value) {
    return usage('ever what?', 'add --returns VALUE, --prints TEXT or --fails');
  }
  if (command === 'export') {
    const always = values['never-prints'] !== undefined || values['never-returns'] !== undefined;
    const question = event.value ? (always ? 'always' : 'ever') : 'sensible';
    return ok({ question, targets: operands, ...given });
  }
  return ok({
    question: (command ?? 'sensible') as Asked['question'],
    targets: operands,
    ...other(command, given),
  });
}

/** `always … --returns V` means: it never returns anything else. */
function other(command: string | undefined, given: { event?: RequestedEvent }): { event?: RequestedEvent } {
  const { event } = given;
  if (command !== 'always' || event?.kind !== 'returns' || event.other === false) return given;
  return { event: { kind: 'returns', value: event.value, other: true } };
}

/** A first word that looks like no file was meant as a command. */
function unknownCommand(word: string): Result<never, UsageError> | undefined {
  if (!/^[\w-]+$/.test(word)) return undefined;
  const near = nearest(word, commands)[0];
  return usage(
    `there is no command ${word}`,
    near ? `did you mean ${near}?` : `the commands are ${commands.join(', ')}`,
  );
}

function readEvent(values: Values): Result<RequestedEvent | undefined, UsageError> {
  const text = values.prints ?? values['never-prints'];
  if (typeof text === 'string') {
    return text === '' ? usage('the text to print is empty') : ok({ kind: 'print', text });
  }
  const valueText = values.returns ?? values['never-returns'];
  if (typeof valueText === 'string') {
    const value = readValue(valueText);
    if (value === undefined) return usage(`"${valueText}" is not a value`, 'give true, false or a whole number');
    return ok({ kind: 'returns', value, ...(values['never-returns'] !== undefined ? { other: false } : {}) });
  }
  return ok(values.fails ? { kind: 'failure' } : undefined);
}

/** `true`, `False`, `-12`, `0x1f`. */
export function readValue(text: string): bigint | boolean | undefined {
  if (/^true$/i.test(text)) return true;
  if (/^false$/i.test(text)) return false;
  if (/^-?\d{1,5000}$/.test(text)) return BigInt(text);
  if (/^0x[0-9a-f]{1,4000}$/i.test(text)) return BigInt(text);
  return undefined;
}
