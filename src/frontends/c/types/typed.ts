import type { Diagnostic } from '../../../base/diagnostic.ts';
import type { Model } from '../library/index.ts';
import type { Range } from '../preprocessor/source-file.ts';
import type { BasicTypes } from './basic-types.ts';
import type { CType, Field, FunctionType, IntegerType, RecordInfo } from './ctype.ts';

/**
 * The typed tree: names are resolved, every expression has its type, and every conversion that C makes silently stands there
 * as a node. An *lvalue* node denotes an object; `load` turns it into its value, `address` into its address.
 */

export interface Variable {
  readonly kind: 'variable';
  readonly id: number;
  readonly name: string;
  type: CType;
  readonly storage: 'global' | 'static' | 'local' | 'parameter';
  /** Declared `extern` and never defined in this file. */
  external: boolean;
  readonly range: Range;
  initializer: InitializerPlan | undefined;
  /** `&x`, or an array used as a pointer. */
  addressTaken: boolean;
  /** Each thread has its own. */
  threadLocal?: boolean;
  readonly internal?: boolean;
  /** Its initialiser is not modelled: whatever uses the variable is refused for this reason. */
  refused?: Diagnostic;
}

export interface FunctionSymbol {
  readonly kind: 'function';
  readonly name: string;
  type: FunctionType;
  noreturn: boolean;
  /** Only declared in one of our own headers: the C library's function of that name. */
  library: boolean;
  /** Has the name of a function of the C library, and cannot be that one: the program declares other parameters. */
  namesake?: boolean;
  /** Known in its own file only: `static`, or an inline definition. */
  readonly internal?: boolean;
  readonly range: Range;
  body: FunctionBody | undefined;
}

export interface FunctionBody {
  readonly parameters: readonly Variable[];
  readonly statement: TypedStatement;
  readonly range: Range;
}

export type ArithmeticOperator = '*' | '/' | '%' | '+' | '-' | '&' | '^' | '|' | '<<' | '>>';
export type Comparison = '<' | '>' | '<=' | '>=' | '==' | '!=';

interface Base {
  readonly type: CType;
  readonly range: Range;
}

export type Typed = Base &
  (
    | { readonly kind: 'integer'; readonly value: bigint }
    /** `inexact`: what was written lies between doubles; that matters for `long double`. */
    | { readonly kind: 'floating'; readonly value: number; readonly imaginary?: boolean; readonly inexact?: boolean }
    // lvalues
    | { readonly kind: 'variable'; readonly variable: Variable }
    | { readonly kind: 'string'; readonly units: readonly number[] }
    | { readonly kind: 'dereference'; readonly pointer: Typed }
    /** Of an lvalue, or of a record value (then it is no lvalue itself). */
    | { readonly kind: 'member'; readonly object: Typed; readonly field: Field }
    | { readonly kind: 'compound-literal'; readonly variable: Variable; readonly initializer: InitializerPlan }
    | { readonly kind: 'function'; readonly symbol: FunctionSymbol }
    // values
    | { readonly kind: 'load'; readonly lvalue: Typed }
    /** Also what an array or a function turns into by itself. */
    | { readonly kind: 'address'; readonly lvalue: Typed }
    | { readonly kind: 'convert'; readonly operand: Typed; readonly explicit: boolean }
    | { readonly kind: 'negate' | 'complement'; readonly operand: Typed }
    /** Of an lvalue, an lvalue. */
    | { readonly kind: 'real' | 'imaginary'; readonly operand: Typed }
    /** Result int; the operand is any scalar. */
    | { readonly kind: 'not'; readonly operand: Typed }
    | { readonly kind: 'arithmetic'; readonly op: ArithmeticOperator; readonly left: Typed; readonly right: Typed }
    | { readonly kind: 'compare'; readonly op: Comparison; readonly left: Typed; readonly right: Typed }
    | { readonly kind: 'pointer-add'; readonly pointer: Typed; readonly index: Typed; readonly subtract: boolean }
    | { readonly kind: 'pointer-difference'; readonly left: Typed; readonly right: Typed }
    | {
        readonly kind: 'logical';
        readonly op: '&&' | '||' | '==>' | '<==>' | '^^';
        readonly left: Typed;
        readonly right: Typed;
      }
    /** `consequent` is absent in `a ?: b`, whose value is a when that is not 0. */
    | {
        readonly kind: 'conditional';
        readonly condition: Typed;
        readonly consequent: Typed | undefined;
        readonly otherwise: Typed;
      }
    | { readonly kind: 'comma'; readonly left: Typed; readonly right: Typed }
    | { readonly kind: 'assign'; readonly target: Typed; readonly value: Typed }
    /** `target op= value`, computed in `computeType`; for pointers `+` and `-` only, and `value` is the index. */
    | {
        readonly kind: 'compound-assign';
        readonly op: ArithmeticOperator;
        readonly target: Typed;
        readonly value: Typed;
        readonly computeType: CType;
      }
    | { readonly kind: 'increment'; readonly target: Typed; readonly delta: 1 | -1; readonly postfix: boolean }
    | { readonly kind: 'call'; readonly callee: Typed; readonly args: readonly Typed[] }
    /** A compiler builtin that is no ordinary function. */
    | { readonly kind: 'builtin'; readonly name: string; readonly args: readonly Typed[] }
    | { readonly kind: 'statement-expression'; readonly body: TypedStatement; readonly value: Typed | undefined }
    | { readonly kind: 'va-arg'; readonly list: Typed }
    | { readonly kind: 'label-address'; readonly label: string }
  );

