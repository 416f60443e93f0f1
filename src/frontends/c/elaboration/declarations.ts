import { Failure, fail, unsupported } from '../diagnostics.ts';
import type {
  Declaration,
  Declarator,
  ExternalDeclaration,
  FunctionDefinition,
  Initializer,
  Specifiers,
} from '../parser/ast.ts';
import type { Range } from '../preprocessor/source-file.ts';
import { type ArrayType, type CType, compatible, type FunctionType, formatType, unqualified } from '../types/ctype.ts';
import { sizeOf } from '../types/layout.ts';
import type { FunctionBody, FunctionSymbol, InitializerPlan, TypedStatement, Variable } from '../types/typed.ts';
import { alignedType, attributedType, refuseFunctionAttributes, refuseVariableAttributes } from './attributes.ts';
import type { Context, Entry } from './context.ts';
import { elaborate, rvalue } from './expressions.ts';
import { initialize, requireConstantPlan } from './initializers.ts';
import { functionBody } from './statements.ts';
import {
  declaredType,
  failAssertion,
  newVariable,
  parameterType,
  requireConstant,
  specifiedType,
  variableSize,
} from './type-names.ts';

/** Declarations of objects, functions and type names, at file scope and in blocks [C11 6.7, 6.9]. */

export function elaborateExternal(e: Context, declaration: ExternalDeclaration): void {
  e.resetDepth();
  switch (declaration.kind) {
    case 'declaration':
      declare(e, declaration);
      return;
    case 'function':
      defineFunction(e, declaration);
      return;
    case 'static-assert':
      if (requireConstant(e, declaration.condition, 'the condition') === 0n)
        failAssertion(declaration.message, declaration.range);
      return;
    case 'asm':
      return;
  }
}

/** One declaration; in a block, the statements that carry it out. */
export function declare(e: Context, declaration: Declaration): TypedStatement[] {
  const { specifiers } = declaration;
  const statements: TypedStatement[] = [];
  if (specifiers.type.kind === 'auto-type') {
    for (const { declarator, initializer } of declaration.declarators) {
      if (initializer?.kind !== 'expression') fail('C0306', '`__auto_type` needs an initialiser', declarator.range);
      const { type } = rvalue(e, elaborate(e, initializer.expression));
      statements.push(...declareOne(e, unqualified(type), specifiers, declarator, initializer));
    }
    return statements;
  }
  const base = specifiedType(e, specifiers);
  for (const { declarator, initializer } of declaration.declarators) {
    statements.push(...declareOne(e, base, specifiers, declarator, initializer));
  }
  return statements;
}

function declareOne(
  e: Context,
  base: CType,
  specifiers: Specifiers,
  declarator: Declarator,
  initializer: Initializer | undefined,
): TypedStatement[] {
  const before: TypedStatement[] = [];
  const saved = e.pending;
  if (!e.atFileScope) e.pending = before;
  const type = declaredType(e, attributedType(e, base, declarator.attributes), declarator);
  e.pending = saved;
  const name = declarator.name!;
  const { range } = declarator;
  const attributes = [...specifiers.attributes, ...declarator.attributes];
  if (specifiers.storage === 'typedef') {
    defineType(e, name, alignedType(e, type, attributes), range);
    return before;
  }
  if (type.kind === 'function') {
    if (initializer) fail('C0380', 'a function cannot be initialised', range);
    refuseFunctionAttributes(attributes);
    declareFunction(
      e,
      name,
      type,
      { noreturn: isNoreturn(specifiers, declarator), internal: isInternal(specifiers) },
      range,
    );
    return before;
  }
  if (type.kind === 'void') fail('C0381', `\`${name}\` cannot have type void`, range);
  refuseVariableAttributes(attributes);
  return [...before, ...declareVariable(e, name, type, specifiers, initializer, range)];
}

const isNoreturn = (specifiers: Specifiers, declarator: Declarator): boolean =>
  specifiers.noreturn || [...specifiers.attributes, ...declarator.attributes].some((a) => a.name === 'noreturn');

/** An inline definition counts as the unit's own: it is the same function as the external one. */
const isInternal = ({ storage, inline }: Specifiers): boolean =>
  storage === 'static' || (inline && storage !== 'extern');

