/**
 * What CPython's compiler refuses after parsing: statements outside the block they need, misplaced stars, repeated keywords,
 * patterns that make others unreachable. A text that fails here is no Python program, so that no question about it has an answer.
 */
import { children, type Expression, type Module, type Node, type Pattern, type Statement } from './ast.ts';
import { SyntaxFault } from './syntax-fault.ts';

interface Block {
  readonly kind: 'module' | 'class' | 'function' | 'async' | 'lambda' | 'comprehension';
  /** The comprehension's own kind, or whether an async function yields. */
  readonly generator: boolean;
  readonly inLoop: boolean;
  readonly inExceptStar: boolean;
  readonly futureAnnotations: boolean;
}

const features = new Set([
  'nested_scopes',
  'generators',
  'division',
  'absolute_import',
  'with_statement',
  'print_function',
  'unicode_literals',
  'generator_stop',
  'annotations',
]);
/** CPython's limit on loops, try and with statements inside one another. */
const blockLimit = 20;

/** throws SyntaxFault. requires: the height of the tree is within `nestingLimit`. */
export function checkStatically(module: Module): void {
  const futureAnnotations = checkFutureImports(module);
  const checker = new Checker();
  checker.statements(module.body, {
    kind: 'module',
    generator: false,
    inLoop: false,
    inExceptStar: false,
    futureAnnotations,
  });
}

/** `from __future__` stands first, after the docstring. Returns whether annotations are not evaluated. */
function checkFutureImports(module: Module): boolean {
  let early = true;
  let annotations = false;
  for (const [index, statement] of module.body.entries()) {
    const isFuture = statement.kind === 'ImportFrom' && statement.module === '__future__' && statement.level === 0;
    if (!isFuture) {
      const docstring = index === 0 && statement.kind === 'Expr' && isText(statement.value);
      if (!docstring) early = false;
      continue;
    }
    if (!early) throw at(statement, 'from __future__ imports must occur at the beginning of the file');
    for (const { name } of statement.names) {
      if (name === 'annotations') annotations = true;
      if (name === 'barry_as_FLUFL') {
        throw new SyntaxFault('the feature barry_as_FLUFL is not supported', statement.start, statement.end, {
          severity: 'unsupported',
        });
      }
      if (!features.has(name)) throw at(statement, `future feature ${name} is not defined`);
    }
  }
  return annotations;
}

const isText = (node: Expression): boolean => node.kind === 'Constant' && node.value.type === 'str';

class Checker {
  #blocks = 0;

  statements(body: readonly Statement[], block: Block): void {
    for (const statement of body) this.#statement(statement, block);
  }

  #nested(body: readonly Statement[], block: Block, node: Node): void {
    this.#blocks += 1;
    if (this.#blocks > blockLimit) throw at(node, 'too many statically nested blocks');
    this.statements(body, block);
    this.#blocks -= 1;
  }

