import { unsupported } from '../diagnostics.ts';
import { SourceFile } from '../preprocessor/source-file.ts';
import { integerOf, isInteger, voidType } from '../types/ctype.ts';
import type { FunctionSymbol, InitializerPlan, Typed, TypedStatement, TypedUnit, Variable } from '../types/typed.ts';

/**
 * What expressions and functions read and write, and whether C fixes the order [C11 6.5p2, Annex C]. Two unsequenced effects
 * on one object are undefined behaviour: such an expression is refused. Where the order is merely unspecified (calls in one
 * expression), we go from left to right and say so.
 */

/** The direct parts of an expression. Statement expressions are not entered: see `statementsOf`. */
export function parts(e: Typed): readonly Typed[] {
  switch (e.kind) {
    case 'integer':
    case 'floating':
    case 'variable':
    case 'string':
    case 'function':
    case 'label-address':
      return [];
    case 'dereference':
      return [e.pointer];
    case 'member':
      return [e.object];
    case 'load':
    case 'address':
      return [e.lvalue];
    case 'convert':
    case 'negate':
    case 'complement':
    case 'real':
    case 'imaginary':
    case 'not':
      return [e.operand];
    case 'arithmetic':
    case 'compare':
    case 'pointer-difference':
    case 'logical':
    case 'comma':
      return [e.left, e.right];
    case 'pointer-add':
      return [e.pointer, e.index];
    case 'conditional':
      return e.consequent ? [e.condition, e.consequent, e.otherwise] : [e.condition, e.otherwise];
    case 'assign':
    case 'compound-assign':
      return [e.target, e.value];
    case 'increment':
      return [e.target];
    case 'call':
      return [e.callee, ...e.args];
    case 'builtin':
      return e.args;
    case 'va-arg':
      return [e.list];
    case 'compound-literal':
      return planParts(e.initializer);
    case 'statement-expression':
      return e.value ? [e.value] : [];
  }
}

export const planParts = (plan: InitializerPlan): readonly Typed[] => plan.entries.map((entry) => entry.value);

/** All expressions in an expression, itself included; walks with a stack. Enters statement expressions. */
export function* expressionsIn(root: Typed): Generator<Typed> {
  const stack: Typed[] = [root];
  for (let e = stack.pop(); e; e = stack.pop()) {
    yield e;
    for (const part of parts(e)) stack.push(part);
    if (e.kind === 'statement-expression') for (const inner of expressionsOf(e.body)) stack.push(inner);
  }
}

/** The outermost expressions of a statement and of the statements in it. */
export function* expressionsOf(root: TypedStatement): Generator<Typed> {
  for (const s of statementsIn(root)) {
    switch (s.kind) {
      case 'declare':
        if (s.initializer) yield* planParts(s.initializer);
        break;
      case 'vla-size':
        yield s.value;
        break;
      case 'expression':
        yield s.expression;
        break;
      case 'if':
        yield s.condition;
        break;
      case 'loop':
        if (s.condition) yield s.condition;
        if (s.step) yield s.step;
        break;
      case 'switch':
        yield s.value;
        break;
      case 'return':
        if (s.value) yield s.value;
        break;
      case 'computed-goto':
        yield s.target;
        break;
      default:
    }
  }
}

/** All statements in a statement, itself included; walks with a stack. */
export function* statementsIn(root: TypedStatement): Generator<TypedStatement> {
  const stack: TypedStatement[] = [root];
  for (let s = stack.pop(); s; s = stack.pop()) {
    yield s;
    switch (s.kind) {
      case 'compound':
        for (const item of s.items) stack.push(item);
        break;
      case 'if':
        stack.push(s.consequent);
        if (s.otherwise) stack.push(s.otherwise);
        break;
      case 'loop':
        stack.push(s.body);
        if (s.start) stack.push(s.start);
        break;
      case 'switch':
      case 'case':
      case 'default':
      case 'label':
        stack.push(s.body);
        break;
      default:
    }
  }
}

/** The variable that an lvalue is or is a part of; undefined behind a pointer. */
export function rootVariable(lvalue: Typed): Variable | undefined {
  let at = lvalue;
  while (at.kind === 'member' || at.kind === 'real' || at.kind === 'imaginary')
    at = at.kind === 'member' ? at.object : at.operand;
  return at.kind === 'variable' || at.kind === 'compound-literal' ? at.variable : undefined;
}

/** Evaluating it changes nothing and calls nothing. */
export function effectFree(e: Typed): boolean {
  for (const part of expressionsIn(e)) if (!simple(part)) return false;
  return true;
}

