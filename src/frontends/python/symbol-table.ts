/**
 * Scopes and names (language reference 4.2): which block binds a name, which names are global, which come from an enclosing
 * function. Reports what CPython's symbol table refuses: a name that is global too late, a nonlocal without binding, a repeated
 * parameter, an assignment expression that would rebind a comprehension's variable.
 */
import {
  type Arguments,
  type Comprehension,
  children,
  type DictComp,
  type Expression,
  type FunctionDef,
  type Lambda,
  type Module,
  type Node,
  type Pattern,
} from './ast.ts';
import { SyntaxFault } from './syntax-fault.ts';

export type ScopeNode = Module | FunctionDef | Lambda | Comprehension | DictComp | (Node & { kind: 'ClassDef' });

interface NameUse {
  bound: boolean;
  parameter: boolean;
  used: boolean;
  annotated: boolean;
  declared: 'global' | 'nonlocal' | undefined;
  /** Bound as the variable of a comprehension, or by an assignment expression inside one. */
  iteration: boolean;
  walrus: boolean;
}

export class Scope {
  readonly node: ScopeNode;
  readonly parent: Scope | undefined;
  readonly names = new Map<string, NameUse>();

  constructor(node: ScopeNode, parent: Scope | undefined) {
    this.node = node;
    this.parent = parent;
  }

  get isComprehension(): boolean {
    const { kind } = this.node;
    return kind === 'ListComp' || kind === 'SetComp' || kind === 'GeneratorExp' || kind === 'DictComp';
  }

  get isFunction(): boolean {
    return this.node.kind !== 'Module' && this.node.kind !== 'ClassDef';
  }

  use(name: string): NameUse {
    let found = this.names.get(name);
    if (!found) {
      found = {
        bound: false,
        parameter: false,
        used: false,
        annotated: false,
        declared: undefined,
        iteration: false,
        walrus: false,
      };
      this.names.set(name, found);
    }
    return found;
  }

  /** Names that this block binds and that are its own. */
  get locals(): string[] {
    return [...this.names].filter(([, use]) => use.bound && !use.declared).map(([name]) => name);
  }

  /** The scope that a name means when read here: a function's or class's, or the module's (also for built-in names). */
  resolve(name: string): Scope {
    const own = this.names.get(name);
    if (!this.parent || (own?.bound && !own.declared)) return this;
    let scope: Scope = this;
    if (own?.declared !== 'global') {
      for (let outer: Scope | undefined = this.parent; outer?.parent; outer = outer.parent) {
        const use = outer.names.get(name);
        if (!outer.isFunction || !use) continue;
        if (use.declared === 'global') break;
        if (use.bound && !use.declared) return outer;
      }
    }
    while (scope.parent) scope = scope.parent;
    return scope;
  }
}

export interface SymbolTable {
  readonly scopes: ReadonlyMap<Node, Scope>;
  readonly module: Scope;
}

/** throws SyntaxFault. requires: the height of the tree is within `nestingLimit`. */
export function symbolTable(module: Module): SymbolTable {
  const collector = new Collector(module);
  collector.visitAll(module.body);
  collector.checkNonlocals();
  return { scopes: collector.scopes, module: collector.scopes.get(module)! };
}

class Collector {
  readonly scopes = new Map<Node, Scope>();
  /** Bound by an import alone, which a later `global` may still name. */
  readonly #imports = new Set<NameUse>();
  readonly #nonlocals: { readonly scope: Scope; readonly name: string; readonly node: Node }[] = [];
  #scope: Scope;
  /** Inside the iterable of a comprehension. */
  #inIterable = 0;

  constructor(module: Module) {
    this.#scope = this.#open(module, undefined);
  }

