import { fail } from '../diagnostics.ts';
import type { Range } from '../preprocessor/source-file.ts';
import type {
  Attribute,
  Declarator,
  Enumerator,
  Expression,
  MemberDeclaration,
  Qualifiers,
  Specifiers,
  StaticAssertion,
  Storage,
  TypeName,
  TypeSpecifier,
} from './ast.ts';
import { noQualifiers } from './ast.ts';
import { type Cursor, isKeyword, keyword } from './cursor.ts';
import { parseDeclarator, parseStaticAssertion, parseTypeName } from './declarations.ts';
import { parseAssignment, parseConditional, parseExpression } from './expressions.ts';

/** Declaration specifiers, attributes, structures and enumerations [C11 6.7.1–6.7.5]. */

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
      c.enter();
      const operand = startsType(c) ? parseTypeName(c) : parseExpression(c);
      c.leave();
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
        if (/^(?:aligned|vector_size|ext_vector_type|mode)$/.test(name) && !c.is(')') && !startsType(c))
          argument = parseAssignment(c);
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