/** The node itself changes nothing and calls nothing. */
export function simple(e: Typed): boolean {
  switch (e.kind) {
    case 'assign':
    case 'compound-assign':
    case 'increment':
    case 'call':
    case 'builtin':
    case 'statement-expression':
    case 'va-arg':
    case 'compound-literal':
      return false;
    default:
      return true;
  }
}

export const calledFunction = (e: Typed): FunctionSymbol | undefined =>
  e.kind === 'call' && e.callee.kind === 'address' && e.callee.lvalue.kind === 'function'
    ? e.callee.lvalue.symbol
    : undefined;

/** What a call may touch among the variables that outlive it. */
export interface Footprint {
  readonly reads: ReadonlySet<Variable>;
  readonly writes: ReadonlySet<Variable>;
}

const pseudoVariable = (id: number, name: string): Variable => ({
  kind: 'variable',
  id,
  name,
  type: voidType,
  storage: 'global',
  external: false,
  range: { file: new SourceFile({ path: '<outside>', text: '' }, true), start: 0, end: 0 },
  initializer: undefined,
  addressTaken: false,
});

/** Stands for what the outside world sees of a run. */
export const output = pseudoVariable(-1, 'what the program prints');
/** Stands for the end of the run: `exit` writes it; what may fail depends on whether the run still goes on. */
export const ending = pseudoVariable(-2, 'how the program ends');

/** Stands for all objects in memory that are reached through pointers. */
const reached = pseudoVariable(-3, 'what pointers lead to');
export const isPseudo = (v: Variable): boolean => v === output || v === ending || v === reached;

/** Functions without a body that only compute: two of them may run in any order. */
const silent =
  /nondet|^(?:is(?:alnum|alpha|blank|cntrl|digit|graph|lower|print|punct|space|upper|xdigit)|to(?:lower|upper)|l?labs|abs|imaxabs|rand|__(?:VERIFIER|ESBMC|CPROVER)_assume|assume)$/;
const asserting = /^(?:assert|__(?:VERIFIER|ESBMC|CPROVER)_assert|__assert\w*)$/;
const printing = /^(?:v?[fd]?printf|puts|putchar(?:_unlocked)?|f?putc|fputs|perror)$/;

/** The operation may be undefined, and end the run in a failing check. */
function mayFail(e: Typed): boolean {
  switch (e.kind) {
    case 'arithmetic':
      return (
        e.op === '/' ||
        e.op === '%' ||
        e.op === '<<' ||
        e.op === '>>' ||
        (isInteger(e.type) && integerOf(e.type).signed)
      );
    case 'negate':
      return isInteger(e.type) && integerOf(e.type).signed;
    case 'compound-assign':
    case 'increment':
      return true;
    case 'builtin':
      return e.name === 'assert';
    default:
      return false;
  }
}

/** What calling a function without a body does to the outside. */
function outsideEffect(symbol: FunctionSymbol): { read?: Variable; write?: Variable } {
  if (silent.test(symbol.name)) return {};
  if (asserting.test(symbol.name)) return { read: ending };
  return { write: printing.test(symbol.name) ? output : ending };
}

const lives = (v: Variable): boolean => v.storage === 'global' || v.storage === 'static';

/** Footprints of all functions with a body: their own, and those of what they call, to a fixed point. */
export function footprints(unit: TypedUnit): ReadonlyMap<FunctionSymbol, Footprint> {
  const own = new Map<FunctionSymbol, { reads: Set<Variable>; writes: Set<Variable>; calls: Set<FunctionSymbol> }>();
  for (const symbol of unit.functions.values()) {
    if (!symbol.body) continue;
    const entry = { reads: new Set<Variable>(), writes: new Set<Variable>(), calls: new Set<FunctionSymbol>() };
    for (const outer of expressionsOf(symbol.body.statement)) {
      for (const e of expressionsIn(outer)) {
        const target =
          e.kind === 'assign' || e.kind === 'compound-assign' || e.kind === 'increment' ? e.target : undefined;
        const written = target && rootVariable(target);
        if (written && lives(written)) entry.writes.add(written);
        else if (target && !written) entry.writes.add(reached);
        if (e.kind === 'dereference') entry.reads.add(reached);
        if (e.kind === 'variable' && lives(e.variable)) entry.reads.add(e.variable);
        const callee = calledFunction(e);
        if (callee) entry.calls.add(callee);
        // A model of a function that prints does not show that it prints.
        const prints = callee?.body?.range.file.builtIn && printing.test(callee.name);
        const effect = callee && (!callee.body || prints) ? outsideEffect(callee) : {};
        if (effect.write) entry.writes.add(effect.write);
        if (effect.read || mayFail(e)) entry.reads.add(ending);
        if (e.kind === 'builtin' && e.name !== 'assert') entry.writes.add(ending);
      }
    }
    own.set(symbol, entry);
  }
  for (let changed = true; changed; ) {
    changed = false;
    for (const entry of own.values()) {
      const before = entry.reads.size + entry.writes.size;
      for (const callee of entry.calls) {
        for (const v of own.get(callee)?.reads ?? []) entry.reads.add(v);
        for (const v of own.get(callee)?.writes ?? []) entry.writes.add(v);
      }
      if (entry.reads.size + entry.writes.size > before) changed = true;
    }
  }
  return own;
}

