import type { Range, SourceFile } from './source-file.ts';

export type TokenKind =
  | 'identifier'
  | 'number'
  | 'character'
  | 'string'
  | 'punctuator'
  | 'annotation' // an ACSL comment, `//@ …` or `/*@ … */`
  | 'other' // a character that C does not know
  | 'end';

/** Names that a token may no longer be expanded to: Prosser's hide sets, as a linked list. */
export interface HideSet {
  readonly name: string;
  readonly next: HideSet | undefined;
}

/**
 * A preprocessing token. It is itself a Range. `start`/`end` are logical offsets into `file`: for a token that the user
 * wrote, its own place (macro arguments keep theirs); for a token out of a macro body, the place of the macro's use.
 */
export interface Token extends Range {
  readonly kind: TokenKind;
  readonly text: string;
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
  /** White space stands before it. */
  readonly space: boolean;
  /** It is the first on its logical line. */
  readonly lineStart: boolean;
  readonly hidden: HideSet | undefined;
  /** For an annotation: its tokens, macros expanded. */
  readonly content?: readonly Token[];
  /** On `struct` and `union`: the alignment in force by `#pragma pack`, in bytes. */
  readonly packBytes?: number;
}

export function hides(set: HideSet | undefined, name: string): boolean {
  for (let rest = set; rest; rest = rest.next) if (rest.name === name) return true;
  return false;
}

export const hide = (set: HideSet | undefined, name: string): HideSet =>
  hides(set, name) ? set! : { name, next: set };

export function unite(a: HideSet | undefined, b: HideSet | undefined): HideSet | undefined {
  if (!a) return b;
  let result: HideSet | undefined = a;
  for (let rest = b; rest; rest = rest.next) result = hide(result, rest.name);
  return result;
}

export function intersect(a: HideSet | undefined, b: HideSet | undefined): HideSet | undefined {
  let result: HideSet | undefined;
  for (let rest = a; rest; rest = rest.next) if (hides(b, rest.name)) result = { name: rest.name, next: result };
  return result;
}
