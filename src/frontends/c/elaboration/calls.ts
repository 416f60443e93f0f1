import { fail } from '../diagnostics.ts';
import type { Expression } from '../parser/ast.ts';
import { conventionsName, headerThatDeclares } from '../preprocessor/headers/index.ts';
import type { Range } from '../preprocessor/source-file.ts';
import { type CType, compatible, type FunctionType, formatType, unqualified } from '../types/ctype.ts';
import type { FunctionSymbol, Typed } from '../types/typed.ts';
import type { Context } from './context.ts';
import { assignable, convert } from './conversion.ts';
import { elaborateExternal } from './declarations.ts';
import { elaborate, functionNode, rvalue, value } from './expressions.ts';
import { formattedCall } from './formatted-calls.ts';

/** Function calls [C11 6.5.2.2], and functions that are called without a declaration. */

export function elaborateCall(e: Context, x: Extract<Expression, { kind: 'call' }>): Typed {
  const callee = rvalue(e, calleeOf(e, x.callee));
  const type = callee.type.kind === 'pointer' ? callee.type.to : callee.type;
  if (type.kind !== 'function') fail('C0360', `a ${formatType(callee.type)} cannot be called`, x.callee.range);
  const name =
    callee.kind === 'address' && callee.lvalue.kind === 'function' ? callee.lvalue.symbol.name : 'the function';
  const args = callArguments(e, type, x.args, name, x);
  const named = callee.kind === 'address' && callee.lvalue.kind === 'function' ? callee.lvalue.symbol : undefined;
  const formatted = named && formattedCall(e, named, args);
  if (formatted) {
    const range = callee.range;
    const target = rvalue(e, functionNode(formatted.symbol, range));
    return { kind: 'call', callee: target, args: formatted.args, type: unqualified(type.result), range: x.range };
  }
  return { kind: 'call', callee, args, type: unqualified(type.result), range: x.range };
}

export function callArguments(
  e: Context,
  type: FunctionType,
  given: readonly Expression[],
  name: string,
  at: Expression,
): Typed[] {
  const { parameters, prototype, variadic } = type;
  if (prototype && (given.length < parameters.length || (given.length > parameters.length && !variadic))) {
    fail(
      'C0361',
      `${name} takes ${parameters.length} argument${parameters.length === 1 ? '' : 's'} but is given ${given.length}`,
      at.range,
    );
  }
  return given.map((argument, i) => {
    const typed = value(e, argument);
    const parameter = prototype ? parameters[i] : undefined;
    if (parameter) return assignable(e, typed, parameter, `passing argument ${i + 1} of ${name},`, argument.range);
    if (typed.type.kind === 'void') fail('C0321', 'the value of an expression of type void is used', argument.range);
    return convert(e, typed, e.types.promoteArgument(typed.type));
  });
}

function calleeOf(e: Context, callee: Expression): Typed {
  if (callee.kind !== 'name') return elaborate(e, callee);
  if (e.lookup(callee.name)) return elaborate(e, callee);
  const elsewhere = e.linkage?.functions.get(callee.name);
  if (elsewhere && !elsewhere.library) return implicitlyCalled(e, elsewhere, callee.range);
  const symbol = undeclaredFunction(e, callee.name, callee);
  e.usedFunctions.add(symbol);
  return functionNode(symbol, callee.range);
}

/** Without a declaration a function of another unit is called as `int f()`, whatever it is. */
function implicitlyCalled(e: Context, symbol: FunctionSymbol, range: Range): Typed {
  const { name } = symbol;
  e.warn('C0363', `\`${name}\` is called but not declared in this file; it is taken to return int`, range);
  if (!compatible(symbol.type.result, e.types.int)) {
    const { file, start } = symbol.range;
    fail('C0383', `\`${name}\` is called without a declaration, but returns ${formatType(symbol.type.result)}`, range, {
      hint: `it is declared in ${file.path}, line ${file.lineOf(start)}`,
    });
  }
  return { kind: 'function', symbol, type: implicitFunction(e), range };
}

const implicitFunction = (e: Context): CType & FunctionType => ({
  kind: 'function',
  result: e.types.int,
  parameters: [],
  variadic: false,
  prototype: false,
});

/** Known library functions get their own type, as compilers do; others are `int f()`, as C did until 1999. */
export function undeclaredFunction(e: Context, name: string, at: Expression): FunctionSymbol {
  const plain = name.replace(/^__builtin_/, '');
  const known = e.lookupGlobal(plain);
  const library =
    known?.kind === 'function' && known.library && plain !== name
      ? known
      : e.libraryFunction(plain, (declaration) => elaborateExternal(e, declaration));
  if (library) {
    if (plain === name) {
      if (headerThatDeclares(name) !== conventionsName)
        e.warn('C0362', `\`${name}\` is called without its header`, at.range);
      e.defineGlobally(name, library);
    }
    e.functions.set(plain, e.functions.get(plain) ?? library);
    return library;
  }
  e.warn('C0363', `\`${name}\` is called but not declared; it is taken to return int`, at.range, e.similarNames(name));
  const symbol: FunctionSymbol = {
    kind: 'function',
    name,
    type: implicitFunction(e),
    noreturn: false,
    library: false,
    range: at.range,
    body: undefined,
  };
  e.defineGlobally(name, symbol);
  e.functions.set(name, symbol);
  e.linkage?.functions.set(name, symbol);
  return symbol;
}
