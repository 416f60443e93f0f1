/** Statements (language reference, chapters 7 and 8) by recursive descent. */
import type { Alias, BinaryOperator, ExceptHandler, Expression, If, MatchCase, Statement, WithItem } from './ast.ts';
import { type Cursor, nestedTooDeeply, nestingLimit } from './cursor.ts';
import {
  bitwiseOr,
  callArguments,
  expression,
  namedExpression,
  starExpressions,
  starNamedExpression,
  starTarget,
  starTargets,
  startsExpression,
  tupleOf,
  yieldExpression,
} from './expressions.ts';
import { parameters } from './parameters.ts';
import { patterns } from './patterns.ts';
import { SyntaxFault } from './syntax-fault.ts';
import { asTarget, describe } from './targets.ts';

const augmented: Readonly<Record<string, BinaryOperator>> = {
  '+=': 'Add',
  '-=': 'Sub',
  '*=': 'Mult',
  '@=': 'MatMult',
  '/=': 'Div',
  '%=': 'Mod',
  '&=': 'BitAnd',
  '|=': 'BitOr',
  '^=': 'BitXor',
  '<<=': 'LShift',
  '>>=': 'RShift',
  '**=': 'Pow',
  '//=': 'FloorDiv',
};

const aStatement = 'a statement';

/** Statements up to the end of the source. */
export function fileInput(c: Cursor): Statement[] {
  const body: Statement[] = [];
  while (c.kind !== 'end') statement(c, body);
  return body;
}

/** One compound statement, or one line of simple statements. */
function statement(c: Cursor, into: Statement[]): void {
  if (c.kind === 'keyword' || c.is('@')) {
    const compound = compoundStatement(c);
    if (compound) {
      into.push(compound);
      return;
    }
  } else if (c.is('match') && c.kind === 'name') {
    const match = matchStatement(c);
    if (match) {
      into.push(match);
      return;
    }
  }
  simpleStatements(c, into);
}

function simpleStatements(c: Cursor, into: Statement[]): void {
  for (;;) {
    into.push(simpleStatement(c));
    if (c.acceptKind('newline')) return;
    if (!c.is(';')) throw endOfLineExpected(c);
    c.advance();
    if (c.acceptKind('newline')) return;
  }
}

function endOfLineExpected(c: Cursor): SyntaxFault {
  const previous = c.tokens.texts[c.at - 1];
  if (previous === 'print' || previous === 'exec') {
    return c.unexpected('the end of the line', `${previous} is a function: write ${previous}(…)`);
  }
  return c.unexpected('an operator or the end of the line');
}

function compoundStatement(c: Cursor): Statement | undefined {
  const start = c.start;
  switch (c.text) {
    case 'if':
      return ifStatement(c);
    case 'while': {
      c.advance();
      const test = condition(c);
      const body = block(c, "'while'");
      const orelse = elseBlock(c);
      return { kind: 'While', test, body, orelse, ...c.place(start) };
    }
    case 'for':
      return forStatement(c, start, 'For');
    case 'try':
      return tryStatement(c);
    case 'with':
      return withStatement(c, start, 'With');
    case 'def':
      return functionDefinition(c, start, 'FunctionDef', []);
    case 'class':
      return classDefinition(c, []);
    case '@':
      return decorated(c);
    case 'async':
      c.advance();
      if (c.is('def')) return functionDefinition(c, start, 'AsyncFunctionDef', []);
      if (c.is('for')) return forStatement(c, start, 'AsyncFor');
      if (c.is('with')) return withStatement(c, start, 'AsyncWith');
      throw c.unexpected("'def', 'for' or 'with'");
    default:
      return undefined;
  }
}

function condition(c: Cursor): Expression {
  const test = namedExpression(c);
  if (c.is('=')) throw c.unexpected("':'", "a condition is no assignment; did you mean '==' or ':='?");
  return test;
}

/** `:` and an indented block, or simple statements on the same line. */
function block(c: Cursor, owner: string): Statement[] {
  c.expect(':');
  const body: Statement[] = [];
  if (!c.acceptKind('newline')) {
    simpleStatements(c, body);
    return body;
  }
  if (c.kind !== 'indent') throw c.unexpected(`an indented block after ${owner}`);
  c.advance();
  return c.nested(() => {
    while (c.kind !== 'dedent') {
      if (c.kind === 'end') throw c.unexpected(aStatement);
      statement(c, body);
    }
    c.advance();
    return body;
  });
}

const elseBlock = (c: Cursor): Statement[] => (c.accept('else') ? block(c, "'else'") : []);

