import type { Encoding, FloatingLiteral, IntegerLiteral } from '../preprocessor/literal.ts';
import type { Range } from '../preprocessor/source-file.ts';

/**
 * The syntax tree of C11 with the GNU extensions that occur in practice, before names and types are resolved. Every node has
 * the range of its text. Types are still syntax: specifiers and derivations.
 */

export interface Node {
  readonly range: Range;
}

// Expressions

export type UnaryOperator = '+' | '-' | '!' | '~' | '*' | '&' | '++' | '--' | '__real__' | '__imag__' | '__extension__';
export type BinaryOperator =
  | '*'
  | '/'
  | '%'
  | '+'
  | '-'
  | '<<'
  | '>>'
  | '<'
  | '>'
  | '<='
  | '>='
  | '=='
  | '!='
  | '&'
  | '^'
  | '|'
  | '&&'
  | '||'
  // only in annotations
  | '==>'
  | '<==>'
  | '^^';
export type AssignmentOperator = '=' | '*=' | '/=' | '%=' | '+=' | '-=' | '<<=' | '>>=' | '&=' | '^=' | '|=';

export type Expression = Node &
  (
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'number'; readonly literal: IntegerLiteral | FloatingLiteral }
    | { readonly kind: 'character'; readonly text: string }
    | { readonly kind: 'string'; readonly encoding: Encoding; readonly units: readonly number[] }
    | { readonly kind: 'truth'; readonly value: boolean }
    | { readonly kind: 'unary'; readonly op: UnaryOperator; readonly operand: Expression }
    | { readonly kind: 'postfix'; readonly op: '++' | '--'; readonly operand: Expression }
    | { readonly kind: 'binary'; readonly op: BinaryOperator; readonly left: Expression; readonly right: Expression }
    | {
        readonly kind: 'assign';
        readonly op: AssignmentOperator;
        readonly target: Expression;
        readonly value: Expression;
      }
    | {
        readonly kind: 'conditional';
        readonly condition: Expression;
        /** Absent in the GNU form `a ?: b`. */
        readonly consequent: Expression | undefined;
        readonly otherwise: Expression;
      }
    | { readonly kind: 'comma'; readonly left: Expression; readonly right: Expression }
    | { readonly kind: 'call'; readonly callee: Expression; readonly args: readonly Expression[] }
    | { readonly kind: 'member'; readonly object: Expression; readonly name: string; readonly arrow: boolean }
    | { readonly kind: 'index'; readonly array: Expression; readonly index: Expression }
    | { readonly kind: 'cast'; readonly type: TypeName; readonly operand: Expression }
    | { readonly kind: 'compound-literal'; readonly type: TypeName; readonly initializer: Initializer }
    | { readonly kind: 'sizeof'; readonly operand: Expression | TypeName; readonly alignment: boolean }
    | { readonly kind: 'statement-expression'; readonly body: CompoundStatement }
    | {
        readonly kind: 'generic';
        readonly control: Expression;
        readonly associations: readonly { readonly type: TypeName | undefined; readonly value: Expression }[];
      }
    | { readonly kind: 'offsetof'; readonly type: TypeName; readonly path: readonly Designator[] }
    | { readonly kind: 'va-arg'; readonly list: Expression; readonly type: TypeName }
    | { readonly kind: 'types-compatible'; readonly left: TypeName; readonly right: TypeName }
    | { readonly kind: 'label-address'; readonly label: string }
  );

// Types and declarations

export interface Qualifiers {
  readonly const: boolean;
  readonly volatile: boolean;
  readonly atomic: boolean;
}

export const noQualifiers: Qualifiers = { const: false, volatile: false, atomic: false };

export interface Attribute extends Node {
  readonly name: string;
  /** The first argument, where it matters: a size, or a machine mode's name. */
  readonly argument: Expression | undefined;
}

export type TypeSpecifier = Node &
  (
    | { readonly kind: 'builtin'; readonly words: readonly string[] }
    | { readonly kind: 'bit-int'; readonly unsigned: boolean; readonly width: Expression }
    | {
        readonly kind: 'record';
        readonly which: 'struct' | 'union';
        readonly tag: string | undefined;
        readonly members: readonly (MemberDeclaration | StaticAssertion)[] | undefined;
        readonly packBytes: number | undefined;
        readonly attributes: readonly Attribute[];
      }
    | {
        readonly kind: 'enum';
        readonly tag: string | undefined;
        readonly enumerators: readonly Enumerator[] | undefined;
        readonly attributes: readonly Attribute[];
      }
    | { readonly kind: 'typedef-name'; readonly name: string }
    | { readonly kind: 'typeof'; readonly operand: Expression | TypeName }
    | { readonly kind: 'atomic'; readonly type: TypeName }
    | { readonly kind: 'auto-type' }
    | { readonly kind: 'implicit-int' }
  );

export interface Enumerator extends Node {
  readonly name: string;
  readonly value: Expression | undefined;
}

export type Storage = 'typedef' | 'extern' | 'static' | 'auto' | 'register';

export interface Specifiers extends Node {
  readonly type: TypeSpecifier;
  readonly qualifiers: Qualifiers;
  readonly storage: Storage | undefined;
  readonly threadLocal: boolean;
  readonly inline: boolean;
  readonly noreturn: boolean;
  readonly alignments: readonly (Expression | TypeName)[];
  readonly attributes: readonly Attribute[];
}