/** A variable, or a member of one, as `variable` and the path of members to it. */
interface Spot {
  readonly variable: Variable;
  readonly path: string;
}

type Spots = ReadonlyMap<string, Spot>;

/** The effects of evaluating an expression. */
interface Summary {
  readonly reads: Spots;
  readonly writes: Spots;
  /** Writes that may still be under way when the value is there. */
  readonly pending: Spots;
  /** Reads and writes by the functions that it calls. */
  readonly callReads: Spots;
  readonly callWrites: Spots;
}

const none: Spots = new Map();
const nothing: Summary = { reads: none, writes: none, pending: none, callReads: none, callWrites: none };

function union(a: Spots, b: Spots): Spots {
  if (a.size === 0) return b;
  if (b.size === 0) return a;
  return new Map([...a, ...b]);
}

/** A spot of `a` that overlaps one of `b`: the same, or one inside the other. */
function meet(a: Spots, b: Spots): Spot | undefined {
  if (a.size === 0 || b.size === 0) return undefined;
  const inside = (p: string, q: string): boolean => p === '' || p === q || q.startsWith(`${p}.`);
  for (const p of a.values()) {
    for (const q of b.values()) {
      if (p.variable === q.variable && (inside(p.path, q.path) || inside(q.path, p.path))) return p;
    }
  }
  return undefined;
}

function spots(...list: readonly (Spot | undefined)[]): Spots {
  const map = new Map<string, Spot>();
  for (const spot of list) if (spot) map.set(`${spot.variable.id}.${spot.path}`, spot);
  return map;
}

const wholes = (variables: Iterable<Variable>): Spots =>
  spots(...[...variables].map((variable) => ({ variable, path: '' })));

/** All changes of a spot in an expression are assignments, not increments. */
function assignsOnly(root: Typed, spot: Spot): boolean {
  for (const e of expressionsIn(root)) {
    if (e.kind === 'increment' && spotOf(e.target)?.variable === spot.variable) return false;
  }
  return true;
}

/** Where an lvalue lies, if not behind a pointer. */
function spotOf(lvalue: Typed): Spot | undefined {
  const fields: string[] = [];
  let at = lvalue;
  while (at.kind === 'member' || at.kind === 'real' || at.kind === 'imaginary') {
    if (at.kind !== 'member') {
      fields.unshift(at.kind === 'real' ? 're' : 'im');
      at = at.operand;
      continue;
    }
    // The members of a union overlap.
    if (at.object.type.kind === 'record' && at.object.type.info.which === 'union') fields.length = 0;
    else fields.unshift(at.field.name ?? `<${at.field.index}>`);
    at = at.object;
  }
  return at.kind === 'variable' || at.kind === 'compound-literal'
    ? { variable: at.variable, path: fields.join('.') }
    : undefined;
}

const nameOf = (spot: Spot): string => `${spot.variable.name}${spot.path === '' ? '' : `.${spot.path}`}`;

function both(a: Summary, b: Summary): Summary {
  return {
    reads: union(a.reads, b.reads),
    writes: union(a.writes, b.writes),
    pending: union(a.pending, b.pending),
    callReads: union(a.callReads, b.callReads),
    callWrites: union(a.callWrites, b.callWrites),
  };
}

/**
 * Checks the order of effects in one full expression. Fails `unsupported` where effects on one object are unsequenced; calls
 * `orderMatters` with a name where the result depends on an order of calls that C leaves open.
 */