/** Chains of elif are long, not deep: they are read in a loop and nested afterwards. */
function ifStatement(c: Cursor): If {
  const arms: { readonly start: number; readonly test: Expression; readonly body: Statement[] }[] = [];
  do {
    const start = c.start;
    c.advance();
    const test = condition(c);
    const body = block(c, arms.length === 0 ? "'if'" : "'elif'");
    arms.push({ start, test, body });
    if (arms.length > nestingLimit) throw nestedTooDeeply(start, c.lastEnd);
  } while (c.is('elif'));
  let orelse = elseBlock(c);
  const end = c.lastEnd;
  for (let i = arms.length - 1; i > 0; i -= 1) orelse = [{ kind: 'If', ...arms[i]!, orelse, end }];
  return { kind: 'If', ...arms[0]!, orelse, end };
}

function forStatement(c: Cursor, start: number, kind: 'For' | 'AsyncFor'): Statement {
  c.expect('for');
  const target = starTargets(c);
  c.expect('in');
  const iter = starExpressions(c);
  const body = block(c, "'for'");
  const orelse = elseBlock(c);
  return { kind, target, iter, body, orelse, ...c.place(start) };
}

function tryStatement(c: Cursor): Statement {
  const start = c.start;
  c.expect('try');
  const body = block(c, "'try'");
  const handlers: ExceptHandler[] = [];
  let star: boolean | undefined;
  while (c.is('except')) {
    const at = c.start;
    c.advance();
    const starHere = c.accept('*');
    if (star !== undefined && star !== starHere) {
      throw new SyntaxFault("cannot have both 'except' and 'except*' on the same 'try'", at, c.lastEnd);
    }
    star = starHere;
    const type = c.is(':') && !starHere ? null : expression(c);
    if (c.is(',')) throw c.unexpected("'as' or ':'", 'several exception types must be parenthesised');
    const name = type && c.accept('as') ? c.name() : null;
    const handled = block(c, "'except'");
    handlers.push({ kind: 'ExceptHandler', type, name, body: handled, ...c.place(at) });
  }
  const orelse = handlers.length > 0 ? elseBlock(c) : [];
  const finalbody = c.accept('finally') ? block(c, "'finally'") : [];
  if (handlers.length === 0 && finalbody.length === 0) throw c.unexpected("'except' or 'finally'");
  return { kind: star ? 'TryStar' : 'Try', body, handlers, orelse, finalbody, ...c.place(start) };
}

function withStatement(c: Cursor, start: number, kind: 'With' | 'AsyncWith'): Statement {
  c.expect('with');
  const items = withItems(c);
  const body = block(c, "'with'");
  return { kind, items, body, ...c.place(start) };
}

/** Brackets around the items, or items that start with a bracket: the first reading that reaches the colon counts. */
function withItems(c: Cursor): WithItem[] {
  const { at, lastEnd } = c;
  let bracketed: SyntaxFault | undefined;
  if (c.is('(')) {
    const result = c.attempt(() => {
      c.expect('(');
      const items: WithItem[] = [];
      do {
        if (c.is(')') && items.length > 0) break;
        items.push(withItem(c));
      } while (c.accept(','));
      if (!c.is(')')) throw c.unexpected("',' or ')'");
      c.advance();
      if (!c.is(':')) throw c.unexpected("':'");
      return items;
    });
    if (!(result instanceof SyntaxFault)) return result;
    bracketed = result;
  }
  c.at = at;
  c.lastEnd = lastEnd;
  const result = c.attempt(() => {
    const items = [withItem(c)];
    while (c.accept(',')) items.push(withItem(c));
    if (!c.is(':')) throw c.unexpected("':'");
    return items;
  });
  if (!(result instanceof SyntaxFault)) return result;
  throw bracketed && bracketed.start > result.start ? bracketed : result;
}

function withItem(c: Cursor): WithItem {
  const start = c.start;
  const context_expr = expression(c);
  if (!c.accept('as')) return { kind: 'withitem', context_expr, optional_vars: null, ...c.place(start) };
  const optional_vars = asTarget(starTarget(c));
  if (!c.is(',') && !c.is(')') && !c.is(':')) throw c.unexpected("',', ')' or ':'");
  return { kind: 'withitem', context_expr, optional_vars, ...c.place(start) };
}

