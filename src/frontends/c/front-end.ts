import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Source } from '../../base/span.ts';
import type { FrontEnd, FrontEndOptions, FrontEndRequest, Reading } from '../../program/front-end.ts';
import { printAssumptions } from '../../program/print-match.ts';
import type { CheckKind } from '../../program/program.ts';
import type { Question, Task } from '../../program/question.ts';
import { diagnose } from './diagnostics.ts';
import { type Lowered, lowerFunction, returnsBool } from './lowering/program.ts';
import { nearest } from './nearest.ts';
import { spanOf } from './preprocessor/source-file.ts';
import { assertionQuestion, checkQuestion, eventQuestion, terminationQuestion } from './questions.ts';
import { readProgram, type TranslationUnit } from './translation-unit.ts';
import { ilp32, lp64 } from './types/data-model.ts';
import type { FunctionSymbol } from './types/typed.ts';

/** C11 with the GNU extensions that occur in practice: the plug that turns C files and a request into tasks. */
export const cFrontEnd: FrontEnd = {
  name: 'c',
  extensions: ['.c', '.h', '.i'],
  defaultChecks: new Set<CheckKind>([
    'assertion',
    'unreachable',
    'overflow',
    'division',
    'shift',
    'bounds',
    'pointer',
    'alignment',
    'free',
  ]),
  otherChecks: new Set<CheckKind>(['unsigned-overflow', 'conversion', 'leak', 'uninitialised', 'race']),
  read,
};

function read(sources: readonly Source[], request: FrontEndRequest): Result<Reading, readonly Diagnostic[]> {
  if (sources.length === 0)
    return err([{ code: 'C0001', severity: 'error', message: 'no file is given', expected: 'a C file' }]);
  const { options } = request;
  const model = options.dataModel === 'ilp32' ? ilp32 : lp64;
  const unit = readProgram(sources, { model, include: (name, from) => options.include(name, from) });
  if (!unit.ok) return err([unit.error]);
  const chosen = chooseFunctions(unit.value, sources, request);
  if (!chosen.ok) return chosen;
  const tasks: Task[] = [];
  const warnings = [...unit.value.warnings];
  const problems: Diagnostic[] = [];
  for (const symbol of chosen.value) {
    const lowered = lowerFunction(unit.value.unit, symbol, {
      integers: options.integers,
      checks: options.checks,
      allocation: options.allocation ?? 'may-fail',
    });
    if (!lowered.ok) {
      problems.push(...lowered.error);
      continue;
    }
    for (const w of lowered.value.warnings) warnings.push(w);
    const questions = questionsFor(lowered.value, request);
    if (!questions.ok) return questions;
    const doubts =
      request.event?.kind === 'print'
        ? printAssumptions(lowered.value.program.events, request.event.text, 'percent')
        : [];
    for (const question of questions.value) {
      const task = taskOf(sources, lowered.value, question, options);
      tasks.push({ ...task, assumptions: [...task.assumptions, ...doubts] });
    }
  }
  if (tasks.length === 0) return err(problems);
  // Of several functions, some could be read: the others are named beside the answers.
  for (const problem of problems) warnings.push({ ...problem, severity: 'unsupported' });
  return ok({ tasks, warnings, sources: unit.value.sources });
}

/** The functions that the request is about: the named one, main, the only one, or all. */
function chooseFunctions(
  { unit }: TranslationUnit,
  sources: readonly Source[],
  request: FrontEndRequest,
): Result<readonly FunctionSymbol[], readonly Diagnostic[]> {
  const defined = [...unit.functions.values()].filter((f) => f.body && !f.body.range.file.builtIn);
  const where = sources.map((s) => s.path).join(', ');
  const names = defined.map((f) => f.name);
  const wanted = request.functionName;
  if (wanted !== undefined) {
    const found = defined.filter((f) => f.name === wanted || plainName(f) === wanted);
    if (found.length === 1) return ok(found);
    if (found.length > 1) {
      const message = `\`${wanted}\` is defined in ${found.length} files, for each of them alone`;
      return err([
        { code: 'C0007', severity: 'error', message, hint: `name one of ${list(found.map((f) => f.name))}` },
      ]);
    }
    const declared = unit.functions.get(wanted);
    if (declared && !declared.range.file.builtIn) {
      const message = `\`${wanted}\` is declared here, but its body is not in ${where}`;
      return err([diagnose('error', 'unknown-function', message, declared.range)]);
    }
    const near = nearest(wanted, names);
    return err([
      {
        code: 'unknown-function',
        severity: 'error',
        message: `there is no function \`${wanted}\` in ${where}`,
        hint: near.length > 0 ? `did you mean ${near.join(' or ')}?` : `it defines ${list(names)}`,
      },
    ]);
  }
  const main = defined.find((f) => f.name === 'main');
  if (main) return ok([main]);
  if (defined.length === 1 || (defined.length > 1 && request.question === 'sensible')) return ok(defined);
  if (defined.length === 0) {
    return err([
      {
        code: 'C0003',
        severity: 'error',
        message: `${where} ${sources.length > 1 ? 'define' : 'defines'} no function`,
        hint: 'there is nothing to ask about',
      },
    ]);
  }
  const message = `${where} ${sources.length > 1 ? 'define' : 'defines'} several functions and no main`;
  return err([{ code: 'C0004', severity: 'error', message, hint: `name one of ${list(names)}` }]);
}