export function checkSequencing(
  root: Typed,
  footprintOf: (symbol: FunctionSymbol) => Footprint | undefined,
  orderMatters: (name: string) => void,
  changedTwice: (name: string) => void,
): void {
  // Without a write or a call there is nothing to order.
  if (effectFree(root)) return;

  const clash = (spot: Spot, what: string, at: Typed): never =>
    unsupported(
      'C0501',
      `\`${nameOf(spot)}\` is ${what} in one expression, and C does not say in which order`,
      at.range,
      {
        hint: 'this is undefined behaviour; write it as two statements',
      },
    );

  const unsequenced = (a: Summary, b: Summary, at: Typed): Summary => {
    const used = meet(a.writes, union(b.reads, b.writes)) ?? meet(b.writes, union(a.reads, a.writes));
    if (used) clash(used, 'changed and used', at);
    const open =
      meet(a.callWrites, union(union(b.reads, b.writes), union(b.callReads, b.callWrites))) ??
      meet(b.callWrites, union(union(a.reads, a.writes), union(a.callReads, a.callWrites))) ??
      meet(a.callReads, b.writes) ??
      meet(b.callReads, a.writes);
    if (open) orderMatters(nameOf(open));
    return both(a, b);
  };

  const settled = (s: Summary): Summary => ({ ...s, pending: none });

  const failing: Summary = { ...nothing, callReads: wholes([ending]) };
  const visit = (e: Typed): Summary => (mayFail(e) ? both(visitHere(e), failing) : visitHere(e));
  const visitHere = (e: Typed): Summary => {
    switch (e.kind) {
      case 'variable':
        return nothing;
      case 'load':
        return both(visit(e.lvalue), { ...nothing, reads: spots(spotOf(e.lvalue)) });
      case 'arithmetic':
      case 'comma':
      case 'logical': {
        // Left spines are walked in a loop.
        const spine: (typeof e)[] = [];
        let first: Typed = e;
        while (first.kind === 'arithmetic' || first.kind === 'comma' || first.kind === 'logical') {
          spine.push(first as typeof e);
          first = first.left;
        }
        let left = visit(first);
        for (let node = spine.pop(); node; node = spine.pop()) {
          const right = visit(node.right);
          left = node.kind === 'arithmetic' ? unsequenced(left, right, node) : both(settled(left), right);
          if (mayFail(node)) left = both(left, failing);
        }
        return left;
      }
      case 'conditional': {
        const condition = settled(visit(e.condition));
        const branches = e.consequent ? both(visit(e.consequent), visit(e.otherwise)) : visit(e.otherwise);
        return both(condition, branches);
      }
      case 'assign':
      case 'compound-assign': {
        const spot = spotOf(e.target);
        let target = visit(e.target);
        if (e.kind === 'compound-assign') target = both(target, { ...nothing, reads: spots(spot) });
        const value = visit(e.value);
        const operands = unsequenced(target, value, e);
        const own = spots(spot);
        const twice = meet(own, union(value.pending, target.pending));
        // `x = (x += 1) * 2`: C does not say that the outer change comes last; every compiler lets it.
        if (twice) {
          if (e.kind === 'compound-assign' || !assignsOnly(e.value, twice)) clash(twice, 'changed twice', e);
          changedTwice(nameOf(twice));
        }
        return both(operands, { ...nothing, writes: own, pending: own });
      }
      case 'increment': {
        const own = spots(spotOf(e.target));
        return both(visit(e.target), { ...nothing, reads: own, writes: own, pending: own });
      }
      case 'call': {
        let all = visit(e.callee);
        for (const arg of e.args) all = unsequenced(all, visit(arg), e);
        const symbol = calledFunction(e);
        const footprint = symbol && footprintOf(symbol);
        const effect = symbol && !symbol.body ? outsideEffect(symbol) : {};
        const calls = footprint
          ? { ...nothing, callReads: wholes(footprint.reads), callWrites: wholes(footprint.writes) }
          : {
              ...nothing,
              callReads: wholes(effect.read ? [effect.read] : []),
              callWrites: wholes(effect.write ? [effect.write] : []),
            };
        return both(settled(all), calls);
      }
      case 'statement-expression': {
        let all: Summary = nothing;
        for (const inner of expressionsOf(e.body)) all = both(all, settled(visit(inner)));
        return e.value ? both(all, visit(e.value)) : all;
      }
      default: {
        let all: Summary | undefined;
        for (const part of parts(e)) all = all === undefined ? visit(part) : unsequenced(all, visit(part), e);
        return all ?? nothing;
      }
    }
  };
  visit(root);
}
