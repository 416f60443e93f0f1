/**
 * What the lowering of one reading shares: the module and its functions, the program under construction, the types of values,
 * what was found about called functions, and what could not be modelled.
 */
import type { Diagnostic } from '../../../base/diagnostic.ts';
import type { Span } from '../../../base/span.ts';
import { ProgramBuilder } from '../../../program/builder.ts';
import type { FrontEndOptions } from '../../../program/front-end.ts';
import type { CheckKind } from '../../../program/program.ts';
import type { Assumption } from '../../../program/question.ts';
import { TermFactory } from '../../../terms/factory.ts';
import { boolSort, intSort, type Sort } from '../../../terms/sort.ts';
import type { SymbolTerm } from '../../../terms/term.ts';
import { children, type FunctionDef, type Lambda, type Node } from '../ast.ts';
import type { CheckedModule } from '../parser.ts';
import type { Scope } from '../symbol-table.ts';
import { type Environment, slotVariable } from './body.ts';
import { isKnownModule } from './builtin-names.ts';
import { ExceptionClasses } from './exception-classes.ts';
import type { Instance, Summary } from './instances.ts';
import type { Failure } from './raising.ts';
import type { Type } from './types.ts';
import { Values } from './value.ts';

export interface FunctionInfo {
  readonly id: number;
  readonly name: string;
  readonly node: FunctionDef | Lambda;
  readonly scope: Scope;
  /** Why calls of it are not modelled, if so. */
  readonly obstacle: string | undefined;
}

/** The whole reading costs more than we spend on one: it is refused, never cut short silently. */
export class TooComplex extends Error {}

/** A value that may be an int or a bool must be told apart: read again with exact types. */
export class NeedsExactTypes extends Error {}

const workLimit = 150_000;
const longestQuote = 80;
/** Nested evaluations, over all functions that call one another: bounds the stack. */
const depthLimit = 1200;

export class Unit {
  readonly module: CheckedModule;
  readonly checks: ReadonlySet<CheckKind>;
  /** Finds a module of the user's own. */
  readonly include: FrontEndOptions['include'];
  /** Parameters that pass `isinstance(x, int)` are an int or a bool, told apart by a tag. */
  readonly exactTypes: boolean;
  readonly builder: ProgramBuilder;
  readonly values: Values;
  readonly classes = new ExceptionClasses();
  readonly functions: FunctionInfo[] = [];
  readonly functionOfNode = new Map<Node, FunctionInfo>();
  readonly loopEnvironments = new Map<string, Environment>();
  readonly summaries = new Map<string, Summary>();
  readonly visited = new Set<string>();
  /** Instances whose code is still to be made. */
  readonly pending: Instance[] = [];
  readonly procedureNames = new Map<string, string>();
  /** What is known about each exception type. */
  readonly failures = new Map<Type, Failure>();
  readonly assumptions = new Map<string, Assumption>();
  summariesChanged = false;
  readonly #names: ReadonlySet<string>;
  readonly #shared: ReadonlySet<string>;
  readonly #globalSlots = new Map<string, SymbolTerm>();
  readonly #placeholders = new Map<string, SymbolTerm>();
  readonly #unsupported = new Map<string, Diagnostic>();
  readonly #texts = new WeakMap<object, string>();
  readonly warnings: Diagnostic[] = [];
  #work = 0;
  #depth = 0;

  constructor(module: CheckedModule, options: FrontEndOptions, exactTypes: boolean) {
    this.module = module;
    this.checks = options.checks;
    this.include = options.include;
    this.exactTypes = exactTypes;
    const terms = new TermFactory();
    this.builder = new ProgramBuilder(terms);
    this.values = new Values(terms);
    const names = new Set(module.symbols.module.locals);
    const shared = new Set<string>();
    for (const scope of module.symbols.scopes.values()) {
      if (scope === module.symbols.module) continue;
      for (const [name, use] of scope.names) {
        if (scope.resolve(name).parent) continue;
        if (use.bound) names.add(name);
        shared.add(`::${name}`);
      }
      const { node } = scope;
      if (node.kind === 'FunctionDef' || node.kind === 'AsyncFunctionDef' || node.kind === 'Lambda')
        this.#define(scope, node);
    }
    this.#names = names;
    this.#shared = new Set([...shared].filter((key) => names.has(key.slice(2))));
  }

