import type { Diagnostic } from '../../../base/diagnostic.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import { inlineCalls } from '../../../program/inline.ts';
import type { CheckKind, LocationId, Procedure, Program, Step } from '../../../program/program.ts';
import type { Assumption } from '../../../program/question.ts';
import { intSort } from '../../../terms/sort.ts';
import type { SymbolTerm } from '../../../terms/term.ts';
import { caught, diagnose } from '../diagnostics.ts';
import { resolveMemory } from '../memory/resolve.ts';
import { spanOf } from '../preprocessor/source-file.ts';
import { interleave } from '../threads/interleaving.ts';
import { formatType, integerOf, isInteger } from '../types/ctype.ts';
import type { FunctionSymbol, TypedUnit, Variable } from '../types/typed.ts';
import { beginObject, lowerInitializer, storeString } from './assignments.ts';
import { withoutCopies } from './copies.ts';
import { calledFunction, expressionsIn, expressionsOf, planParts, rootVariable, statementsIn } from './effects.ts';
import { withoutEmptyEdges } from './empty-edges.ts';
import { argumentsUsed, holdsPointers, mostArguments, passProgramArguments, pointSomewhere } from './entry.ts';
import { hasExitHandlers, runExitHandlers } from './exit-handlers.ts';
import { withGotoLoops, withoutDeadHavocs } from './finish.ts';
import { leafAccess } from './records.ts';
import { FunctionState, type LoweringOptions, UnitState } from './state.ts';
import { endCall, lowerStatement } from './statements.ts';
import { inMemory, type Leaf, leavesOf, sortOf } from './storage.ts';
import { startsThreads } from './threads.ts';

/** The program that a question about one function is asked on. */
export interface Lowered {
  readonly program: Program;
  readonly symbol: FunctionSymbol;
  /** Where the asked function has returned, and what it returned (one integer), before the run ends. */
  readonly returned: { readonly at: LocationId; readonly result: SymbolTerm | undefined };
  readonly assumptions: readonly Assumption[];
  readonly warnings: readonly Diagnostic[];
  /** Some thread is started. */
  readonly threaded: boolean;
}

/** Lowers what `symbol` needs. Errors: the constructs on some path from its start that we do not model. requires: it has a body. */
export function lowerFunction(
  unit: TypedUnit,
  symbol: FunctionSymbol,
  options: LoweringOptions,
): Result<Lowered, readonly Diagnostic[]> {
  const result = caught(() => lower(unit, symbol, options));
  return result.ok ? result.value : err([result.error]);
}

const edgeLimit = 200_000;

function lower(
  unit: TypedUnit,
  symbol: FunctionSymbol,
  options: LoweringOptions,
): Result<Lowered, readonly Diagnostic[]> {
  const several = startsThreads(unit);
  // What threads share is kept in memory, where each access is a step of its own.
  if (several) for (const variable of unit.globals) variable.addressTaken = true;
  const u = new UnitState(unit, options, several);
  const states: FunctionState[] = [];
  // A function that calls itself gets a caller of its own: the start of the run happens once. So does the end, with what
  // `atexit` registered.
  const recursive = callsItself(symbol) || (symbol.name === 'main' && hasExitHandlers(unit));
  const start = new FunctionState(u, recursive ? { ...symbol, name: `start of ${symbol.name}` } : symbol);
  const incoming = declareInterface(start, symbol);
  const begin = start.newLocation(symbol.range);
  start.resume(begin);
  if (recursive) {
    const args = incoming.flatMap((parameter) => parameter.symbols);
    const results = start.results.map((cell) => cell.symbol);
    start.origin = symbol.range;
    start.emit({ kind: 'call', callee: symbol.name, args, results, origin: spanOf(symbol.range) });
    start.separate();
    if (symbol.name === 'main') runExitHandlers(start, symbol.range);
    start.jump(start.procedure.exit);
    u.need(symbol);
  } else {
    lowerBody(start, symbol, incoming);
  }
  for (let next = u.queue.shift(); next; next = u.queue.shift()) {
    const f = new FunctionState(u, next);
    lowerBody(f, next, declareInterface(f, next));
    states.push(f);
  }
  lowerStart(start, symbol, begin, incoming);
  for (const state of [...states, start]) state.procedure.finish(spanOf(state.symbol.range));
  // Before anything is tidied: a location that is tidied away takes what is noted there with it.
  const built = u.builder.build(start.symbol.name);
  const problems = reachable(built, u.refused);
  if (problems.length > 0) return err(problems);
  const whole = finish(built);
  const inlined = inlineCalls(whole, edgeLimit);
  if (inlined === 'too-large') {
    const message = `\`${symbol.name}\` calls so much that the program becomes too large`;
    return err([diagnose('unsupported', 'C0613', message, symbol.range)]);
  }
  const threaded = interleave(inlined, u.memory, u.threads, {
    pointerBytes: u.pointerBytes,
    races: u.checked('race'),
    productEdges: options.productEdges ?? 20_000,
  });
  if (threaded.several) {
    const races = u.checked('race')
      ? ''
      : '; where two of them use the same memory at once (a data race), C leaves all open, and this is not looked at';
    u.assume(`threads take turns, step by step, in any order (sequential consistency)${races}`, symbol.range);
  }
  const resolved = withoutMemory(u, threaded.program, threaded.once);
  if (!resolved.ok) return resolved;
  return ok({
    program: finish(resolved.value),
    symbol,
    returned: { at: start.procedure.exit, result: start.results[0]?.symbol },
    assumptions: [...u.assumptions.values()],
    warnings: u.warnings,
    threaded: threaded.several,
  });
}

