/**
 * The syntax tree of a Python module: the abstract grammar of the language reference ("ast — Abstract Syntax Trees",
 * Python 3.11's `Python.asdl`) with its own constructor and field names, so that a reader who knows Python's `ast` module
 * knows this one. Differences: there is no `ctx` (the place of a node says whether it is loaded, stored or deleted), no
 * `type_comment` and no `kind` of string constants; every node has a place, also those that CPython leaves without one.
 *
 * `start` and `end` are UTF-16 offsets into the source, end exclusive. As in CPython, the place of a parenthesised
 * expression is that of the inside, while tuples and generator expressions include their own parentheses.
 *
 * Beyond 500 lines because it is a list: one entry for each constructor of the grammar.
 */
export interface Place {
  readonly start: number;
  readonly end: number;
}

export interface Module extends Place {
  readonly kind: 'Module';
  readonly body: readonly Statement[];
}

// ---- statements

export interface FunctionDef extends Place {
  readonly kind: 'FunctionDef' | 'AsyncFunctionDef';
  readonly name: string;
  readonly args: Arguments;
  readonly body: readonly Statement[];
  readonly decorator_list: readonly Expression[];
  readonly returns: Expression | null;
}

export interface ClassDef extends Place {
  readonly kind: 'ClassDef';
  readonly name: string;
  readonly bases: readonly Expression[];
  readonly keywords: readonly Keyword[];
  readonly body: readonly Statement[];
  readonly decorator_list: readonly Expression[];
}

export interface Return extends Place {
  readonly kind: 'Return';
  readonly value: Expression | null;
}

export interface Delete extends Place {
  readonly kind: 'Delete';
  readonly targets: readonly Expression[];
}

export interface Assign extends Place {
  readonly kind: 'Assign';
  readonly targets: readonly Expression[];
  readonly value: Expression;
}

export interface AugAssign extends Place {
  readonly kind: 'AugAssign';
  readonly target: Expression;
  readonly op: BinaryOperator;
  readonly value: Expression;
}

/** `simple` is true for a bare name, which then is local to its function even without a value. */
export interface AnnAssign extends Place {
  readonly kind: 'AnnAssign';
  readonly target: Expression;
  readonly annotation: Expression;
  readonly value: Expression | null;
  readonly simple: boolean;
}

export interface For extends Place {
  readonly kind: 'For' | 'AsyncFor';
  readonly target: Expression;
  readonly iter: Expression;
  readonly body: readonly Statement[];
  readonly orelse: readonly Statement[];
}

export interface While extends Place {
  readonly kind: 'While';
  readonly test: Expression;
  readonly body: readonly Statement[];
  readonly orelse: readonly Statement[];
}

export interface If extends Place {
  readonly kind: 'If';
  readonly test: Expression;
  readonly body: readonly Statement[];
  readonly orelse: readonly Statement[];
}

export interface With extends Place {
  readonly kind: 'With' | 'AsyncWith';
  readonly items: readonly WithItem[];
  readonly body: readonly Statement[];
}

export interface Match extends Place {
  readonly kind: 'Match';
  readonly subject: Expression;
  readonly cases: readonly MatchCase[];
}

export interface Raise extends Place {
  readonly kind: 'Raise';
  readonly exc: Expression | null;
  readonly cause: Expression | null;
}

export interface Try extends Place {
  readonly kind: 'Try' | 'TryStar';
  readonly body: readonly Statement[];
  readonly handlers: readonly ExceptHandler[];
  readonly orelse: readonly Statement[];
  readonly finalbody: readonly Statement[];
}

export interface Assert extends Place {
  readonly kind: 'Assert';
  readonly test: Expression;
  readonly msg: Expression | null;
}

export interface Import extends Place {
  readonly kind: 'Import';
  readonly names: readonly Alias[];
}

export interface ImportFrom extends Place {
  readonly kind: 'ImportFrom';
  readonly module: string | null;
  readonly names: readonly Alias[];
  readonly level: number;
}

export interface NameDeclaration extends Place {
  readonly kind: 'Global' | 'Nonlocal';
  readonly names: readonly string[];
}

export interface ExpressionStatement extends Place {
  readonly kind: 'Expr';
  readonly value: Expression;
}

export interface SimpleStatement extends Place {
  readonly kind: 'Pass' | 'Break' | 'Continue';
}

export type Statement =
  | FunctionDef
  | ClassDef
  | Return
  | Delete
  | Assign
  | AugAssign
  | AnnAssign
  | For
  | While
  | If
  | With
  | Match
  | Raise
  | Try
  | Assert
  | Import
  | ImportFrom
  | NameDeclaration
  | ExpressionStatement
  | SimpleStatement;