  #statement(node: Statement, block: Block): void {
    switch (node.kind) {
      case 'FunctionDef':
      case 'AsyncFunctionDef': {
        notDebug(node.name, node);
        this.#expressions([...node.decorator_list, ...node.args.defaults, ...node.args.kw_defaults], block);
        for (const child of children(node.args)) {
          if (child.kind !== 'arg') continue;
          notDebug(child.arg, child);
          if (!child.annotation) continue;
          if (child === node.args.vararg && child.annotation.kind === 'Starred') {
            this.#annotation(child.annotation.value, block);
          } else this.#annotation(child.annotation, block);
        }
        if (node.returns) this.#annotation(node.returns, block);
        const kind = node.kind === 'FunctionDef' ? 'function' : 'async';
        const generator = kind === 'async' && yields(node.body);
        this.#function(() =>
          this.statements(node.body, { ...block, kind, generator, inLoop: false, inExceptStar: false }),
        );
        return;
      }
      case 'ClassDef':
        notDebug(node.name, node);
        this.#expressions(node.decorator_list, block);
        this.#arguments(node.bases, node.keywords, block);
        this.#function(() =>
          this.statements(node.body, { ...block, kind: 'class', generator: false, inLoop: false, inExceptStar: false }),
        );
        return;
      case 'Return':
        if (block.kind !== 'function' && block.kind !== 'async') throw at(node, "'return' outside function");
        if (node.value && block.generator) throw at(node, "'return' with value in async generator");
        if (block.inExceptStar) throw exceptStar(node);
        this.#expressions([node.value], block);
        return;
      case 'Break':
      case 'Continue':
        if (block.inExceptStar && !block.inLoop) throw exceptStar(node);
        if (!block.inLoop) {
          throw at(node, node.kind === 'Break' ? "'break' outside loop" : "'continue' not properly in loop");
        }
        return;
      case 'For':
      case 'AsyncFor':
        if (node.kind === 'AsyncFor' && block.kind !== 'async') throw at(node, "'async for' outside async function");
        this.#target(node.target, block);
        this.#expressions([node.iter], block);
        this.#nested(node.body, { ...block, inLoop: true }, node);
        this.statements(node.orelse, block);
        return;
      case 'While':
        this.#expressions([node.test], block);
        this.#nested(node.body, { ...block, inLoop: true }, node);
        this.statements(node.orelse, block);
        return;
      case 'With':
      case 'AsyncWith':
        if (node.kind === 'AsyncWith' && block.kind !== 'async') throw at(node, "'async with' outside async function");
        for (const item of node.items) {
          this.#expressions([item.context_expr], block);
          if (item.optional_vars) this.#target(item.optional_vars, block);
        }
        this.#blocks += node.items.length - 1;
        this.#nested(node.body, block, node);
        this.#blocks -= node.items.length - 1;
        return;
      case 'Try':
      case 'TryStar':
        this.#try(node, block);
        return;
      case 'Match':
        this.#expressions([node.subject], block);
        for (const [index, arm] of node.cases.entries()) {
          bindings(arm.pattern, index === node.cases.length - 1 || arm.guard !== null);
          this.#expressions([...patternExpressions(arm.pattern), arm.guard], block);
          this.statements(arm.body, block);
        }
        return;
      case 'Assign':
        for (const target of node.targets) this.#target(target, block);
        this.#expressions([node.value], block);
        return;
      case 'AugAssign':
        this.#target(node.target, block);
        this.#expressions([node.value], block);
        return;
      case 'AnnAssign':
        this.#target(node.target, block);
        this.#annotation(node.annotation, block);
        this.#expressions([node.value], block);
        return;
      case 'Delete':
        for (const target of node.targets) this.#target(target, block);
        return;
      case 'Import':
      case 'ImportFrom':
        for (const alias of node.names) notDebug(alias.asname ?? alias.name, alias);
        return;
      default:
        for (const child of children(node)) {
          if (isStatement(child)) this.#statement(child, block);
          else this.#expressions([child as Expression], block);
        }
    }
  }

  /** Loops and try statements of an outer function do not count inside. */
  #function(visit: () => void): void {
    const blocks = this.#blocks;
    this.#blocks = 0;
    visit();
    this.#blocks = blocks;
  }

  #try(node: Statement & { kind: 'Try' | 'TryStar' }, block: Block): void {
    if (node.finalbody.length > 0) this.#blocks += 1;
    if (node.handlers.length > 0) this.#nested(node.body, block, node);
    else this.statements(node.body, block);
    for (const [index, handler] of node.handlers.entries()) {
      if (!handler.type && index < node.handlers.length - 1) throw at(handler, "default 'except:' must be last");
      this.#expressions([handler.type], block);
      if (handler.name !== null) notDebug(handler.name, handler);
      const inside = node.kind === 'TryStar' ? { ...block, inExceptStar: true, inLoop: false } : block;
      this.#nested(handler.body, inside, handler);
    }
    this.statements(node.orelse, block);
    if (node.finalbody.length > 0) this.#blocks -= 1;
    this.#nested(node.finalbody, block, node);
  }

  #target(node: Expression, block: Block): void {
    if (node.kind === 'Starred') throw at(node, 'starred assignment target must be in a list or tuple');
    this.#targetInside(node, block);
  }

  #targetInside(node: Expression, block: Block): void {
    switch (node.kind) {
      case 'Name':
        notDebug(node.id, node);
        return;
      case 'Tuple':
      case 'List': {
        const stars = node.elts.filter((e) => e.kind === 'Starred');
        if (stars.length > 1) throw at(node, 'multiple starred expressions in assignment');
        for (const elt of node.elts) this.#targetInside(elt.kind === 'Starred' ? elt.value : elt, block);
        return;
      }
      case 'Attribute':
        notDebug(node.attr, node);
        this.#expressions([node.value], block);
        return;
      default:
        this.#expressions([node], block);
    }
  }

  #annotation(node: Expression, block: Block): void {
    if (!block.futureAnnotations) {
      this.#expressions([node], block);
      return;
    }
    const found = firstOf(node, ['Yield', 'YieldFrom', 'Await', 'NamedExpr']);
    if (found) throw at(found, 'this expression cannot be used within an annotation');
  }

  #arguments(args: readonly Expression[], keywords: readonly (Node & { kind: 'keyword' })[], block: Block): void {
    this.#expressions(
      args.map((a) => (a.kind === 'Starred' ? a.value : a)),
      block,
    );
    const names = new Set<string>();
    for (const { arg, value, ...place } of keywords) {
      if (arg !== null) {
        notDebug(arg, { ...place, arg, value } as Node);
        if (names.has(arg)) throw at(place, `keyword argument repeated: ${arg}`);
        names.add(arg);
      }
      this.#expressions([value], block);
    }
  }

  #expressions(nodes: readonly (Expression | null)[], block: Block): void {
    for (const node of nodes) if (node) this.#expression(node, block);
  }

  #expression(node: Expression, block: Block): void {
    switch (node.kind) {
      case 'Starred':
        throw at(node, "can't use starred expression here");
      case 'List':
      case 'Tuple':
      case 'Set':
        this.#expressions(
          node.elts.map((e) => (e.kind === 'Starred' ? e.value : e)),
          block,
        );
        return;
      case 'Call':
        this.#expressions([node.func], block);
        this.#arguments(node.args, node.keywords, block);
        return;
      case 'NamedExpr':
        notDebug(node.target.id, node);
        this.#expressions([node.value], block);
        return;
      case 'Lambda':
        this.#expressions([...node.args.defaults, ...node.args.kw_defaults], block);
        for (const child of children(node.args)) if (child.kind === 'arg') notDebug(child.arg, child);
        this.#expression(node.body, { ...block, kind: 'lambda', generator: false });
        return;
      case 'Yield':
      case 'YieldFrom':
        if (block.kind === 'module' || block.kind === 'class') throw at(node, "'yield' outside function");
        if (block.kind === 'comprehension') throw at(node, "'yield' inside comprehension");
        if (node.kind === 'YieldFrom' && block.kind === 'async') throw at(node, "'yield from' inside async function");
        break;
      case 'Await':
        if (block.kind !== 'async' && !(block.kind === 'comprehension' && block.generator)) {
          throw at(node, "'await' outside async function");
        }
        break;
      case 'ListComp':
      case 'SetComp':
      case 'DictComp':
      case 'GeneratorExp':
        this.#comprehension(node, block);
        return;
      default:
    }
    for (const child of children(node)) this.#expression(child as Expression, block);
  }

  #comprehension(node: Expression & { generators: readonly (Node & { kind: 'comprehension' })[] }, block: Block): void {
    const isGenerator = node.kind === 'GeneratorExp';
    const asyncAround = block.kind === 'async' || (block.kind === 'comprehension' && block.generator);
    const inside: Block = { ...block, kind: 'comprehension', generator: asyncAround || isGenerator };
    for (const [index, generator] of node.generators.entries()) {
      if (generator.is_async && !asyncAround && !isGenerator) {
        throw at(generator, 'asynchronous comprehension outside of an asynchronous function');
      }
      this.#expression(generator.iter, index === 0 ? block : inside);
      this.#target(generator.target, inside);
      this.#expressions(generator.ifs, inside);
    }
    if (node.kind === 'DictComp') this.#expressions([node.key, node.value], inside);
    else if (node.kind !== 'Lambda') this.#expressions([(node as { elt: Expression }).elt], inside);
  }
}