/** Can the function reach a call of itself, by the text of the program? */
function callsItself(symbol: FunctionSymbol): boolean {
  const seen = new Set<FunctionSymbol>();
  const work = [symbol];
  for (let next = work.pop(); next; next = work.pop()) {
    if (!next.body) continue;
    for (const outer of expressionsOf(next.body.statement)) {
      for (const e of expressionsIn(outer)) {
        const callee = calledFunction(e);
        if (callee === symbol) return true;
        if (callee && !seen.has(callee)) {
          seen.add(callee);
          work.push(callee);
        }
      }
    }
  }
  return false;
}

/** The program with its memory resolved into variables. */
function withoutMemory(
  u: UnitState,
  program: Program,
  once: ReadonlySet<Step> | undefined,
): Result<Program, readonly Diagnostic[]> {
  if (!u.memory.used) return ok(program);
  const model = u.options.integers;
  const { pointerBytes } = u;
  const { addressesCompared } = u;
  const checked = (kind: CheckKind): boolean => u.checked(kind);
  const resolved = resolveMemory(program, u.memory, {
    model,
    pointerBytes,
    checked,
    addressesCompared,
    ...(once ? { once } : {}),
  });
  if (!resolved.ok) return resolved;
  for (const assumption of resolved.value.assumptions) u.assumptions.set(assumption.text, assumption);
  return ok(withoutTrivialChecks(withoutCopies(resolved.value.program)));
}

/** Drops the checks of memory that no run can fail, as arithmetic never makes those that its bounds settle. */
function withoutTrivialChecks(program: Program): Program {
  const about: ReadonlySet<CheckKind> = new Set(['pointer', 'bounds', 'alignment', 'free']);
  return {
    ...program,
    checks: program.checks.filter((c) => !(c.property === program.terms.true && about.has(c.kind))),
  };
}

/** A parameter as its caller passes it: the scalars in it, or the address of what fits no registers. */
interface Incoming {
  readonly variable: Variable;
  readonly leaves: readonly Leaf[] | undefined;
  readonly symbols: readonly SymbolTerm[];
}

function lowerBody(f: FunctionState, symbol: FunctionSymbol, incoming: readonly Incoming[]): void {
  const body = symbol.body!;
  for (const s of statementsIn(body.statement)) if (s.kind === 'label') f.repeated = true;
  f.scopes.push({ block: body.statement, declared: [] });
  f.origin = symbol.range;
  for (const parameter of incoming) if (inMemory(parameter.variable)) keepParameter(f, parameter);
  lowerStatement(f, body.statement);
  if (f.alive) {
    // Falling off the end: main returns 0; the value of any other function is anything, and using it is undefined.
    const result = f.results[0];
    if (result && symbol.name === 'main') f.emit({ kind: 'assign', target: result.symbol, value: f.terms.int(0) });
    else
      for (const cell of f.results) f.emit({ kind: 'assign', target: cell.symbol, value: f.anything(cell.type).term });
    endCall(f);
    f.jump(f.procedure.exit);
  }
  f.scopes.pop();
}

/** A parameter that lives in memory: an object of this call, with the value that was passed. */
function keepParameter(f: FunctionState, { variable, leaves, symbols }: Incoming): void {
  const place = beginObject(f, variable);
  const { memory } = f.unit;
  f.emit(memory.fill(place.address.start, 'anything'));
  if (leaves) {
    for (const [i, leaf] of leaves.entries()) f.emit(memory.store(leafAccess(f, place, leaf), symbols[i]!));
  } else {
    f.emit(memory.copy(place.address.start, symbols[0]!, f.unit.sizeOf(variable.type) ?? 0, variable.type));
  }
}