// ---- expressions

export type BinaryOperator =
  | 'Add'
  | 'Sub'
  | 'Mult'
  | 'MatMult'
  | 'Div'
  | 'Mod'
  | 'Pow'
  | 'LShift'
  | 'RShift'
  | 'BitOr'
  | 'BitXor'
  | 'BitAnd'
  | 'FloorDiv';

export type UnaryOperator = 'Invert' | 'Not' | 'UAdd' | 'USub';

export type ComparisonOperator = 'Eq' | 'NotEq' | 'Lt' | 'LtE' | 'Gt' | 'GtE' | 'Is' | 'IsNot' | 'In' | 'NotIn';

export interface BoolOp extends Place {
  readonly kind: 'BoolOp';
  readonly op: 'And' | 'Or';
  readonly values: readonly Expression[];
}

export interface NamedExpr extends Place {
  readonly kind: 'NamedExpr';
  readonly target: Name;
  readonly value: Expression;
}

export interface BinOp extends Place {
  readonly kind: 'BinOp';
  readonly left: Expression;
  readonly op: BinaryOperator;
  readonly right: Expression;
}

export interface UnaryOp extends Place {
  readonly kind: 'UnaryOp';
  readonly op: UnaryOperator;
  readonly operand: Expression;
}

export interface Lambda extends Place {
  readonly kind: 'Lambda';
  readonly args: Arguments;
  readonly body: Expression;
}

export interface IfExp extends Place {
  readonly kind: 'IfExp';
  readonly test: Expression;
  readonly body: Expression;
  readonly orelse: Expression;
}

/** A key of null stands for `**value`. */
export interface Dict extends Place {
  readonly kind: 'Dict';
  readonly keys: readonly (Expression | null)[];
  readonly values: readonly Expression[];
}

export interface Sequence extends Place {
  readonly kind: 'Set' | 'List' | 'Tuple';
  readonly elts: readonly Expression[];
}

export interface Comprehension extends Place {
  readonly kind: 'ListComp' | 'SetComp' | 'GeneratorExp';
  readonly elt: Expression;
  readonly generators: readonly Generator[];
}

export interface DictComp extends Place {
  readonly kind: 'DictComp';
  readonly key: Expression;
  readonly value: Expression;
  readonly generators: readonly Generator[];
}

export interface Await extends Place {
  readonly kind: 'Await' | 'YieldFrom';
  readonly value: Expression;
}

export interface Yield extends Place {
  readonly kind: 'Yield';
  readonly value: Expression | null;
}

/** `left ops[0] comparators[0] ops[1] comparators[1] …` */
export interface Compare extends Place {
  readonly kind: 'Compare';
  readonly left: Expression;
  readonly ops: readonly ComparisonOperator[];
  readonly comparators: readonly Expression[];
}

export interface Call extends Place {
  readonly kind: 'Call';
  readonly func: Expression;
  readonly args: readonly Expression[];
  readonly keywords: readonly Keyword[];
}

export interface FormattedValue extends Place {
  readonly kind: 'FormattedValue';
  readonly value: Expression;
  readonly conversion: '' | 'a' | 'r' | 's';
  readonly format_spec: JoinedStr | null;
}

export interface JoinedStr extends Place {
  readonly kind: 'JoinedStr';
  readonly values: readonly Expression[];
}

/**
 * The value of a literal. A `str` is a sequence of code points; a JavaScript string holds it as UTF-16, where an escaped
 * surrogate pair would turn into one character, and `\\N{name}` would need Unicode's table of names: `exact` is false for a
 * literal with such an escape, whose `value` then is not the true one and must not be used.
 */
export type ConstantValue =
  | { readonly type: 'None' | 'Ellipsis' }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'int'; readonly value: bigint }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'complex'; readonly imaginary: number }
  | { readonly type: 'str'; readonly value: string; readonly exact: boolean }
  | { readonly type: 'bytes'; readonly value: Uint8Array };

export interface Constant extends Place {
  readonly kind: 'Constant';
  readonly value: ConstantValue;
}

export interface Attribute extends Place {
  readonly kind: 'Attribute';
  readonly value: Expression;
  readonly attr: string;
}

export interface Subscript extends Place {
  readonly kind: 'Subscript';
  readonly value: Expression;
  readonly slice: Expression;
}

export interface Starred extends Place {
  readonly kind: 'Starred';
  readonly value: Expression;
}

export interface Name extends Place {
  readonly kind: 'Name';
  readonly id: string;
}

/** Only inside the brackets of a Subscript. */
export interface Slice extends Place {
  readonly kind: 'Slice';
  readonly lower: Expression | null;
  readonly upper: Expression | null;
  readonly step: Expression | null;
}