/** What a declarator makes of the type behind it. */
export type Derivation =
  | { readonly kind: 'pointer'; readonly qualifiers: Qualifiers; readonly range: Range }
  | {
      readonly kind: 'array';
      readonly size: Expression | undefined;
      /** `[*]` in a prototype. */
      readonly star: boolean;
      readonly range: Range;
    }
  | {
      readonly kind: 'function';
      readonly parameters: readonly ParameterDeclaration[];
      readonly variadic: boolean;
      /** Names only, K&R style: types follow before the body. */
      readonly names: readonly { readonly name: string; readonly range: Range }[] | undefined;
      readonly range: Range;
    };

export interface Declarator extends Node {
  readonly name: string | undefined;
  /** From the name outwards: `int *a[3]` is array, then pointer. */
  readonly derivations: readonly Derivation[];
  readonly attributes: readonly Attribute[];
}

export interface TypeName extends Node {
  readonly kind: 'type-name';
  readonly specifiers: Specifiers;
  readonly declarator: Declarator;
}

export interface ParameterDeclaration extends Node {
  readonly specifiers: Specifiers;
  readonly declarator: Declarator;
}

export interface MemberDeclaration extends Node {
  readonly kind: 'members';
  readonly specifiers: Specifiers;
  readonly members: readonly {
    readonly declarator: Declarator;
    readonly bits: Expression | undefined;
    readonly range: Range;
  }[];
}

export interface StaticAssertion extends Node {
  readonly kind: 'static-assert';
  readonly condition: Expression;
  readonly message: string | undefined;
}

export type Designator = Node &
  (
    | { readonly kind: 'field'; readonly name: string }
    | { readonly kind: 'element'; readonly index: Expression; readonly last: Expression | undefined }
  );

export type Initializer =
  | { readonly kind: 'expression'; readonly expression: Expression; readonly range: Range }
  | {
      readonly kind: 'list';
      readonly items: readonly {
        readonly designators: readonly Designator[];
        readonly value: Initializer;
        readonly range: Range;
      }[];
      readonly range: Range;
    };

export interface Declaration extends Node {
  readonly kind: 'declaration';
  readonly specifiers: Specifiers;
  readonly declarators: readonly { readonly declarator: Declarator; readonly initializer: Initializer | undefined }[];
}

export interface FunctionDefinition extends Node {
  readonly kind: 'function';
  readonly specifiers: Specifiers;
  readonly declarator: Declarator;
  /** The declarations of a K&R definition. */
  readonly oldStyle: readonly Declaration[];
  readonly body: CompoundStatement;
}

// Statements

/** An ACSL annotation or a hint written as a call; the expression follows ACSL's meaning (mathematical integers). */
export interface Annotation extends Node {
  readonly kind: 'loop-invariant' | 'loop-variant' | 'assert';
  readonly expression: Expression;
  /** `acsl`: arithmetic over the integers; `c`: as C computes it (the hints written as calls). */
  readonly meaning: 'acsl' | 'c';
}

export interface CompoundStatement extends Node {
  readonly kind: 'compound';
  readonly items: readonly BlockItem[];
}

export type BlockItem = Statement | Declaration | FunctionDefinition | StaticAssertion;

export type Statement = Node &
  (
    | { readonly kind: 'compound'; readonly items: readonly BlockItem[] }
    | { readonly kind: 'expression'; readonly expression: Expression }
    | { readonly kind: 'empty' }
    | {
        readonly kind: 'if';
        readonly condition: Expression;
        readonly consequent: Statement;
        readonly otherwise: Statement | undefined;
      }
    | {
        readonly kind: 'while';
        readonly condition: Expression;
        readonly body: Statement;
        readonly hints: readonly Annotation[];
      }
    | {
        readonly kind: 'do';
        readonly body: Statement;
        readonly condition: Expression;
        readonly hints: readonly Annotation[];
      }
    | {
        readonly kind: 'for';
        readonly start: Declaration | Expression | undefined;
        readonly condition: Expression | undefined;
        readonly step: Expression | undefined;
        readonly body: Statement;
        readonly hints: readonly Annotation[];
      }
    | { readonly kind: 'switch'; readonly value: Expression; readonly body: Statement }
    | {
        readonly kind: 'case';
        readonly low: Expression;
        readonly high: Expression | undefined;
        readonly body: Statement;
      }
    | { readonly kind: 'default'; readonly body: Statement }
    | { readonly kind: 'label'; readonly name: string; readonly body: Statement }
    | { readonly kind: 'goto'; readonly label: string }
    | { readonly kind: 'computed-goto'; readonly target: Expression }
    | { readonly kind: 'break' }
    | { readonly kind: 'continue' }
    | { readonly kind: 'return'; readonly value: Expression | undefined }
    | { readonly kind: 'asm'; readonly empty: boolean }
    | { readonly kind: 'local-labels'; readonly names: readonly string[] }
    | { readonly kind: 'annotation'; readonly annotation: Annotation }
  );

export type ExternalDeclaration =
  | Declaration
  | FunctionDefinition
  | StaticAssertion
  | (Node & { readonly kind: 'asm' });

export interface TranslationUnit extends Node {
  readonly declarations: readonly ExternalDeclaration[];
}
