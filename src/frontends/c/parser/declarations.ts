import { fail } from '../diagnostics.ts';
import { cover, type Range } from '../preprocessor/source-file.ts';
import type { Token } from '../preprocessor/token.ts';
import type {
  Attribute,
  Declaration,
  Declarator,
  Derivation,
  Designator,
  Enumerator,
  Expression,
  Initializer,
  MemberDeclaration,
  ParameterDeclaration,
  Qualifiers,
  Specifiers,
  StaticAssertion,
  Storage,
  TypeName,
  TypeSpecifier,
} from './ast.ts';
import { noQualifiers } from './ast.ts';
import { type Cursor, isKeyword, keyword } from './cursor.ts';
import { parseAssignment, parseConditional, parseExpression } from './expressions.ts';

/** Declarations, type names and initialisers [C11 6.7]. */

const typeWords = new Set(
  (
    'void char short int long float double signed unsigned _Bool _Complex _Imaginary __int128 _Float16 _Float32 _Float64 ' +
    '_Float128 _Float32x _Float64x _Decimal32 _Decimal64 _Decimal128 __uint128_t'
  ).split(' '),
);
const specifierWords = new Set([
  ...typeWords,
  ...(
    'struct union enum typeof const volatile restrict _Atomic typedef extern static auto register inline _Noreturn ' +
    '_Thread_local _Alignas __attribute__ __auto_type _BitInt'
  ).split(' '),
]);
const storages = new Set(['typedef', 'extern', 'static', 'auto', 'register']);

/** Does the token `ahead` start a type or a declaration? */
export function startsType(c: Cursor, ahead = 0): boolean {
  let at = ahead;
  while (c.peekIs(at, '__extension__')) at++;
  const token = c.peek(at);
  if (token.kind !== 'identifier') return false;
  return specifierWords.has(keyword(token.text)) || c.isTypeName(token);
}

interface Gathered {
  type: TypeSpecifier | undefined;
  words: string[];
  qualifiers: Qualifiers;
  storage: Storage | undefined;
  threadLocal: boolean;
  inline: boolean;
  noreturn: boolean;
  alignments: (Expression | TypeName)[];
  attributes: Attribute[];
}

/** Declaration specifiers, or the specifiers and qualifiers of a type name or member. */
export function parseSpecifiers(c: Cursor): Specifiers {
  const first = c.token;
  const g: Gathered = {
    type: undefined,
    words: [],
    qualifiers: noQualifiers,
    storage: undefined,
    threadLocal: false,
    inline: false,
    noreturn: false,
    alignments: [],
    attributes: [],
  };
  let any = false;
  while (parseSpecifier(c, g)) any = true;
  const range = any ? c.since(first) : first;
  const bitInt = g.type?.kind === 'bit-int' ? { ...g.type, unsigned: g.words.includes('unsigned') } : undefined;
  if (g.type && g.words.length > 0 && !bitInt) fail('C0210', 'two types in one declaration', range);
  const type: TypeSpecifier =
    bitInt ??
    g.type ??
    (g.words.length > 0 ? { kind: 'builtin', words: g.words, range } : { kind: 'implicit-int', range });
  const { words: _, ...rest } = g;
  return { ...rest, type, range };
}

