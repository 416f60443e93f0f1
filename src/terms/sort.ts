import { unreachable } from '../base/unreachable.ts';

/**
 * The sorts of program values. Integers are mathematical; machine integers are integers with explicit `wrap` operators
 * (docs/decisions/001). Arrays map a sort to a sort and are total.
 */
export type Sort =
  | { readonly kind: 'bool' }
  | { readonly kind: 'int' }
  | { readonly kind: 'real' }
  | { readonly kind: 'float'; readonly format: 'binary32' | 'binary64' }
  | { readonly kind: 'array'; readonly index: Sort; readonly element: Sort };

export const boolSort: Sort = { kind: 'bool' };
export const intSort: Sort = { kind: 'int' };
export const realSort: Sort = { kind: 'real' };
const binary32: Sort = { kind: 'float', format: 'binary32' };
const binary64: Sort = { kind: 'float', format: 'binary64' };
export const floatSort = (widthBits: 32 | 64): Sort => (widthBits === 32 ? binary32 : binary64);
export const arraySort = (index: Sort, element: Sort): Sort => ({ kind: 'array', index, element });

export function sameSort(a: Sort, b: Sort): boolean {
  if (a === b) return true;
  if (a.kind === 'array' && b.kind === 'array') return sameSort(a.index, b.index) && sameSort(a.element, b.element);
  if (a.kind === 'float' && b.kind === 'float') return a.format === b.format;
  return a.kind === b.kind;
}

/** The SMT-LIB spelling; also the key under which sorts are told apart. */
export function formatSort(sort: Sort): string {
  switch (sort.kind) {
    case 'bool':
      return 'Bool';
    case 'int':
      return 'Int';
    case 'real':
      return 'Real';
    case 'float':
      return sort.format === 'binary32' ? 'Float32' : 'Float64';
    case 'array':
      return `(Array ${formatSort(sort.index)} ${formatSort(sort.element)})`;
    default:
      return unreachable(sort);
  }
}