const isStatement = (node: Node): node is Statement =>
  /^(?:FunctionDef|AsyncFunctionDef|ClassDef|Return|Delete|Assign|AugAssign|AnnAssign|For|AsyncFor|While|If|With|AsyncWith|Match|Raise|Try|TryStar|Assert|Import|ImportFrom|Global|Nonlocal|Expr|Pass|Break|Continue)$/.test(
    node.kind,
  );

/** Does a function body yield, outside functions of its own? */
function yields(body: readonly Statement[]): boolean {
  const stack: Node[] = [...body];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (node.kind === 'Yield' || node.kind === 'YieldFrom') return true;
    if (node.kind === 'FunctionDef' || node.kind === 'AsyncFunctionDef' || node.kind === 'Lambda') continue;
    if (node.kind !== 'ClassDef') stack.push(...children(node));
  }
  return false;
}

function firstOf(root: Node, kinds: readonly string[]): Node | undefined {
  const stack: Node[] = [root];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (kinds.includes(node.kind)) return node;
    stack.push(...children(node));
  }
  return undefined;
}

function patternExpressions(pattern: Pattern): Expression[] {
  const found: Expression[] = [];
  const stack: Node[] = [pattern];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (node.kind === 'MatchValue') found.push(node.value);
    else if (node.kind === 'MatchClass') {
      found.push(node.cls);
      stack.push(...node.patterns, ...node.kwd_patterns);
    } else if (node.kind === 'MatchMapping') {
      found.push(...node.keys);
      stack.push(...node.patterns);
    } else stack.push(...children(node));
  }
  return found;
}

/**
 * The names that a pattern binds, each once. `last`: a pattern that matches anything may stand here, since no other case or
 * alternative follows.
 */