export type Expression =
  | BoolOp
  | NamedExpr
  | BinOp
  | UnaryOp
  | Lambda
  | IfExp
  | Dict
  | Sequence
  | Comprehension
  | DictComp
  | Await
  | Yield
  | Compare
  | Call
  | FormattedValue
  | JoinedStr
  | Constant
  | Attribute
  | Subscript
  | Starred
  | Name
  | Slice;

// ---- parts of statements and expressions

/** `for target in iter if ifs[0] if ifs[1] …` inside a comprehension (`comprehension` in the ASDL). */
export interface Generator extends Place {
  readonly kind: 'comprehension';
  readonly target: Expression;
  readonly iter: Expression;
  readonly ifs: readonly Expression[];
  readonly is_async: boolean;
}

export interface ExceptHandler extends Place {
  readonly kind: 'ExceptHandler';
  readonly type: Expression | null;
  readonly name: string | null;
  readonly body: readonly Statement[];
}

/** `defaults` belong to the last of `posonlyargs` and `args`; `kw_defaults[i]` (null: none) to `kwonlyargs[i]`. */
export interface Arguments extends Place {
  readonly kind: 'arguments';
  readonly posonlyargs: readonly Parameter[];
  readonly args: readonly Parameter[];
  readonly vararg: Parameter | null;
  readonly kwonlyargs: readonly Parameter[];
  readonly kw_defaults: readonly (Expression | null)[];
  readonly kwarg: Parameter | null;
  readonly defaults: readonly Expression[];
}

export interface Parameter extends Place {
  readonly kind: 'arg';
  readonly arg: string;
  readonly annotation: Expression | null;
}

/** A keyword argument of a call or class; `arg` of null stands for `**value`. */
export interface Keyword extends Place {
  readonly kind: 'keyword';
  readonly arg: string | null;
  readonly value: Expression;
}

export interface Alias extends Place {
  readonly kind: 'alias';
  readonly name: string;
  readonly asname: string | null;
}

export interface WithItem extends Place {
  readonly kind: 'withitem';
  readonly context_expr: Expression;
  readonly optional_vars: Expression | null;
}

export interface MatchCase extends Place {
  readonly kind: 'match_case';
  readonly pattern: Pattern;
  readonly guard: Expression | null;
  readonly body: readonly Statement[];
}

export interface MatchValue extends Place {
  readonly kind: 'MatchValue';
  readonly value: Expression;
}

/** None, True or False, compared by identity. */
export interface MatchSingleton extends Place {
  readonly kind: 'MatchSingleton';
  readonly value: ConstantValue;
}

export interface MatchSequence extends Place {
  readonly kind: 'MatchSequence' | 'MatchOr';
  readonly patterns: readonly Pattern[];
}

export interface MatchMapping extends Place {
  readonly kind: 'MatchMapping';
  readonly keys: readonly Expression[];
  readonly patterns: readonly Pattern[];
  readonly rest: string | null;
}

export interface MatchClass extends Place {
  readonly kind: 'MatchClass';
  readonly cls: Expression;
  readonly patterns: readonly Pattern[];
  readonly kwd_attrs: readonly string[];
  readonly kwd_patterns: readonly Pattern[];
}

export interface MatchStar extends Place {
  readonly kind: 'MatchStar';
  readonly name: string | null;
}

/** `pattern as name`; a capture has no pattern; the wildcard has neither. */
export interface MatchAs extends Place {
  readonly kind: 'MatchAs';
  readonly pattern: Pattern | null;
  readonly name: string | null;
}

export type Pattern = MatchValue | MatchSingleton | MatchSequence | MatchMapping | MatchClass | MatchStar | MatchAs;

export type Node =
  | Module
  | Statement
  | Expression
  | Pattern
  | Generator
  | ExceptHandler
  | Arguments
  | Parameter
  | Keyword
  | Alias
  | WithItem
  | MatchCase;

/** The nodes directly below a node, in the order of its fields. */
export function children(node: Node): Node[] {
  const found: Node[] = [];
  for (const field of Object.values(node) as unknown[]) {
    if (Array.isArray(field)) {
      for (const item of field) if (isNode(item)) found.push(item);
    } else if (isNode(field)) found.push(field);
  }
  return found;
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'kind' in value;

/** The height of the tree: 1 for a leaf. Walks with its own stack. */
export function height(root: Node): number {
  let highest = 0;
  const stack: { node: Node; depth: number }[] = [{ node: root, depth: 1 }];
  for (let top = stack.pop(); top; top = stack.pop()) {
    if (top.depth > highest) highest = top.depth;
    for (const child of children(top.node)) stack.push({ node: child, depth: top.depth + 1 });
  }
  return highest;
}
