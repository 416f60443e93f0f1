import { cover, type Range } from '../preprocessor/source-file.ts';
import type { Token } from '../preprocessor/token.ts';
import type {
  Attribute,
  Declaration,
  Declarator,
  Derivation,
  Designator,
  Expression,
  Initializer,
  ParameterDeclaration,
  Qualifiers,
  Specifiers,
  StaticAssertion,
  TypeName,
} from './ast.ts';
import { noQualifiers } from './ast.ts';
import { type Cursor, deepestNesting, isKeyword, typeHint } from './cursor.ts';
import { parseAssignment, parseConditional } from './expressions.ts';
import { parseAttributes, parseSpecifiers, startsType } from './specifiers.ts';

/** Declarators, type names, initialisers and whole declarations [C11 6.7.6–6.7.10]. */

export function parseStaticAssertion(c: Cursor): StaticAssertion {
  const first = c.next();
  const open = c.expect('(');
  const condition = parseConditional(c);
  let message: string | undefined;
  if (c.accept(',')) {
    const text = parseConditional(c);
    message = text.kind === 'string' ? String.fromCharCode(...text.units) : undefined;
  }
  c.expect(')', '', open);
  c.expect(';', 'after the assertion');
  return { kind: 'static-assert', condition, message, range: c.since(first) };
}

/** `name`: a name must come; `none`: there must be no name; `either`: a parameter. */
export function parseDeclarator(c: Cursor, naming: 'name' | 'none' | 'either'): Declarator {
  c.enter();
  const first = c.token;
  const pointers: Derivation[] = [];
  for (;;) {
    parseAttributes(c);
    const star = c.accept('*');
    if (!star) break;
    pointers.unshift({ kind: 'pointer', qualifiers: parseQualifiers(c), range: star });
  }
  let name: Token | undefined;
  let inner: readonly Derivation[] = [];
  let attributes: Attribute[] = [];
  if (c.is('(') && (naming === 'name' || !(c.peekIs(1, ')') || startsType(c, 1) || c.peekIs(1, '[')))) {
    const open = c.next();
    const nested = parseDeclarator(c, naming);
    c.expect(')', 'after the declarator', open);
    inner = nested.derivations;
    attributes = [...nested.attributes];
    name = nested.name === undefined ? undefined : { ...open, text: nested.name };
  } else if (naming !== 'none' && c.token.kind === 'identifier' && !isKeyword(c.token.text)) {
    name = c.next();
  } else if (naming === 'name') {
    c.unexpected('a name to declare');
  }
  const suffixes: Derivation[] = [];
  for (;;) {
    if (c.is('[') && !c.peekIs(1, '[')) suffixes.push(parseArraySuffix(c));
    else if (c.is('(')) suffixes.push(parseParameters(c));
    else break;
  }
  skipAssemblerName(c);
  while (skipContractClause(c));
  attributes.push(...parseAttributes(c));
  c.leave();
  const derivations = [...inner, ...suffixes, ...pointers];
  if (derivations.length > deepestNesting) c.tooDeep();
  const range = c.previous.start >= first.start || c.previous.file !== first.file ? c.since(first) : first;
  return { name: name?.text, derivations, attributes, range };
}

/** `asm("name")` after a declarator gives the symbol another name for the linker. */
function skipAssemblerName(c: Cursor): void {
  if (!c.is('asm') || !c.peekIs(1, '(')) return;
  c.next();
  const open = c.next();
  while (c.token.kind === 'string') c.next();
  c.expect(')', '', open);
}

/** CBMC's contracts, behind a declarator or the head of a loop: `__CPROVER_requires(…)`. Dropping them changes nothing that runs. */
export function skipContractClause(c: Cursor): boolean {
  const first = c.token;
  if (!/^__CPROVER_(?:requires|ensures|assigns|frees)(?:_contract)?$/.test(first.text) || !c.peekIs(1, '('))
    return false;
  c.next();
  const open = c.next();
  for (let depth = 0; depth > 0 || !c.is(')'); c.next()) {
    if (c.token.kind === 'end') c.expect(')', '', open);
    if (c.is('(')) depth++;
    if (c.is(')')) depth--;
  }
  c.next();
  c.warn('C0367', `\`${first.text}\` is not used: contracts are not looked at`, c.since(first));
  return true;
}

function parseQualifiers(c: Cursor): Qualifiers {
  let qualifiers = noQualifiers;
  for (;;) {
    if (c.accept('const')) qualifiers = { ...qualifiers, const: true };
    else if (c.accept('volatile')) qualifiers = { ...qualifiers, volatile: true };
    else if (c.accept('_Atomic')) qualifiers = { ...qualifiers, atomic: true };
    else if (c.is('__attribute__')) parseAttributes(c);
    else if (!c.accept('restrict')) return qualifiers;
  }
}