function bindings(pattern: Pattern, last: boolean): Set<string> {
  const names = new Set<string>();
  const add = (name: string | null): void => {
    if (name === null) return;
    notDebug(name, pattern);
    if (names.has(name)) throw at(pattern, `multiple assignments to name '${name}' in pattern`);
    names.add(name);
  };
  const include = (inner: Pattern): void => bindings(inner, true).forEach(add);
  switch (pattern.kind) {
    case 'MatchValue':
      notFormatted(pattern.value);
      break;
    case 'MatchSingleton':
      break;
    case 'MatchSequence':
      if (pattern.patterns.filter((p) => p.kind === 'MatchStar').length > 1) {
        throw at(pattern, 'multiple starred expressions in sequence pattern');
      }
      pattern.patterns.forEach(include);
      break;
    case 'MatchOr': {
      const end = pattern.patterns.length - 1;
      const [first, ...others] = pattern.patterns.map((p, i) => bindings(p, i === end && last));
      for (const other of others) {
        if (other.size !== first!.size || [...other].some((name) => !first!.has(name))) {
          throw at(pattern, 'alternative patterns bind different names');
        }
      }
      first!.forEach(add);
      break;
    }
    case 'MatchMapping': {
      const keys = new Set<string>();
      for (const key of pattern.keys) {
        notFormatted(key);
        const text = literalKey(key);
        if (text === undefined) continue;
        if (keys.has(text)) throw at(key, 'mapping pattern checks duplicate key');
        keys.add(text);
      }
      pattern.patterns.forEach(include);
      add(pattern.rest);
      break;
    }
    case 'MatchClass': {
      const repeated = pattern.kwd_attrs.find((attr, i) => pattern.kwd_attrs.indexOf(attr) < i);
      if (repeated !== undefined) throw at(pattern, `attribute name repeated in class pattern: ${repeated}`);
      pattern.patterns.forEach(include);
      pattern.kwd_patterns.forEach(include);
      break;
    }
    case 'MatchStar':
      add(pattern.name);
      break;
    case 'MatchAs':
      if (pattern.pattern) bindings(pattern.pattern, last).forEach(add);
      else if (!last) throw at(pattern, 'this pattern makes remaining patterns unreachable');
      add(pattern.name);
      break;
  }
  return names;
}

/** Equal for literals that are equal as dictionary keys: 1, 1.0 and True are one key. Undefined for `a.b`. */
function literalKey(key: Expression): string | undefined {
  const number = numberOf(key);
  if (number) return `number ${number.real === 0 ? 0 : number.real} ${number.imaginary === 0 ? 0 : number.imaginary}`;
  if (key.kind !== 'Constant') return undefined;
  const { value } = key;
  return value.type === 'str' || value.type === 'bytes' ? `${value.type} ${value.value.toString()}` : value.type;
}

interface ComplexNumber {
  readonly real: number | bigint;
  readonly imaginary: number;
}

/** The value of a number as patterns write it: `1`, `-1.5`, `1 + 2j`. */
function numberOf(node: Expression): ComplexNumber | undefined {
  if (node.kind === 'Constant') {
    const { value } = node;
    if (value.type === 'complex') return { real: 0, imaginary: value.imaginary };
    if (value.type === 'int' || value.type === 'float') return { real: exact(value.value), imaginary: 0 };
    return value.type === 'bool' ? { real: value.value ? 1 : 0, imaginary: 0 } : undefined;
  }
  if (node.kind === 'UnaryOp') {
    const operand = numberOf(node.operand);
    return operand && { real: exact(-operand.real), imaginary: -operand.imaginary };
  }
  if (node.kind !== 'BinOp') return undefined;
  const left = numberOf(node.left);
  const right = numberOf(node.right);
  if (!left || !right) return undefined;
  return { real: left.real, imaginary: node.op === 'Add' ? right.imaginary : -right.imaginary };
}

/** Integers that a double holds exactly as a number, so that 1 and 1.0 print alike. */
const exact = (value: number | bigint): number | bigint => {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  return Object.is(value, -0) ? 0 : value;
};

function notFormatted(literal: Expression): void {
  if (literal.kind === 'JoinedStr') throw at(literal, 'patterns may only match literals and attribute lookups');
}

function notDebug(name: string, node: Node): void {
  if (name === '__debug__') throw at(node, 'cannot assign to __debug__');
}

const exceptStar = (node: Node): SyntaxFault =>
  at(node, "'break', 'continue' and 'return' cannot appear in an except* block");

const at = (node: { readonly start: number; readonly end: number }, message: string): SyntaxFault =>
  new SyntaxFault(message, node.start, node.end);