  #define(scope: Scope, node: FunctionDef | Lambda): void {
    const name = node.kind === 'Lambda' ? 'lambda' : node.name;
    const info = { id: this.functions.length, name, node, scope, obstacle: obstacleOf(scope, node) };
    this.functions.push(info);
    this.functionOfNode.set(node, info);
  }

  /** Does some assignment, import, def or class of the module bind this global name? */
  binds(name: string): boolean {
    return this.#names.has(name);
  }

  /** Globals that functions read or write are shared: they keep their place in the whole program. */
  isShared(key: string): boolean {
    return this.#shared.has(key) || key.startsWith('::.');
  }

  sharedPart(environment: Environment): Environment {
    return new Map([...environment].filter(([key]) => this.isShared(key)));
  }

  globalSlot(key: string, kind: 'int' | 'bool' | 'tag'): SymbolTerm {
    const slot = `${key} ${kind}`;
    let symbol = this.#globalSlots.get(slot);
    if (!symbol) {
      symbol = this.builder.declare(slotVariable(key, kind, 'global'), kind === 'bool' ? boolSort : intSort);
      this.#globalSlots.set(slot, symbol);
    }
    return symbol;
  }

  knownGlobalSlot(key: string, kind: 'int' | 'bool' | 'tag'): SymbolTerm | undefined {
    return this.#globalSlots.get(`${key} ${kind}`);
  }

  /** A symbol that stands for a variable in dry runs. */
  placeholder(name: string, sort: Sort): SymbolTerm {
    const key = `${name} ${sort.kind}`;
    let symbol = this.#placeholders.get(key);
    if (!symbol) {
      symbol = this.values.terms.fresh(`dry ${key}`, sort);
      this.#placeholders.set(key, symbol);
    }
    return symbol;
  }

  span(node: { readonly start: number; readonly end: number }): Span {
    return this.module.map.span(node.start, node.end);
  }

  /** The source text of a node on one line, shortened. */
  text(node: { readonly start: number; readonly end: number }): string {
    let text = this.#texts.get(node);
    if (text === undefined) {
      text = this.module.map.text.slice(node.start, node.end).replace(/\s+/g, ' ');
      if (text.length > longestQuote) text = `${text.slice(0, longestQuote - 1)}…`;
      this.#texts.set(node, text);
    }
    return text;
  }

  line(node: { readonly start: number }): number {
    return this.module.map.position(node.start).line;
  }

  /** A module of the standard library, unless the user has one of this name. */
  isStandardModule(name: string): boolean {
    const first = name.split('.')[0]!;
    const { path } = this.module.map;
    return isKnownModule(name) && !this.include(`${first}.py`, path) && !this.include(`${first}/__init__.py`, path);
  }

  reportUnsupported(node: Node, construct: string): void {
    const span = this.span(node);
    const message = `${construct} is not modelled`;
    this.#unsupported.set(`${node.start} ${construct}`, {
      code: 'PY-UNSUPPORTED',
      severity: 'unsupported',
      message,
      span,
    });
  }

  get unsupported(): readonly Diagnostic[] {
    return [...this.#unsupported.values()].sort((a, b) => a.span!.start.offset - b.span!.start.offset);
  }

  assume(assumption: Assumption): void {
    this.assumptions.set(assumption.text, assumption);
  }

  /** Runs one step of the lowering inside another; throws TooComplex. */
  nested<T>(run: () => T): T {
    this.#work += 1;
    if (this.#work > workLimit) throw new TooComplex('the program is too large to find the types of its variables');
    if (this.#depth >= depthLimit) throw new TooComplex('expressions or calls are nested too deeply');
    this.#depth += 1;
    try {
      return run();
    } finally {
      this.#depth -= 1;
    }
  }
}

function obstacleOf(scope: Scope, node: FunctionDef | Lambda): string | undefined {
  const { args } = node;
  if (node.kind === 'AsyncFunctionDef') return 'an async function';
  if (containsYield(node.kind === 'Lambda' ? [node.body] : node.body)) return 'a generator function';
  if (args.vararg || args.kwarg) return 'a function with * or ** parameters';
  for (const [name, use] of scope.names) {
    if (use.declared === 'nonlocal') return 'a function with nonlocal variables';
    const home = scope.resolve(name);
    if (home !== scope && home.parent) return `a function that uses the variable ${name} of the function around it`;
  }
  return undefined;
}

/** Does a function's own body yield or await? */
function containsYield(roots: readonly Node[]): boolean {
  const stack: Node[] = [...roots];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (node.kind === 'Yield' || node.kind === 'YieldFrom' || node.kind === 'Await') return true;
    if (node.kind === 'FunctionDef' || node.kind === 'AsyncFunctionDef' || node.kind === 'Lambda') continue;
    stack.push(...children(node));
  }
  return false;
}