function parseArraySuffix(c: Cursor): Derivation {
  const open = c.next();
  while (c.accept('static') || c.accept('const') || c.accept('volatile') || c.accept('restrict'));
  let star = false;
  let size: Expression | undefined;
  if (c.is('*') && c.peekIs(1, ']')) {
    c.next();
    star = true;
  } else if (!c.is(']')) {
    size = parseAssignment(c);
  }
  c.expect(']', 'after the array size', open);
  return { kind: 'array', size, star, range: c.since(open) };
}

function parseParameters(c: Cursor): Derivation {
  const open = c.next();
  if (c.accept(')')) return { kind: 'function', parameters: [], variadic: false, names: [], range: c.since(open) };
  if (c.token.kind === 'identifier' && !startsType(c)) {
    const names: { name: string; range: Range }[] = [];
    do {
      const name = c.expectName('a parameter name or a type');
      names.push({ name: name.text, range: name });
    } while (c.accept(','));
    c.expect(')', 'after the parameter names', open);
    return { kind: 'function', parameters: [], variadic: false, names, range: c.since(open) };
  }
  const parameters: ParameterDeclaration[] = [];
  let variadic = false;
  c.pushScope();
  do {
    if (c.accept('...')) {
      variadic = true;
      break;
    }
    const first = c.token;
    if (!startsType(c)) c.unexpected("a parameter's type", c.token.kind === 'identifier' ? typeHint(c.token.text) : {});
    const specifiers = parseSpecifiers(c);
    const declarator = parseDeclarator(c, 'either');
    if (declarator.name !== undefined) c.declare(declarator.name, false);
    parameters.push({ specifiers, declarator, range: c.since(first) });
  } while (c.accept(','));
  c.popScope();
  c.expect(')', 'after the parameters', open);
  return { kind: 'function', parameters, variadic, names: undefined, range: c.since(open) };
}

export function parseTypeName(c: Cursor): TypeName {
  const first = c.token;
  if (!startsType(c)) c.unexpected('a type');
  c.enter();
  const specifiers = parseSpecifiers(c);
  const declarator = parseDeclarator(c, 'none');
  c.leave();
  return { kind: 'type-name', specifiers, declarator, range: c.since(first) };
}

export function parseInitializer(c: Cursor): Initializer {
  if (!c.is('{')) {
    const expression = parseAssignment(c);
    return { kind: 'expression', expression, range: expression.range };
  }
  c.enter();
  const open = c.next();
  const items: { designators: Designator[]; value: Initializer; range: Range }[] = [];
  while (!c.is('}')) {
    const first = c.token;
    const designators = parseDesignators(c);
    const value = parseInitializer(c);
    items.push({ designators, value, range: c.since(first) });
    if (!c.accept(',')) break;
  }
  c.expect('}', 'or `,` in the initialiser', open);
  c.leave();
  return { kind: 'list', items, range: c.since(open) };
}

function parseDesignators(c: Cursor): Designator[] {
  // GNU's old form `name: value`.
  if (c.token.kind === 'identifier' && c.peekIs(1, ':')) {
    const name = c.next();
    c.next();
    return [{ kind: 'field', name: name.text, range: name }];
  }
  const designators: Designator[] = [];
  for (;;) {
    const token = c.token;
    if (c.accept('.')) {
      const name = c.expectName('a member name');
      designators.push({ kind: 'field', name: name.text, range: cover(token, name) });
    } else if (c.accept('[')) {
      const index = parseConditional(c);
      const last = c.accept('...') ? parseConditional(c) : undefined;
      c.expect(']', '', token);
      designators.push({ kind: 'element', index, last, range: c.since(token) });
    } else {
      break;
    }
  }
  // GNU's older form `[3] value` has no `=`.
  if (designators.length > 0 && !c.accept('=') && designators.at(-1)!.kind !== 'element')
    c.expect('=', 'after the designator');
  return designators;
}

/** The declarators of a declaration whose specifiers, and perhaps first declarator, are read. Ends behind the semicolon. */
export function parseDeclarationRest(
  c: Cursor,
  first: Range,
  specifiers: Specifiers,
  declarator?: Declarator,
): Declaration {
  const declarators: { declarator: Declarator; initializer: Initializer | undefined }[] = [];
  const isType = specifiers.storage === 'typedef';
  if (declarator || !c.is(';')) {
    let current = declarator ?? parseDeclarator(c, 'name');
    for (;;) {
      c.declare(current.name!, isType);
      const initializer = c.accept('=') ? parseInitializer(c) : undefined;
      declarators.push({ declarator: current, initializer });
      if (!c.accept(',')) break;
      parseAttributes(c);
      current = parseDeclarator(c, 'name');
    }
  }
  c.expect(';', 'after the declaration');
  return { kind: 'declaration', specifiers, declarators, range: c.since(first) };
}