function decorated(c: Cursor): Statement {
  const decorators: Expression[] = [];
  while (c.accept('@')) {
    decorators.push(namedExpression(c));
    c.expectKind('newline', 'the end of the line');
  }
  const start = c.start;
  if (c.is('def')) return functionDefinition(c, start, 'FunctionDef', decorators);
  if (c.is('class')) return classDefinition(c, decorators);
  if (!c.accept('async') || !c.is('def')) throw c.unexpected("'def' or 'class'");
  return functionDefinition(c, start, 'AsyncFunctionDef', decorators);
}

function functionDefinition(
  c: Cursor,
  start: number,
  kind: 'FunctionDef' | 'AsyncFunctionDef',
  decorator_list: Expression[],
): Statement {
  c.expect('def');
  const name = c.name('the name of the function');
  c.expect('(');
  const args = parameters(c, 'def');
  c.expect(')');
  const returns = c.accept('->') ? expression(c) : null;
  const body = block(c, 'the function definition');
  return { kind, name, args, body, decorator_list, returns, ...c.place(start) };
}

function classDefinition(c: Cursor, decorator_list: Expression[]): Statement {
  const start = c.start;
  c.expect('class');
  const name = c.name('the name of the class');
  let bases: Expression[] = [];
  let keywords: ReturnType<typeof callArguments>['keywords'] = [];
  if (c.accept('(')) {
    const found = callArguments(c);
    if (found.generator) {
      throw new SyntaxFault('a generator expression is no base class', found.generator.start, found.generator.end);
    }
    bases = found.args;
    keywords = found.keywords;
    if (!c.is(')')) throw c.unexpected("',' or ')'");
    c.advance();
  }
  const body = block(c, 'the class definition');
  return { kind: 'ClassDef', name, bases, keywords, body, decorator_list, ...c.place(start) };
}

/** `match` is a name unless a subject, a colon and a new line follow. */
function matchStatement(c: Cursor): Statement | undefined {
  if (!c.is('match') || !(startsAfter(c) || c.peek(1) === '*')) return undefined;
  const start = c.start;
  const subject = c.attempt(() => {
    c.advance();
    const value = tupleOf(c, starNamedExpression);
    if (value.kind === 'Starred') throw c.unexpected("','");
    if (!c.is(':') || c.peekKind(1) !== 'newline') throw c.unexpected("':'");
    return value;
  });
  if (subject instanceof SyntaxFault) return undefined;
  c.expect(':');
  c.expectKind('newline', 'the end of the line');
  if (c.kind !== 'indent') throw c.unexpected("an indented block after 'match'");
  c.advance();
  return c.nested(() => {
    const cases: MatchCase[] = [];
    while (c.kind !== 'dedent') cases.push(matchCase(c));
    c.advance();
    return { kind: 'Match', subject, cases, ...c.place(start) };
  });
}

/** Could the token after the current one begin an expression? */
function startsAfter(c: Cursor): boolean {
  c.at += 1;
  const starts = startsExpression(c) && c.kind !== 'fault';
  c.at -= 1;
  return starts;
}

function matchCase(c: Cursor): MatchCase {
  const start = c.start;
  if (!c.is('case') || c.kind !== 'name') throw c.unexpected("'case'");
  c.advance();
  const pattern = patterns(c);
  const guard = c.accept('if') ? namedExpression(c) : null;
  const body = block(c, "'case'");
  return { kind: 'match_case', pattern, guard, body, ...c.place(start) };
}

function simpleStatement(c: Cursor): Statement {
  const start = c.start;
  if (c.kind !== 'keyword') return assignmentOrExpression(c);
  switch (c.text) {
    case 'pass':
    case 'break':
    case 'continue': {
      const kind = c.is('pass') ? 'Pass' : c.is('break') ? 'Break' : 'Continue';
      c.advance();
      return { kind, ...c.place(start) };
    }
    case 'return': {
      c.advance();
      const value = c.is('*') || startsExpression(c) ? starExpressions(c) : null;
      return { kind: 'Return', value, ...c.place(start) };
    }
    case 'raise': {
      c.advance();
      const exc = startsExpression(c) ? expression(c) : null;
      const cause = exc && c.accept('from') ? expression(c) : null;
      return { kind: 'Raise', exc, cause, ...c.place(start) };
    }
    case 'assert': {
      c.advance();
      const test = expression(c);
      const msg = c.accept(',') ? expression(c) : null;
      return { kind: 'Assert', test, msg, ...c.place(start) };
    }
    case 'global':
    case 'nonlocal': {
      const kind = c.is('global') ? 'Global' : 'Nonlocal';
      c.advance();
      const names = [c.name()];
      while (c.accept(',')) names.push(c.name());
      return { kind, names, ...c.place(start) };
    }
    case 'del': {
      c.advance();
      const targets = [asTarget(bitwiseOr(c), 'delete')];
      while (c.accept(',')) {
        if (!startsExpression(c)) break;
        targets.push(asTarget(bitwiseOr(c), 'delete'));
      }
      return { kind: 'Delete', targets, ...c.place(start) };
    }
    case 'import':
      return importStatement(c);
    case 'from':
      return importFrom(c);
    default:
      return assignmentOrExpression(c);
  }
}