function parseSpecifier(c: Cursor, g: Gathered): boolean {
  const token = c.token;
  if (token.kind !== 'identifier') return c.is('[') && c.peekIs(1, '[') ? skipStandardAttribute(c, g) : false;
  const word = keyword(token.text);
  if (typeWords.has(word)) {
    c.next();
    if (word === '__uint128_t') g.words.push('unsigned', '__int128');
    else g.words.push(word);
    return true;
  }
  if (storages.has(word)) {
    c.next();
    if (g.storage && g.storage !== word) fail('C0211', `\`${word}\` beside \`${g.storage}\``, token);
    g.storage = word as Storage;
    return true;
  }
  const setType = (type: TypeSpecifier): true => {
    if (g.type) fail('C0210', 'two types in one declaration', type.range);
    g.type = type;
    return true;
  };
  switch (word) {
    case 'const':
    case 'volatile':
      c.next();
      g.qualifiers = { ...g.qualifiers, [word]: true };
      return true;
    case 'restrict':
    case '__extension__':
      c.next();
      return true;
    case '_Atomic':
      c.next();
      if (c.is('(')) {
        const open = c.next();
        const type = parseTypeName(c);
        c.expect(')', '', open);
        return setType({ kind: 'atomic', type, range: c.since(token) });
      }
      g.qualifiers = { ...g.qualifiers, atomic: true };
      return true;
    case 'inline':
      c.next();
      g.inline = true;
      return true;
    case '_Noreturn':
      c.next();
      g.noreturn = true;
      return true;
    case '_Thread_local':
      c.next();
      g.threadLocal = true;
      return true;
    case '_Alignas': {
      c.next();
      const open = c.expect('(');
      g.alignments.push(startsType(c) ? parseTypeName(c) : parseConditional(c));
      c.expect(')', '', open);
      return true;
    }
    case '__attribute__':
      g.attributes.push(...parseAttributes(c));
      return true;
    case 'struct':
    case 'union':
      return setType(parseRecord(c, word));
    case 'enum':
      return setType(parseEnum(c));
    case 'typeof': {
      c.next();
      const open = c.expect('(', 'after typeof');
      const operand = startsType(c) ? parseTypeName(c) : parseExpression(c);
      c.expect(')', '', open);
      return setType({ kind: 'typeof', operand, range: c.since(token) });
    }
    case '__auto_type':
      c.next();
      return setType({ kind: 'auto-type', range: token });
    case '_BitInt': {
      c.next();
      const open = c.expect('(');
      const width = parseConditional(c);
      c.expect(')', '', open);
      return setType({ kind: 'bit-int', unsigned: false, width, range: c.since(token) });
    }
    default:
      // A type name counts only while no type was given: in `unsigned T;` T is the name declared.
      if (g.type || g.words.length > 0 || !c.isTypeName(token)) return false;
      c.next();
      return setType(
        token.text === 'bool' && !c.isDeclaredType('bool')
          ? { kind: 'builtin', words: ['_Bool'], range: token }
          : { kind: 'typedef-name', name: token.text, range: token },
      );
  }
}

/** C23 `[[…]]`: only noreturn changes anything for us. */
function skipStandardAttribute(c: Cursor, g: Gathered): boolean {
  const open = c.next();
  c.next();
  for (let depth = 0; depth > 0 || !c.is(']'); c.next()) {
    if (c.token.kind === 'end') c.unexpected('`]]`', { hint: `to close line ${open.file.lineOf(open.start)}` });
    if (c.is('(')) depth++;
    if (c.is(')')) depth--;
    if (c.token.text === 'noreturn' || c.token.text === '_Noreturn') g.noreturn = true;
  }
  c.expect(']');
  c.expect(']');
  return true;
}

/** Any number of `__attribute__((…))`. Arguments are kept only where they can matter. */
export function parseAttributes(c: Cursor): Attribute[] {
  const attributes: Attribute[] = [];
  while (c.accept('__attribute__')) {
    const outer = c.expect('(');
    const inner = c.expect('(');
    while (!c.is(')')) {
      if (c.accept(',')) continue;
      const token = c.token;
      if (token.kind !== 'identifier') c.unexpected('an attribute');
      c.next();
      const name = token.text.replace(/^__(.*)__$/, '$1');
      let argument: Expression | undefined;
      if (c.is('(')) {
        const open = c.next();
        if (/^(?:aligned|vector_size|mode)$/.test(name) && !c.is(')') && !startsType(c)) argument = parseAssignment(c);
        for (let depth = 0; depth > 0 || !c.is(')'); c.next()) {
          if (c.token.kind === 'end') c.unexpected('`)`');
          if (c.is('(')) depth++;
          if (c.is(')')) depth--;
        }
        c.expect(')', '', open);
      }
      attributes.push({ name, argument, range: c.since(token) });
    }
    c.expect(')', '', inner);
    c.expect(')', '', outer);
  }
  return attributes;
}