function declareInterface(f: FunctionState, symbol: FunctionSymbol): readonly Incoming[] {
  const { unit } = f;
  const role = 'parameter' as const;
  const incoming = symbol.body!.parameters.map((variable): Incoming => {
    const leaves = leavesOf(variable.type);
    if (!inMemory(variable))
      return { variable, leaves, symbols: [...f.storage(variable).values()].map((c) => c.symbol) };
    const origin = spanOf(variable.range);
    if (!leaves) {
      const name = `address of ${variable.name}`;
      const address = f.procedure.declare({ name, internal: true, pointer: true, role, origin }, intSort);
      unit.memory.mayHoldAddress.add(address);
      return { variable, leaves, symbols: [address] };
    }
    const symbols = leaves.map((leaf) => {
      const name = leaf.path === '' ? variable.name : `${variable.name}.${leaf.path}`;
      const pointer = leaf.type.kind === 'pointer' ? { pointer: true } : {};
      const about = { name, typeText: formatType(leaf.type), role, origin, ...pointer };
      const made = f.procedure.declare({ ...about, ...unit.rangeOf(leaf.type) }, sortOf(leaf.type));
      return unit.addressed(made, leaf.type);
    });
    return { variable, leaves, symbols };
  });
  if (symbol.type.variadic) {
    const about = { name: 'further arguments', internal: true, pointer: true, role };
    f.furtherArguments = f.procedure.declare(about, intSort);
    unit.memory.mayHoldAddress.add(f.furtherArguments);
  }
  for (const leaf of leavesOf(symbol.type.result) ?? []) {
    const name = leaf.path === '' ? 'result' : `result.${leaf.path}`;
    const pointer = leaf.type.kind === 'pointer' ? { pointer: true } : {};
    const typeText = formatType(leaf.type);
    const about = { name, typeText, role: 'result' as const, origin: spanOf(symbol.range), ...pointer };
    const result = f.procedure.declare({ ...about, ...unit.rangeOf(leaf.type) }, sortOf(leaf.type));
    f.results.push({ ...leaf, symbol: unit.addressed(result, leaf.type) });
  }
  return incoming;
}

/**
 * The first edge of the run, to `begin`: static objects get their values. Started at main, all hold their initial values;
 * started elsewhere, those that the file changes hold anything.
 */
function lowerStart(f: FunctionState, symbol: FunctionSymbol, begin: LocationId, incoming: readonly Incoming[]): void {
  const { unit: u, terms } = f;
  f.resume(f.procedure.entry);
  f.origin = symbol.range;
  const changed = symbol.name === 'main' ? new Set<Variable>() : changedVariables(u.unit);
  const free: string[] = [];
  const kept: string[] = [];
  const done = new Set<Variable>();
  const initialize = (variable: Variable): void => {
    if (done.has(variable)) return;
    done.add(variable);
    if (changed.has(variable) && !variable.type.const && !variable.external) {
      if (holdsPointers(variable.type)) kept.push(`\`${variable.name}\``);
      else {
        free.push(`\`${variable.name}\``);
        if (inMemory(variable)) f.emit(u.memory.fill(u.globalObject(variable).base, 'anything'));
        return;
      }
    }
    if (variable.external) {
      if (inMemory(variable)) f.emit(u.memory.fill(u.globalObject(variable).base, 'anything'));
      return;
    }
    // What an initialiser reads (GNU: const objects, compound literals) has its value first.
    const plan = variable.initializer;
    if (plan) {
      for (const outer of planParts(plan)) {
        for (const e of expressionsIn(outer)) {
          const read = e.kind === 'load' ? rootVariable(e.lvalue) : undefined;
          if (read && read !== variable) initialize(read);
        }
      }
    }
    lowerInitializer(f, variable, plan ?? { zero: true, entries: [], range: variable.range });
  };
  // An initialiser may name further objects.
  const literals = new Set<unknown>();
  for (let more = true; more; ) {
    more = false;
    for (const variable of [...u.usedGlobals.keys(), ...u.usedObjects.keys()]) {
      if (done.has(variable)) continue;
      more = true;
      initialize(variable);
    }
    for (const [literal, object] of u.usedLiterals) {
      if (literals.has(literal)) continue;
      literals.add(literal);
      more = true;
      const address = { start: object.base, subscripts: [] };
      storeString(
        f,
        { kind: 'memory', address, type: literal.type, certain: true },
        literal,
        literal.type,
        literal.range,
      );
    }
  }
  if (free.length > 0) u.assume(`\`${symbol.name}\` may be called with any values in ${free.join(', ')}`, symbol.range);
  if (kept.length > 0)
    u.assume(`\`${symbol.name}\` is called while ${kept.join(', ')} hold what they hold at first`, symbol.range);
  const names = symbol.name === 'main' ? argumentsUsed(symbol) : undefined;
  for (const [i, { leaves, symbols, variable }] of incoming.entries()) {
    for (const [k, leaf] of (leaves ?? []).entries()) {
      const parameter = symbols[k]!;
      const isCount = symbol.name === 'main' && i === 0;
      const { type } = leaf;
      if (type.kind === 'integer') {
        // A mathematical integer of an unsigned type starts non-negative; argc is never negative.
        // The first argument is the name of the program.
        if (isCount && names) {
          f.emit({ kind: 'assume', condition: terms.lessEqual(terms.int(1), parameter) });
          f.emit({ kind: 'assume', condition: terms.lessEqual(parameter, terms.int(mostArguments)) });
        }
        if (isCount || (u.options.integers === 'math' && !type.signed && type.name !== '_Bool'))
          f.emit({ kind: 'assume', condition: terms.lessEqual(terms.int(0), parameter) });
      } else if (symbol.name === 'main') {
        if (variable === names) passProgramArguments(f, parameter, incoming[0]!.symbols[0]!, variable.range);
      } else if (type.kind === 'pointer') {
        pointSomewhere(
          f,
          parameter,
          leaf.path === '' ? variable.name : `${variable.name}.${leaf.path}`,
          type,
          variable.range,
        );
      }
    }
  }
  f.jump(begin);
  if (symbol.name === 'main' && u.checked('leak')) {
    u.builder.check({
      kind: 'leak',
      at: f.procedure.exit,
      property: u.memory.nothingLeaks(),
      text: 'all memory is freed when `main` returns',
      failure: 'memory is still allocated when `main` returns',
      origin: spanOf(symbol.range),
    });
  }
  const result = f.results[0];
  u.builder.event({
    kind: 'return',
    text: symbol.name,
    args: result ? [result.symbol] : [],
    at: f.procedure.exit,
    origin: spanOf(symbol.range),
  });
}