export type TypedOf<K extends Typed['kind']> = Extract<Typed, { readonly kind: K }>;

/** How an object is initialised: everything to zero first if `zero`, then these values in this order. */
export interface InitializerPlan {
  readonly zero: boolean;
  readonly entries: readonly InitializerEntry[];
  readonly range: Range;
}

export interface InitializerEntry {
  readonly path: readonly PathStep[];
  readonly type: CType;
  /** A scalar or record value of `type`; or a string for a character array. */
  readonly value: Typed;
}

export type PathStep =
  | { readonly kind: 'field'; readonly field: Field }
  | { readonly kind: 'element'; readonly index: number };

export interface LoopHint {
  readonly kind: 'loop-invariant' | 'loop-variant' | 'assert';
  readonly expression: Typed;
  /** `integers`: arithmetic of the annotation is over the integers and never overflows. */
  readonly meaning: 'acsl' | 'c';
  readonly range: Range;
}

export interface CaseLabel {
  readonly low: bigint;
  readonly high: bigint;
}

export type TypedStatement = { readonly range: Range } & (
  | { readonly kind: 'compound'; readonly items: readonly TypedStatement[] }
  | { readonly kind: 'declare'; readonly variable: Variable; readonly initializer: InitializerPlan | undefined }
  /** The size of a variable-length array, computed where it is declared. */
  | { readonly kind: 'vla-size'; readonly variable: Variable; readonly value: Typed }
  | { readonly kind: 'expression'; readonly expression: Typed }
  | {
      readonly kind: 'if';
      readonly condition: Typed;
      readonly consequent: TypedStatement;
      readonly otherwise: TypedStatement | undefined;
    }
  | {
      readonly kind: 'loop';
      readonly keyword: 'while' | 'do' | 'for';
      readonly start: TypedStatement | undefined;
      readonly condition: Typed | undefined;
      readonly step: Typed | undefined;
      readonly body: TypedStatement;
      readonly hints: readonly LoopHint[];
    }
  | { readonly kind: 'switch'; readonly value: Typed; readonly valueType: IntegerType; readonly body: TypedStatement }
  | { readonly kind: 'case'; readonly label: CaseLabel; readonly body: TypedStatement }
  | { readonly kind: 'default'; readonly body: TypedStatement }
  | { readonly kind: 'label'; readonly name: string; readonly body: TypedStatement }
  | { readonly kind: 'goto'; readonly label: string }
  | { readonly kind: 'computed-goto'; readonly target: Typed }
  | { readonly kind: 'break' }
  | { readonly kind: 'continue' }
  | { readonly kind: 'return'; readonly value: Typed | undefined }
  | { readonly kind: 'annotation'; readonly hint: LoopHint }
  | { readonly kind: 'empty' }
  /** Something that we do not model; harmless unless it is reached. */
  | { readonly kind: 'unsupported'; readonly diagnostic: Diagnostic }
);

export interface TypedUnit {
  readonly functions: ReadonlyMap<string, FunctionSymbol>;
  /** Globals and static locals, in order of definition. */
  readonly globals: readonly Variable[];
  /** The structures and unions whose tags have the scope of the file: `struct s`. */
  readonly records: ReadonlyMap<string, RecordInfo>;
  readonly warnings: readonly Diagnostic[];
  readonly types: BasicTypes;
  /** Texts of the functions that were made for calls with formats. */
  readonly models: ReadonlyMap<string, Exclude<Model, string>>;
}