function parseRecord(c: Cursor, which: 'struct' | 'union'): TypeSpecifier {
  c.enter();
  const first = c.next();
  const attributes = parseAttributes(c);
  const tag = c.token.kind === 'identifier' && !isKeyword(c.token.text) ? c.next().text : undefined;
  let members: (MemberDeclaration | StaticAssertion)[] | undefined;
  if (c.is('{')) {
    const open = c.next();
    members = [];
    while (!c.is('}')) {
      if (c.accept(';')) continue;
      if (c.is('_Static_assert')) members.push(parseStaticAssertion(c));
      else members.push(parseMembers(c, open));
    }
    c.next();
  } else if (tag === undefined) {
    c.unexpected(`a tag or \`{\` after \`${which}\``);
  }
  attributes.push(...parseAttributes(c));
  c.leave();
  return { kind: 'record', which, tag, members, packBytes: first.packBytes, attributes, range: c.since(first) };
}

function parseMembers(c: Cursor, open: Range): MemberDeclaration {
  const first = c.token;
  if (!startsType(c)) {
    c.unexpected('a member declaration or `}`', {
      hint: `in the structure that starts in line ${open.file.lineOf(open.start)}`,
    });
  }
  const specifiers = parseSpecifiers(c);
  const members: { declarator: Declarator; bits: Expression | undefined; range: Range }[] = [];
  if (!c.is(';')) {
    do {
      const start = c.token;
      const unnamed: Declarator = { name: undefined, derivations: [], attributes: [], range: start };
      const declarator = c.is(':') ? unnamed : parseDeclarator(c, 'name');
      const bits = c.accept(':') ? parseConditional(c) : undefined;
      const attributes = [...declarator.attributes, ...parseAttributes(c)];
      members.push({ declarator: { ...declarator, attributes }, bits, range: c.since(start) });
    } while (c.accept(','));
  }
  if (c.is('}')) c.warn('C0212', 'a member without `;`', c.since(first));
  else c.expect(';', 'after the member');
  return { kind: 'members', specifiers, members, range: c.since(first) };
}

function parseEnum(c: Cursor): TypeSpecifier {
  const first = c.next();
  const attributes = parseAttributes(c);
  const tag = c.token.kind === 'identifier' && !isKeyword(c.token.text) ? c.next().text : undefined;
  let enumerators: Enumerator[] | undefined;
  if (c.is('{')) {
    const open = c.next();
    enumerators = [];
    while (!c.is('}')) {
      const name = c.expectName('an enumerator');
      parseAttributes(c);
      const value = c.accept('=') ? parseConditional(c) : undefined;
      enumerators.push({ name: name.text, value, range: c.since(name) });
      c.declare(name.text, false);
      if (!c.accept(',')) break;
    }
    c.expect('}', 'or `,` after the enumerator', open);
  } else if (tag === undefined) {
    c.unexpected('a tag or `{` after `enum`');
  }
  attributes.push(...parseAttributes(c));
  return { kind: 'enum', tag, enumerators, attributes, range: c.since(first) };
}

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
  attributes.push(...parseAttributes(c));
  c.leave();
  const range = c.previous.start >= first.start || c.previous.file !== first.file ? c.since(first) : first;
  return { name: name?.text, derivations: [...inner, ...suffixes, ...pointers], attributes, range };
}

/** `asm("name")` after a declarator gives the symbol another name for the linker. */
function skipAssemblerName(c: Cursor): void {
  if (!c.is('asm') || !c.peekIs(1, '(')) return;
  c.next();
  const open = c.next();
  while (c.token.kind === 'string') c.next();
  c.expect(')', '', open);
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
    if (!startsType(c)) c.unexpected("a parameter's type");
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
  const specifiers = parseSpecifiers(c);
  const declarator = parseDeclarator(c, 'none');
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
