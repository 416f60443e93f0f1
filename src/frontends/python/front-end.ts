/**
 * Python: unbounded integers and bools, with uncaught exceptions as what can go wrong. A construct outside the modelled subset cuts the
 * program there; such a reading can still show a failure or an endless loop, but proves nothing, and says why.
 */
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Source } from '../../base/span.ts';
import type { FrontEnd, FrontEndRequest, Reading } from '../../program/front-end.ts';
import { printAssumptions } from '../../program/print-match.ts';
import type { CheckKind } from '../../program/program.ts';
import type { Assumption, Question, Subject, Task } from '../../program/question.ts';
import type { FunctionDef, Statement } from './ast.ts';
import { type AskedProgram, functionProgram, moduleProgram } from './lowering/asked-program.ts';
import { NeedsExactTypes, TooComplex, Unit } from './lowering/unit.ts';
import { type CheckedModule, readModule } from './parser.ts';
import { questionsFor } from './questions.ts';

/** Asks about the module's own code, as a function name. */
export const moduleName = '__main__';

export const pythonFrontEnd: FrontEnd = {
  name: 'python',
  extensions: ['.py'],
  defaultChecks: new Set<CheckKind>(['assertion', 'unreachable', 'division', 'exception']),
  read(sources, request) {
    const source = sources[0];
    if (!source) {
      return err([{ code: 'PY-SYNTAX', severity: 'error', message: 'no file is given', expected: 'a .py file' }]);
    }
    const module = readModule(source);
    if (!module.ok) return err([module.error]);
    if (request.question === 'ever' && !request.event) {
      return err([
        { code: 'PY-EVENT', severity: 'error', message: 'what is it that might happen?', expected: 'an event' },
      ]);
    }
    const subjects = subjectsOf(module.value, request);
    if (!subjects.ok) return subjects;
    const tasks: Task[] = [];
    const warnings: Diagnostic[] = [];
    const problems: Diagnostic[] = [];
    for (const subject of subjects.value) {
      const found = readSubject(source, module.value, subject, request, warnings);
      if (found.ok) tasks.push(...found.value);
      else problems.push(...found.error);
    }
    if (tasks.length === 0) return err(problems);
    return ok({ tasks, warnings: [...warnings, ...problems], sources: [source] } satisfies Reading);
  },
};

// ---- what is asked about

/** A function, or the module's own code. */
type AskedSubject = FunctionDef | 'module';

function subjectsOf(module: CheckedModule, request: FrontEndRequest): Result<AskedSubject[], Diagnostic[]> {
  const functions = new Map<string, FunctionDef>();
  for (const node of module.module.body) {
    if (node.kind === 'FunctionDef' || node.kind === 'AsyncFunctionDef') functions.set(node.name, node);
  }
  const { functionName } = request;
  const names = [...functions.keys()];
  if (functionName === moduleName) return ok(['module']);
  if (functionName !== undefined) {
    const found = functions.get(functionName);
    if (found) return ok([found]);
    const near = nearest(functionName, names);
    return err([
      {
        code: 'unknown-function',
        severity: 'error',
        message: `there is no function ${functionName}`,
        hint: near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'the file defines no function',
      },
    ]);
  }
  if (module.module.body.some(doesSomething) || names.length === 0) return ok(['module']);
  if (names.length === 1 || request.question === 'sensible') return ok([...functions.values()]);
  return err([
    {
      code: 'several-functions',
      severity: 'error',
      message: `the file has several functions and its own code does nothing`,
      hint: `name one of ${names.join(', ')}`,
    },
  ]);
}

/** Definitions, imports and literal constants do nothing that one could ask about. */
function doesSomething(node: Statement): boolean {
  switch (node.kind) {
    case 'FunctionDef':
    case 'AsyncFunctionDef':
    case 'ClassDef':
    case 'Import':
    case 'ImportFrom':
    case 'Pass':
      return false;
    case 'Expr':
      return node.value.kind !== 'Constant';
    case 'Assign':
    case 'AnnAssign':
      return node.value !== null && node.value.kind !== 'Constant';
    default:
      return true;
  }
}