function importStatement(c: Cursor): Statement {
  const start = c.start;
  c.expect('import');
  const names: Alias[] = [];
  do {
    const at = c.start;
    const name = dottedName(c);
    const asname = c.accept('as') ? c.name() : null;
    names.push({ kind: 'alias', name, asname, ...c.place(at) });
  } while (c.accept(','));
  return { kind: 'Import', names, ...c.place(start) };
}

function dottedName(c: Cursor): string {
  let name = c.name('the name of a module');
  while (c.accept('.')) name += `.${c.name('the name of a module')}`;
  return name;
}

function importFrom(c: Cursor): Statement {
  const start = c.start;
  c.expect('from');
  let level = 0;
  while (c.is('.') || c.is('...')) {
    level += c.text.length;
    c.advance();
  }
  const module = level > 0 && c.is('import') ? null : dottedName(c);
  c.expect('import');
  const names: Alias[] = [];
  const bracketed = c.accept('(');
  if (!bracketed && c.is('*')) {
    const at = c.start;
    c.advance();
    names.push({ kind: 'alias', name: '*', asname: null, ...c.place(at) });
    return { kind: 'ImportFrom', module, names, level, ...c.place(start) };
  }
  do {
    if (bracketed && names.length > 0 && c.is(')')) break;
    const at = c.start;
    const name = c.name('a name to import');
    const asname = c.accept('as') ? c.name() : null;
    names.push({ kind: 'alias', name, asname, ...c.place(at) });
  } while (c.accept(','));
  if (bracketed) c.expect(')');
  return { kind: 'ImportFrom', module, names, level, ...c.place(start) };
}

const rightHandSide = (c: Cursor): Expression => (c.is('yield') ? yieldExpression(c) : starExpressions(c));

function assignmentOrExpression(c: Cursor): Statement {
  const start = c.start;
  if (!c.is('*') && !c.is('yield') && !startsExpression(c)) throw c.unexpected(aStatement);
  let value = rightHandSide(c);
  if (c.is(':')) return annotatedAssignment(c, start, value);
  const op = c.kind === 'operator' ? augmented[c.text] : undefined;
  if (op) {
    if (value.kind !== 'Name' && value.kind !== 'Attribute' && value.kind !== 'Subscript') {
      throw new SyntaxFault(
        `'${describe(value)}' is an illegal expression for augmented assignment`,
        start,
        c.lastEnd,
        {
          expected: 'a name, an attribute or a subscript',
        },
      );
    }
    c.advance();
    const operand = rightHandSide(c);
    return { kind: 'AugAssign', target: value, op, value: operand, ...c.place(start) };
  }
  if (!c.is('=')) return { kind: 'Expr', value, ...c.place(start) };
  const targets: Expression[] = [];
  while (c.is('=')) {
    targets.push(asTarget(value));
    c.advance();
    value = rightHandSide(c);
  }
  return { kind: 'Assign', targets, value, ...c.place(start) };
}

function annotatedAssignment(c: Cursor, start: number, target: Expression): Statement {
  if (target.kind !== 'Name' && target.kind !== 'Attribute' && target.kind !== 'Subscript') {
    const known = /^(?:if|elif|else|for|while|def|class|try|except|with)$/.test(c.tokens.texts[c.at - 1] ?? '');
    throw new SyntaxFault(
      target.kind === 'Tuple' || target.kind === 'List'
        ? `only a single target (not ${describe(target)}) can be annotated`
        : "unexpected ':'",
      target.kind === 'Tuple' || target.kind === 'List' ? start : c.start,
      c.end,
      { expected: 'an operator or the end of the line', hint: known ? 'a keyword is misplaced' : undefined },
    );
  }
  const simple = target.kind === 'Name' && target.start === start;
  c.expect(':');
  const annotation = expression(c);
  const value = c.accept('=') ? rightHandSide(c) : null;
  return { kind: 'AnnAssign', target, annotation, value, simple, ...c.place(start) };
}