/** The name in its file: `helper.parse` is `helper` of parse.c, where several files have one. */
const plainName = (symbol: FunctionSymbol): string => symbol.name.replace(/\..*$/, '');

const list = (names: readonly string[]): string =>
  names.length === 0
    ? 'no function'
    : names.length <= 8
      ? names.join(', ')
      : `${names.slice(0, 8).join(', ')} and ${names.length - 8} more`;

function questionsFor(lowered: Lowered, request: FrontEndRequest): Result<readonly Question[], readonly Diagnostic[]> {
  const { checks } = request.options;
  switch (request.question) {
    case 'terminates':
      if (lowered.threaded) {
        const message = 'whether a program with threads ends: that depends on which thread gets its turn';
        return err([diagnose('unsupported', 'C0646', message, lowered.symbol.range)]);
      }
      return ok([terminationQuestion(lowered)]);
    case 'check':
      return ok([checkQuestion(lowered, checks)]);
    case 'always':
    case 'ever': {
      const { event } = request;
      if (!event) {
        if (request.question === 'always') return ok([assertionQuestion(lowered, checks)]);
        return err([
          { code: 'C0005', severity: 'error', message: 'what is it that might happen?', expected: 'an event' },
        ]);
      }
      if (event.kind === 'returns' && lowered.returned.result === undefined) {
        const message = `\`${lowered.symbol.name}\` returns no number`;
        return err([diagnose('error', 'C0006', message, lowered.symbol.range)]);
      }
      return ok([eventQuestion(lowered, event, request.question, checks).question]);
    }
    case 'sensible':
      return ok(sensibleQuestions(lowered, checks));
  }
}

/** It ends; nothing goes wrong, if something could; a Boolean function never returns false. */
function sensibleQuestions(lowered: Lowered, checks: ReadonlySet<CheckKind>): Question[] {
  const questions: Question[] = [];
  if (returnsBool(lowered.symbol) && lowered.symbol.name !== 'main') {
    questions.push(eventQuestion(lowered, { kind: 'returns', value: false }, 'always', checks).question);
  }
  if (lowered.program.checks.length > 0) questions.push(checkQuestion(lowered, checks));
  if (!lowered.threaded) questions.push(terminationQuestion(lowered));
  return questions;
}

function taskOf(sources: readonly Source[], lowered: Lowered, question: Question, options: FrontEndOptions): Task {
  const { symbol } = lowered;
  const home = symbol.body?.range.file.path;
  const path = (sources.find((s) => s.path === home) ?? sources[0]!).path;
  const alongside = sources.map((s) => s.path).filter((p) => p !== path);
  return {
    program: lowered.program,
    question,
    assumptions: lowered.assumptions,
    subject: {
      path,
      ...(alongside.length > 0 ? { alongside } : {}),
      functionName: plainName(symbol),
      language: 'c',
      integerModel: integerModelText(options),
      origin: spanOf(symbol.range),
    },
  };
}

function integerModelText(options: FrontEndOptions): string {
  if (options.integers === 'math') return 'mathematical integers';
  const model = options.dataModel === 'ilp32' ? 'ILP32' : 'LP64';
  const overflow =
    options.integers === 'wrap'
      ? 'overflow wraps'
      : options.checks.has('overflow')
        ? 'signed overflow is undefined'
        : 'signed overflow is not looked at and wraps';
  return `32-bit int, ${model}, ${overflow}`;
}