function defineType(e: Context, name: string, type: CType, range: Range): void {
  const old = e.lookupHere(name);
  if (old && old.kind !== 'typedef') fail('C0382', `\`${name}\` is declared twice`, range);
  if (old?.kind === 'typedef' && !compatible(old.type, type)) {
    // The program's own type wins over the one in our header.
    if (!old.builtIn) fail('C0382', `\`${name}\` is declared twice, with different types`, range);
    if (range.file.builtIn) return;
  }
  e.define(name, { kind: 'typedef', type, builtIn: range.file.builtIn });
}

function declareFunction(
  e: Context,
  name: string,
  type: FunctionType,
  { noreturn, internal }: { readonly noreturn: boolean; readonly internal: boolean },
  range: Range,
): FunctionSymbol {
  const here = e.lookupHere(name);
  const elsewhere = internal ? undefined : e.linkage?.functions.get(name);
  const old = here ?? e.lookupGlobal(name) ?? elsewhere;
  if (here && here.kind !== 'function')
    fail('C0382', `\`${name}\` is declared twice`, range, other(placeOfEntry(here)));
  if (!internal && e.linkage?.variables.has(name) && !e.lookupGlobal(name)) {
    const variable = e.linkage.variables.get(name)!;
    fail('C0383', `\`${name}\` is a function here and a variable elsewhere`, range, other(variable.range));
  }
  if (old?.kind === 'function') {
    const known = [e.functions.get(old.name), e.lookupGlobal(name), elsewhere].includes(old);
    if (known) {
      redeclareFunction(e, old, type, range);
      old.noreturn ||= noreturn;
      e.define(name, old);
      if (!e.lookupGlobal(name)) e.defineGlobally(name, old);
      return old;
    }
  }
  const symbol: FunctionSymbol = {
    kind: 'function',
    name: internal ? (e.linkage?.internalName(name, e.unit.name) ?? name) : name,
    type,
    noreturn,
    library: range.file.builtIn,
    internal,
    range,
    body: undefined,
  };
  if (!e.functions.has(symbol.name) || !symbol.library) e.functions.set(symbol.name, symbol);
  e.define(name, symbol);
  if (!e.lookupGlobal(name)) e.defineGlobally(name, symbol);
  if (!internal) e.linkage?.functions.set(name, symbol);
  return symbol;
}

function redeclareFunction(e: Context, old: FunctionSymbol, type: FunctionType, range: Range): void {
  if (compatible(old.type, type)) {
    if (type.prototype && !old.type.prototype) old.type = type;
    return;
  }
  const message = `\`${old.name}\` is declared with different types: ${formatType(old.type)} and ${formatType(type)}`;
  if (!range.file.builtIn) refuseTwins(old.type, type, message, range);
  // `int f()` made up for a call, or our own declaration, gives way to what the program says.
  const unknown = !old.type.prototype || !type.prototype;
  const ours = old.library || old.range.file.builtIn || range.file.builtIn;
  if (!ours && !(unknown && sameResult(old.type, type))) fail('C0383', message, range, other(old.range));
  e.warn('C0383', message, range, other(old.range));
  if (range.file.builtIn) return;
  old.type = type;
  old.library = false;
}

/** Calls that were read with the old result must fit the new one: nothing, or the same. */
const sameResult = (a: FunctionType, b: FunctionType): boolean =>
  a.result.kind === 'void' || b.result.kind === 'void' || compatible(a.result, b.result);

/** Types that look the same and are not: each of two files has its own definition, which may be right, but is not followed. */
function refuseTwins(a: CType, b: CType, message: string, range: Range): void {
  // Our own models are read on their own, with our own headers: their types are twins of the program's.
  if (formatType(a) !== formatType(b) || range.file.builtIn) return;
  unsupported('C0387', message, range, {
    hint: `both files have a definition of their own of what ${formatType(a)} is made of; put it into one header`,
  });
}

const placeOfEntry = (entry: Entry): Range | undefined => ('range' in entry ? entry.range : undefined);

/** Names the other place of two that contradict each other. */
function other(range: Range | undefined): { hint?: string } {
  if (!range || range.file.builtIn) return {};
  return { hint: `the other is in ${range.file.path}, line ${range.file.lineOf(range.start)}` };
}