  #open(node: ScopeNode, parent: Scope | undefined): Scope {
    const scope = new Scope(node, parent);
    this.scopes.set(node, scope);
    return scope;
  }

  #within(node: ScopeNode, visit: () => void): void {
    const outer = this.#scope;
    this.#scope = this.#open(node, outer);
    visit();
    this.#scope = outer;
  }

  visitAll(nodes: readonly (Node | null)[]): void {
    for (const node of nodes) if (node) this.visit(node);
  }

  visit(node: Node): void {
    switch (node.kind) {
      case 'FunctionDef':
      case 'AsyncFunctionDef':
        this.#bind(node.name, node);
        this.#visitDefaults(node.args);
        this.visitAll(parametersOf(node.args).map((p) => p.annotation));
        this.visitAll([node.returns]);
        this.visitAll(node.decorator_list);
        this.#within(node, () => {
          this.#bindParameters(node.args);
          this.visitAll(node.body);
        });
        return;
      case 'Lambda':
        this.#visitDefaults(node.args);
        this.#within(node, () => {
          this.#bindParameters(node.args);
          this.visit(node.body);
        });
        return;
      case 'ClassDef':
        this.#bind(node.name, node);
        this.visitAll(node.bases);
        this.visitAll(node.keywords);
        this.visitAll(node.decorator_list);
        this.#within(node, () => this.visitAll(node.body));
        return;
      case 'ListComp':
      case 'SetComp':
      case 'GeneratorExp':
      case 'DictComp':
        this.#comprehension(node);
        return;
      case 'Global':
      case 'Nonlocal':
        for (const name of node.names) this.#declare(name, node.kind === 'Global' ? 'global' : 'nonlocal', node);
        return;
      case 'Import':
        for (const alias of node.names) this.#import(alias.asname ?? alias.name.split('.')[0]!);
        return;
      case 'ImportFrom':
        for (const alias of node.names) {
          if (alias.name !== '*') this.#import(alias.asname ?? alias.name);
          else if (this.#scope.parent) throw at(alias, 'import * only allowed at module level');
        }
        return;
      case 'ExceptHandler':
        this.visitAll([node.type]);
        if (node.name !== null) this.#bind(node.name, node);
        this.visitAll(node.body);
        return;
      case 'Assign':
        this.visit(node.value);
        for (const target of node.targets) this.#target(target);
        return;
      case 'AugAssign':
        this.visit(node.target);
        this.#target(node.target);
        this.visit(node.value);
        return;
      case 'AnnAssign':
        this.#annotated(node);
        this.visit(node.annotation);
        this.visitAll([node.value]);
        return;
      case 'Delete':
        for (const target of node.targets) this.#target(target);
        return;
      case 'For':
      case 'AsyncFor':
        this.#target(node.target);
        this.visit(node.iter);
        this.visitAll(node.body);
        this.visitAll(node.orelse);
        return;
      case 'withitem':
        this.visit(node.context_expr);
        if (node.optional_vars) this.#target(node.optional_vars);
        return;
      case 'NamedExpr':
        this.#named(node.target.id, node);
        this.visit(node.value);
        return;
      case 'Name':
        this.#scope.use(node.id).used = true;
        return;
      case 'MatchAs':
      case 'MatchStar':
      case 'MatchMapping':
        this.#captures(node);
        return;
      default:
        this.visitAll(children(node));
    }
  }

  #visitDefaults(args: Arguments): void {
    this.visitAll(args.defaults);
    this.visitAll(args.kw_defaults);
  }

  #bindParameters(args: Arguments): void {
    for (const parameter of parametersOf(args)) {
      const use = this.#scope.use(parameter.arg);
      if (use.parameter) throw at(parameter, `duplicate argument '${parameter.arg}' in function definition`);
      use.parameter = true;
      use.bound = true;
    }
  }

  #bind(name: string, node: Node): NameUse {
    const use = this.#scope.use(name);
    use.bound = true;
    this.#imports.delete(use);
    if (this.#scope.isComprehension && use.walrus) {
      throw at(node, `comprehension inner loop cannot rebind assignment expression target '${name}'`);
    }
    return use;
  }

  #import(name: string): void {
    const use = this.#scope.use(name);
    if (!use.bound) this.#imports.add(use);
    use.bound = true;
  }

  #target(target: Expression): void {
    switch (target.kind) {
      case 'Name': {
        const use = this.#bind(target.id, target);
        if (this.#scope.isComprehension) use.iteration = true;
        return;
      }
      case 'Tuple':
      case 'List':
        for (const elt of target.elts) this.#target(elt);
        return;
      case 'Starred':
        this.#target(target.value);
        return;
      default:
        this.visit(target);
    }
  }

  #annotated(node: Node & { kind: 'AnnAssign' }): void {
    const { target } = node;
    if (target.kind !== 'Name') {
      this.visit(target);
      return;
    }
    const use = this.#scope.use(target.id);
    if (use.declared && node.simple && this.#scope.parent) {
      throw at(node, `annotated name '${target.id}' can't be ${use.declared}`);
    }
    if (node.simple) {
      use.annotated = true;
      use.bound = true;
    } else if (node.value) use.bound = true;
  }

  #captures(node: Pattern & { kind: 'MatchAs' | 'MatchStar' | 'MatchMapping' }): void {
    const name = node.kind === 'MatchMapping' ? node.rest : node.name;
    this.visitAll(children(node));
    if (name !== null) this.#bind(name, node);
  }

  #declare(name: string, how: 'global' | 'nonlocal', node: Node): void {
    const use = this.#scope.use(name);
    if (how === 'nonlocal' && !this.#scope.parent) throw at(node, 'nonlocal declaration not allowed at module level');
    if (use.parameter) throw at(node, `name '${name}' is parameter and ${how}`);
    if (use.annotated) throw at(node, `annotated name '${name}' can't be ${how}`);
    if (use.bound && !this.#imports.has(use)) throw at(node, `name '${name}' is assigned to before ${how} declaration`);
    if (use.used) throw at(node, `name '${name}' is used prior to ${how} declaration`);
    if (use.declared && use.declared !== how) throw at(node, `name '${name}' is nonlocal and global`);
    use.declared = how;
    if (how === 'nonlocal') this.#nonlocals.push({ scope: this.#scope, name, node });
  }

  /** The first iterable belongs to the enclosing block; the rest is a function of its own. */
  #comprehension(node: Comprehension | DictComp): void {
    const [first, ...others] = node.generators;
    this.#inIterable += 1;
    this.visit(first!.iter);
    this.#inIterable -= 1;
    this.#within(node, () => {
      this.#target(first!.target);
      this.visitAll(first!.ifs);
      for (const generator of others) {
        this.#target(generator.target);
        this.#inIterable += 1;
        this.visit(generator.iter);
        this.#inIterable -= 1;
        this.visitAll(generator.ifs);
      }
      if (node.kind === 'DictComp') {
        this.visit(node.key);
        this.visit(node.value);
      } else this.visit(node.elt);
    });
  }

  /** An assignment expression inside comprehensions binds in the block around them. */
  #named(name: string, node: Node): void {
    if (this.#inIterable > 0)
      throw at(node, 'assignment expression cannot be used in a comprehension iterable expression');
    let scope = this.#scope;
    while (scope.isComprehension) {
      if (scope.names.get(name)?.iteration) {
        throw at(node, `assignment expression cannot rebind comprehension iteration variable '${name}'`);
      }
      scope.use(name).walrus = true;
      scope = scope.parent!;
    }
    if (scope !== this.#scope && scope.node.kind === 'ClassDef') {
      throw at(node, 'assignment expression within a comprehension cannot be used in a class body');
    }
    scope.use(name).bound = true;
    if (scope !== this.#scope) this.#scope.use(name).used = true;
  }

  checkNonlocals(): void {
    for (const { scope, name, node } of this.#nonlocals) {
      if (!scope.resolve(name).parent) throw at(node, `no binding for nonlocal '${name}' found`);
    }
  }
}

/** All parameters of a function, in the order of the call. */
export function parametersOf(args: Arguments): readonly Arguments['args'][number][] {
  return [
    ...args.posonlyargs,
    ...args.args,
    ...(args.vararg ? [args.vararg] : []),
    ...args.kwonlyargs,
    ...(args.kwarg ? [args.kwarg] : []),
  ];
}

const at = (node: Node, message: string): SyntaxFault => new SyntaxFault(message, node.start, node.end);
