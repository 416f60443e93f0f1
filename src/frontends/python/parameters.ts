/** Parameter lists of `def` and `lambda` (language reference 8.7): positional-only `/`, defaults, `*args`, keyword-only, `**kwargs`. */
import type { Arguments, Expression, Parameter } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { expression, starExpression } from './expressions.ts';
import { SyntaxFault } from './syntax-fault.ts';

/** Reads up to the closing `)` of a def or the `:` of a lambda, which stays. Only a def has annotations. */
export function parameters(c: Cursor, of: 'def' | 'lambda'): Arguments {
  const start = c.start;
  const close = of === 'def' ? ')' : ':';
  let posonlyargs: Parameter[] = [];
  let args: Parameter[] = [];
  const defaults: Expression[] = [];
  const kwonlyargs: Parameter[] = [];
  const kw_defaults: (Expression | null)[] = [];
  let vararg: Parameter | null = null;
  let kwarg: Parameter | null = null;
  let starAt: { readonly start: number; readonly end: number } | undefined;
  let slashSeen = false;

  const parameter = (annotated: (c: Cursor) => Expression = expression): Parameter => {
    const at = c.start;
    const arg = c.name('the name of a parameter');
    const annotation = of === 'def' && c.accept(':') ? annotated(c) : null;
    return { kind: 'arg', arg, annotation, ...c.place(at) };
  };
  const noDefault = (what: string): void => {
    if (c.is('=')) throw c.unexpected(`',' or '${close}'`, `${what} cannot have a default value`);
  };

  while (!c.is(close)) {
    if (kwarg) throw c.unexpected(`'${close}'`, 'nothing may follow the parameter with **');
    if (c.is('/')) {
      if (slashSeen || starAt || args.length === 0) {
        throw c.unexpected('a parameter', "'/' stands once, after the positional-only parameters and before '*'");
      }
      c.advance();
      slashSeen = true;
      posonlyargs = args;
      args = [];
    } else if (c.is('**')) {
      if (starAt && !vararg && kwonlyargs.length === 0) throw bareStar(starAt);
      c.advance();
      kwarg = parameter();
      noDefault('the parameter with **');
    } else if (c.is('*')) {
      if (starAt) throw c.unexpected('a parameter', "'*' may appear only once");
      starAt = { start: c.start, end: c.end };
      c.advance();
      if (!c.is(',')) {
        if (c.is(close)) throw bareStar(starAt);
        vararg = parameter(starExpression);
        noDefault('the parameter with *');
      } else if (c.peek(1) === close) throw bareStar(starAt);
    } else {
      const named = parameter();
      const value = c.accept('=') ? expression(c) : null;
      if (starAt) {
        kwonlyargs.push(named);
        kw_defaults.push(value);
      } else {
        args.push(named);
        if (value) defaults.push(value);
        else if (defaults.length > 0) {
          throw new SyntaxFault('a parameter without a default follows one with a default', named.start, named.end, {
            expected: "'=' and a default value",
          });
        }
      }
    }
    if (!c.accept(',')) break;
  }
  if (!c.is(close)) throw c.unexpected(`',' or '${close}'`);
  return {
    kind: 'arguments',
    posonlyargs,
    args,
    vararg,
    kwonlyargs,
    kw_defaults,
    kwarg,
    defaults,
    start,
    end: Math.max(start, c.lastEnd),
  };
}

const bareStar = (at: { readonly start: number; readonly end: number }): SyntaxFault =>
  new SyntaxFault("named parameters must follow a bare '*'", at.start, at.end, { expected: 'a name after it' });