/** Names that differ little from `name`, best first. */
function nearest(name: string, names: readonly string[]): string[] {
  const near = names.map((other) => ({ other, distance: editDistance(name.toLowerCase(), other.toLowerCase()) }));
  const limit = Math.max(2, Math.floor(name.length / 3));
  const good = near.filter((n) => n.distance <= limit).sort((a, b) => a.distance - b.distance);
  return (good.length > 0 ? good : near).slice(0, 3).map((n) => n.other);
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}

// ---- lowering and questions

function readSubject(
  source: Source,
  module: CheckedModule,
  asked: AskedSubject,
  request: FrontEndRequest,
  warnings: Diagnostic[],
): Result<Task[], Diagnostic[]> {
  const place = asked === 'module' ? module.module : asked;
  try {
    const lowered = lower(module, asked, request, warnings);
    const subject: Subject = {
      path: source.path,
      language: 'python',
      integerModel: 'mathematical integers',
      origin: module.map.span(place.start, place.end),
      ...(asked === 'module' ? {} : { functionName: asked.name }),
    };
    return tasksFor(lowered, asked, subject, request, warnings);
  } catch (error) {
    if (!(error instanceof TooComplex)) throw error;
    const span = module.map.span(place.start, place.end);
    return err([{ code: 'PY-UNSUPPORTED', severity: 'unsupported', message: error.message, span }]);
  }
}

function lower(
  module: CheckedModule,
  asked: AskedSubject,
  request: FrontEndRequest,
  warnings: Diagnostic[],
): AskedProgram {
  for (const exactTypes of [false, true]) {
    const unit = new Unit(module, request.options, exactTypes);
    try {
      const lowered = asked === 'module' ? moduleProgram(unit) : functionProgram(unit, asked);
      warnings.push(...unit.warnings);
      return lowered;
    } catch (error) {
      if (!(error instanceof NeedsExactTypes) || exactTypes) throw error;
    }
  }
  throw new Error('INVARIANT broken: exact types did not suffice');
}

function tasksFor(
  asked: AskedProgram,
  node: AskedSubject,
  subject: Subject,
  request: FrontEndRequest,
  warnings: Diagnostic[],
): Result<Task[], Diagnostic[]> {
  const questions = questionsFor(asked, node === 'module' ? undefined : node.name, request);
  if (!questions) {
    const message = 'the code of a module returns nothing';
    return err([{ code: 'PY-EVENT', severity: 'error', message, hint: 'ask about a function' }]);
  }
  const { program, unsupported } = asked;
  const useful = questions.filter((q) => unsupported.length === 0 || hasWitness(asked, q));
  if (useful.length === 0) return err([...unsupported]);
  warnings.push(...unsupported);
  const tasks = useful.map((question): Task => {
    const parameters = asked.parameters.filter((p) => !(p.asserted && question.kind === 'terminates'));
    const { event } = request;
    const assumptions = [
      ...parameters.map((p) => p.assumption),
      ...asked.assumptions,
      ...cutShort(unsupported),
      ...(event?.kind === 'print' ? printAssumptions(program.events, event.text, 'braces') : []),
    ];
    return { program, question: { ...question, origin: subject.origin! }, assumptions, subject };
  });
  return ok(tasks);
}

/** A program that is cut short supports witnesses only: is there anything that a run could show? */
function hasWitness(asked: AskedProgram, question: Question): boolean {
  if (question.kind !== 'terminates') return question.targets.length > 0;
  return [...asked.program.procedures.values()].some(
    (p) =>
      [...p.locations.values()].some((l) => l.loop) ||
      p.edges.some((e) => e.steps.some((step) => step.kind === 'call')),
  );
}

function cutShort(unsupported: readonly Diagnostic[]): Assumption[] {
  const [first] = unsupported;
  if (!first) return [];
  const more = unsupported.length > 1 ? ` (nor are ${unsupported.length - 1} more)` : '';
  const { line } = first.span!.start;
  const text = `${first.message}${more}: runs that come to line ${line} are left out`;
  return [{ kind: 'approximation', side: 'under', text, origin: first.span! }];
}