/** The variables that some function of the file assigns to, or whose address it takes. */
function changedVariables(unit: TypedUnit): Set<Variable> {
  const changed = new Set<Variable>();
  for (const symbol of unit.functions.values()) {
    if (!symbol.body) continue;
    for (const outer of expressionsOf(symbol.body.statement)) {
      for (const e of expressionsIn(outer)) {
        const target =
          e.kind === 'assign' || e.kind === 'compound-assign' || e.kind === 'increment' ? e.target : undefined;
        const variable = target ? rootVariable(target) : undefined;
        if (variable) changed.add(variable);
      }
    }
  }
  for (const variable of unit.globals) if (variable.addressTaken) changed.add(variable);
  return changed;
}

/** Tidies every procedure; what is attached to a location that cannot be reached goes with it. */
function finish(program: Program): Program {
  const procedures = new Map<string, Procedure>();
  const kept = new Set<LocationId>();
  for (const [name, procedure] of program.procedures) {
    const tidy = withoutDeadHavocs(withoutEmptyEdges(withGotoLoops(procedure), program), program);
    procedures.set(name, tidy);
    for (const id of tidy.locations.keys()) kept.add(id);
  }
  const stays = (item: { readonly at: LocationId }): boolean => kept.has(item.at);
  return {
    ...program,
    procedures,
    checks: program.checks.filter(stays).map((c, id) => ({ ...c, id })),
    events: program.events.filter(stays),
    hints: program.hints.filter(stays),
  };
}

/** The notes that control can meet, going from the start through edges and calls; each text once. */
function reachable(program: Program, refused: UnitState['refused']): Diagnostic[] {
  const at = new Map<LocationId, Diagnostic[]>();
  for (const note of refused) at.set(note.at, [...(at.get(note.at) ?? []), note.diagnostic]);
  const seen = new Set<string>();
  const found = new Map<string, Diagnostic>();
  const work = [program.main];
  for (let name = work.pop(); name !== undefined; name = work.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const procedure = program.procedures.get(name)!;
    const out = new Map<LocationId, (typeof procedure.edges)[number][]>();
    for (const edge of procedure.edges) out.set(edge.from, [...(out.get(edge.from) ?? []), edge]);
    const reached = new Set<LocationId>([procedure.entry]);
    for (const location of reached) {
      for (const diagnostic of at.get(location) ?? [])
        found.set(`${diagnostic.message} ${diagnostic.span?.start.offset}`, diagnostic);
      for (const edge of out.get(location) ?? []) {
        for (const step of edge.steps) if (step.kind === 'call') work.push(step.callee);
        reached.add(edge.to);
      }
    }
  }
  return [...found.values()];
}

/** The type of what a function returns, for sentences. */
export const returnsBool = (symbol: FunctionSymbol): boolean =>
  isInteger(symbol.type.result) && integerOf(symbol.type.result).name === '_Bool';