function declareVariable(
  e: Context,
  name: string,
  declared: CType,
  specifiers: Specifiers,
  initializer: Initializer | undefined,
  range: Range,
): TypedStatement[] {
  if (e.atFileScope || specifiers.storage === 'extern') {
    declareGlobal(e, name, declared, specifiers, initializer, range);
    return [];
  }
  const twin = e.lookupHere(name);
  if (twin) fail('C0382', `\`${name}\` is declared twice in this block`, range, other(placeOfEntry(twin)));
  const isStatic = specifiers.storage === 'static';
  const variable = newVariable(e, name, declared, isStatic ? 'static' : 'local', range);
  e.define(name, variable);
  if (specifiers.threadLocal) variable.threadLocal = true;
  if (isStatic) {
    e.globals.push(variable);
    if (initializer) initializeStatic(e, variable, initializer);
    requireComplete(e, variable);
    return [];
  }
  let plan: InitializerPlan | undefined;
  if (initializer) {
    if (variableSize(declared)) fail('C0384', 'a variable-length array cannot be initialised', initializer.range);
    const made = e.attempt(() => initialize(e, declared, initializer));
    if (!made.ok) {
      if (made.error.severity === 'error') throw new Failure(made.error);
      requireComplete(e, variable);
      return [{ kind: 'unsupported', diagnostic: made.error, range }];
    }
    plan = made.value.plan;
    variable.type = made.value.type;
  }
  requireComplete(e, variable);
  return [{ kind: 'declare', variable, initializer: plan, range }];
}

function declareGlobal(
  e: Context,
  name: string,
  type: CType,
  specifiers: Specifiers,
  initializer: Initializer | undefined,
  range: Range,
): void {
  const internal = specifiers.storage === 'static';
  const elsewhere = internal ? undefined : e.linkage?.variables.get(name);
  const old = e.lookupHere(name) ?? e.lookupGlobal(name) ?? elsewhere;
  const defines = specifiers.storage !== 'extern' || initializer !== undefined;
  const clash = internal || e.lookupGlobal(name) ? undefined : e.linkage?.functions.get(name);
  if (clash && !clash.library)
    fail('C0383', `\`${name}\` is a variable here and a function elsewhere`, range, other(clash.range));
  let variable: Variable;
  if (
    old?.kind === 'variable' &&
    (old.storage === 'global' || e.lookupHere(name) === old) &&
    (!internal || e.lookupHere(name) === old)
  ) {
    if (!compatible(old.type, type)) {
      const message = `\`${name}\` is declared with different types: ${formatType(old.type)} and ${formatType(type)}`;
      refuseTwins(old.type, type, message, range);
      fail('C0383', message, range, other(old.range));
    }
    if (initializer && old.initializer)
      fail('C0382', `\`${name}\` is defined twice`, range, other(old.initializer.range));
    if (old.type.kind === 'array' && old.type.length === undefined) old.type = type;
    variable = old;
  } else {
    if (old && (e.lookupHere(name) || old.kind !== 'variable'))
      fail('C0382', `\`${name}\` is declared twice`, range, other(placeOfEntry(old)));
    variable = newVariable(e, name, type, 'global', range);
    variable.external = true;
    e.globals.push(variable);
    e.defineGlobally(name, variable);
    if (!internal) e.linkage?.variables.set(name, variable);
  }
  if (specifiers.threadLocal) variable.threadLocal = true;
  e.define(name, variable);
  if (!e.lookupGlobal(name)) e.defineGlobally(name, variable);
  if (defines) {
    const twin = e.linkage?.define(variable, e.unit.index, range);
    if (twin) fail('C0382', `\`${name}\` is defined in two files`, range, other(twin));
    variable.external = false;
  }
  if (initializer) initializeStatic(e, variable, initializer);
}

function initializeStatic(e: Context, variable: Variable, initializer: Initializer): void {
  const made = e.attempt(() => initialize(e, variable.type, initializer));
  if (!made.ok) {
    if (made.error.severity === 'error') throw new Failure(made.error);
    variable.refused = made.error;
    return;
  }
  const { plan, type } = made.value;
  requireConstantPlan(plan);
  variable.initializer = plan;
  variable.type = type;
}

