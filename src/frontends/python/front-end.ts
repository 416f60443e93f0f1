/**
 * Python: unbounded integers and bools, with uncaught exceptions as what can go wrong. A construct outside the modelled subset cuts the
 * program there; such a reading can still show a failure or an endless loop, but proves nothing, and says why.
 */
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Source } from '../../base/span.ts';
import { unreachable } from '../../base/unreachable.ts';
import type { FrontEnd, FrontEndRequest, Reading, RequestedEvent } from '../../program/front-end.ts';
import type { CheckKind } from '../../program/program.ts';
import type { Assumption, Question, Subject, Target, Task } from '../../program/question.ts';
import type { Term } from '../../terms/term.ts';
import type { FunctionDef, Statement } from './ast.ts';
import { type AskedProgram, functionProgram, moduleProgram } from './lowering/asked-program.ts';
import { boolType, isNumeric } from './lowering/types.ts';
import { NeedsExactTypes, TooComplex, Unit } from './lowering/unit.ts';
import { type CheckedModule, readModule } from './parser.ts';

/** Asks about the module's own code, as a function name. */
export const moduleName = '__main__';

export const pythonFrontEnd: FrontEnd = {
  name: 'python',
  extensions: ['.py'],
  defaultChecks: new Set<CheckKind>(['assertion', 'unreachable', 'division', 'shift', 'exception']),
  read(sources, request) {
    const source = sources[0];
    if (!source) {
      return err([{ code: 'PY-SYNTAX', severity: 'error', message: 'no file is given', expected: 'a .py file' }]);
    }
    const module = readModule(source);
    if (!module.ok) return err([module.error]);
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
    const unit = new Unit(module, request.options.checks, exactTypes);
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

/** Checks that the user wrote, as opposed to what the language demands. */
const writtenByUser: ReadonlySet<CheckKind> = new Set(['assertion', 'unreachable', 'exception']);

function tasksFor(
  asked: AskedProgram,
  node: AskedSubject,
  subject: Subject,
  request: FrontEndRequest,
  warnings: Diagnostic[],
): Result<Task[], Diagnostic[]> {
  const questions = questionsFor(asked, node, subject, request);
  if (!questions.ok) return questions;
  const { program, unsupported } = asked;
  const useful = questions.value.filter((q) => unsupported.length === 0 || canBeRefuted(asked, q));
  if (useful.length === 0) return err([...unsupported]);
  warnings.push(...unsupported);
  const cut: Assumption[] = [];
  const [first] = unsupported;
  if (first) {
    const more = unsupported.length > 1 ? ` (nor are ${unsupported.length - 1} more)` : '';
    const text = `${first.message}${more}: runs that come to line ${first.span!.start.line} are left out`;
    cut.push({ kind: 'approximation', side: 'under', text, ...(first.span ? { origin: first.span } : {}) });
  }
  const tasks = useful.map((question): Task => {
    const assumed = asked.parameters.filter((p) => !(p.asserted && question.kind === 'terminates'));
    const assumptions = [...assumed.map((p) => p.assumption), ...asked.assumptions, ...cut];
    return { program, question, assumptions, subject };
  });
  return ok(tasks);
}

/** A program that is cut short can only show what goes wrong, if anything before the cut can. */
function canBeRefuted(asked: AskedProgram, question: Question): boolean {
  if (question.kind !== 'terminates') return question.targets.length > 0;
  return hasLoop(asked);
}

function hasLoop({ program }: AskedProgram): boolean {
  for (const procedure of program.procedures.values()) {
    for (const location of procedure.locations.values()) if (location.loop) return true;
    if (procedure.edges.some((e) => e.steps.some((s) => s.kind === 'call'))) return true;
  }
  return false;
}

function questionsFor(
  asked: AskedProgram,
  node: AskedSubject,
  subject: Subject,
  request: FrontEndRequest,
): Result<Question[], Diagnostic[]> {
  const name = node === 'module' ? 'the program' : node.name;
  const origin = subject.origin ? { origin: subject.origin } : {};
  const { checks } = asked.program;
  const t = asked.program.terms;
  const targetsOf = (kinds: ReadonlySet<CheckKind> | undefined, holds: boolean): Target[] =>
    checks
      .filter((c) => !kinds || kinds.has(c.kind))
      .map((c) => ({ at: c.at, property: holds ? c.property : t.not(c.property), check: c.id }));

  const terminates: Question = {
    kind: 'terminates',
    text: node === 'module' ? 'Does the program always end?' : `Does ${name} always eventually return control to its caller?`,
    ...origin,
  };
  const check: Question = {
    kind: 'always',
    text: node === 'module' ? 'Does the program never fail with an uncaught exception?' : `Does ${name} never raise an uncaught exception?`,
    targets: targetsOf(undefined, true),
    ...origin,
  };
  const { question, event } = request;
  switch (question) {
    case 'terminates':
      return ok([terminates]);
    case 'check':
      return ok([check]);
    case 'always':
    case 'ever': {
      if (!event && question === 'ever') {
        return err([{ code: 'PY-EVENT', severity: 'error', message: 'it is not said what might happen', expected: 'an event' }]);
      }
      if (!event) {
        const text = `Does no assertion of ${name} ever fail, and is no exception raised?`;
        return ok([{ kind: 'always', text, targets: targetsOf(writtenByUser, true), ...origin }]);
      }
      const happens = eventTargets(asked, node, event, targetsOf(undefined, false));
      if (!happens.ok) return happens;
      const words = eventInWords(event);
      if (question === 'ever') {
        return ok([{ kind: 'ever', text: `Could ${name} ever ${words}?`, targets: happens.value, ...origin }]);
      }
      const targets = happens.value.map((target) => ({ ...target, property: t.not(target.property) }));
      return ok([{ kind: 'always', text: `Does ${name} never ${words}?`, targets, ...origin }]);
    }
    case 'sensible': {
      const questions: Question[] = [];
      if (hasLoop(asked)) questions.push(terminates);
      if (checks.length > 0) questions.push(check);
      const result = asked.result?.types ?? [];
      if (node !== 'module' && result.length === 1 && result[0] === boolType) {
        const targets = returnTargets(asked, { kind: 'returns', value: false }).map((x) => ({ ...x, property: t.not(x.property) }));
        questions.push({ kind: 'always', text: `Does ${name} never return False?`, targets, ...origin });
      }
      return ok(questions.length > 0 ? questions : [terminates]);
    }
    default:
      return unreachable(question);
  }
}

function eventInWords(event: RequestedEvent): string {
  switch (event.kind) {
    case 'print':
      return `print ${JSON.stringify(event.text)}`;
    case 'returns':
      return `return ${event.other ? 'anything but ' : ''}${formatPython(event.value)}`;
    case 'failure':
      return 'fail with an uncaught exception';
    default:
      return unreachable(event);
  }
}

const formatPython = (value: bigint | boolean): string =>
  typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);

/** The places where an event happens, with the condition under which it does. */
function eventTargets(
  asked: AskedProgram,
  node: AskedSubject,
  event: RequestedEvent,
  failures: Target[],
): Result<Target[], Diagnostic[]> {
  switch (event.kind) {
    case 'failure':
      return ok(failures);
    case 'print': {
      const prints = asked.program.events.filter((e) => e.kind === 'print');
      const found = prints.filter((e) => e.text.includes(event.text));
      if (found.length > 0) return ok(found.map((e) => ({ at: e.at, property: asked.program.terms.true })));
      const texts = [...new Set(prints.map((e) => JSON.stringify(e.text)))].slice(0, 5);
      return err([
        {
          code: 'PY-EVENT',
          severity: 'error',
          message: `no print has the text ${JSON.stringify(event.text)}`,
          hint: texts.length > 0 ? `the printed texts are ${texts.join(', ')}` : 'nothing is printed',
        },
      ]);
    }
    case 'returns':
      if (node === 'module') {
        const message = 'the code of a module returns nothing';
        return err([{ code: 'PY-EVENT', severity: 'error', message, hint: 'ask about a function' }]);
      }
      return ok(returnTargets(asked, event));
    default:
      return unreachable(event);
  }
}

/** A result counts as the value if it is equal to it in Python: False is 0. */
function returnTargets(asked: AskedProgram, event: RequestedEvent & { kind: 'returns' }): Target[] {
  const { result, exit, program } = asked;
  if (!result || result.types.length === 0) return [];
  const t = program.terms;
  const numeric = result.types.filter(isNumeric);
  const payloadIs = (): Term => {
    const payload = result.payload!;
    const value = BigInt(event.value);
    if (payload.sort.kind === 'int') return t.equal(payload, t.int(value));
    return value === 1n ? payload : value === 0n ? t.not(payload) : t.false;
  };
  let equal: Term = numeric.length > 0 ? payloadIs() : t.false;
  if (numeric.length > 0 && numeric.length < result.types.length) equal = t.and(asked.isNumber!, equal);
  return [{ at: exit, property: event.other ? t.not(equal) : equal }];
}