function requireComplete(e: Context, variable: Variable): void {
  const { type } = variable;
  if (sizeOf(type, e.model) === undefined && !variableSize(type)) {
    fail('C0330', `\`${variable.name}\` has the incomplete type ${formatType(type)}`, variable.range);
  }
}

/** Tentative definitions of unknown length have one element [C11 6.9.2p5]; called at the end of the file. */
export function finishGlobals(e: Context): void {
  for (const variable of e.globals) {
    const { type } = variable;
    if (type.kind === 'array' && type.length === undefined && !variable.external) {
      variable.type = { ...(type as ArrayType), length: 1 };
    } else if (!variable.external) {
      requireComplete(e, variable);
    }
  }
}

function defineFunction(e: Context, definition: FunctionDefinition): void {
  const { specifiers, declarator, range } = definition;
  const base = specifiedType(e, specifiers);
  const shape = declarator.derivations[0];
  if (shape?.kind !== 'function') fail('C0385', 'a body follows what is no function', range);
  let type = declaredType(e, base, declarator);
  if (type.kind !== 'function') fail('C0385', 'a body follows what is no function', range);
  refuseFunctionAttributes([...specifiers.attributes, ...declarator.attributes]);
  const name = declarator.name!;
  if (type.result.kind === 'record' && !type.result.info.layout)
    fail('C0330', `${formatType(type.result)} is incomplete`, range);

  e.pushScope();
  const sizes: TypedStatement[] = [];
  e.pending = sizes;
  const parameters: Variable[] = [];
  const add = (parameterName: string | undefined, parameter: CType, at: Range): void => {
    const own = parameterType(e, parameter);
    if (sizeOf(own, e.model) === undefined)
      fail('C0330', `parameter \`${parameterName ?? ''}\` has an incomplete type`, at);
    const variable = newVariable(e, parameterName ?? `parameter ${parameters.length + 1}`, own, 'parameter', at);
    parameters.push(variable);
    if (parameterName === undefined) return;
    if (e.lookupHere(parameterName)) fail('C0382', `parameter \`${parameterName}\` appears twice`, at);
    e.define(parameterName, variable);
  };
  if (shape.names && shape.names.length > 0) {
    e.warn('C0386', 'a definition in the old style of K&R; prototypes say more', range);
    const types = oldStyleTypes(e, definition);
    for (const parameter of shape.names) add(parameter.name, types.get(parameter.name) ?? e.types.int, parameter.range);
  } else {
    const isVoid = type.parameters.length === 0;
    for (const parameter of shape.parameters) {
      if (isVoid) break;
      add(
        parameter.declarator.name,
        declaredType(
          e,
          attributedType(e, specifiedType(e, parameter.specifiers), parameter.declarator.attributes),
          parameter.declarator,
        ),
        parameter.range,
      );
    }
  }
  e.pending = undefined;
  // A definition with empty parentheses takes no arguments, but calls are not checked against it.
  if (type.prototype) type = { ...type, parameters: parameters.map((p) => p.type) };
  const saved = e.current;
  const traits = { noreturn: isNoreturn(specifiers, declarator), internal: isInternal(specifiers) };
  const symbol = e.withFileScope(() => declareFunction(e, name, type as FunctionType, traits, range));
  if (symbol.body) fail('C0382', `the function \`${name}\` is defined twice`, range, other(symbol.body.range));
  symbol.library = range.file.builtIn;
  e.functions.set(symbol.name, symbol);
  e.current = symbol;
  const placeholder: FunctionBody = { parameters, statement: { kind: 'empty', range }, range };
  symbol.body = placeholder;
  const result = e.attempt(() => functionBody(e, definition.body, sizes));
  e.current = saved;
  e.popScope();
  if (!result.ok && result.error.severity === 'error') throw new Failure(result.error);
  symbol.body = {
    parameters,
    statement: result.ok ? result.value : { kind: 'unsupported', diagnostic: result.error, range },
    range,
  };
}

function oldStyleTypes(e: Context, definition: FunctionDefinition): Map<string, CType> {
  const types = new Map<string, CType>();
  for (const { specifiers, declarators } of definition.oldStyle) {
    const base = specifiedType(e, specifiers);
    for (const { declarator } of declarators) types.set(declarator.name!, declaredType(e, base, declarator));
  }
  return types;
}
