import { fail } from '../diagnostics.ts';
import type { Token } from './token.ts';

/** A macro as `#define` made it. `parameters` is absent for an object-like macro. */
export interface Macro {
  readonly name: string;
  readonly parameters: readonly string[] | undefined;
  /** The last parameter takes all remaining arguments; it is called `__VA_ARGS__` unless the GNU form `name...` named it. */
  readonly variadic: boolean;
  readonly body: readonly Token[];
}

/** Reads what follows `#define`. `tokens` are the rest of the directive's line. */
export function parseMacro(tokens: readonly Token[], directive: Token): Macro {
  const name = tokens[0];
  if (!name) fail('C0110', '#define needs a name', directive, { expected: 'a macro name' });
  if (name.kind !== 'identifier') fail('C0110', '#define needs a name', name, { expected: 'a macro name' });
  if (name.text === 'defined') fail('C0110', '`defined` cannot be a macro', name);
  const open = tokens[1];
  if (open?.text !== '(' || open.space) {
    return checked({ name: name.text, parameters: undefined, variadic: false, body: tokens.slice(1) });
  }
  const parameters: string[] = [];
  let variadic = false;
  let i = 2;
  for (;;) {
    const token = tokens[i];
    if (!token) fail('C0111', `the parameter list of macro ${name.text} is not closed`, name, { expected: ')' });
    if (token.text === ')' && parameters.length === 0 && !variadic) break;
    if (token.text === '...') {
      variadic = true;
      parameters.push('__VA_ARGS__');
      i++;
    } else if (token.kind === 'identifier') {
      if (parameters.includes(token.text)) fail('C0111', `parameter ${token.text} appears twice`, token);
      parameters.push(token.text);
      i++;
      if (tokens[i]?.text === '...') {
        variadic = true;
        i++;
      }
    } else {
      fail('C0111', `macro ${name.text}: unexpected \`${token.text}\``, token, { expected: 'a parameter name' });
    }
    const after = tokens[i];
    if (after?.text === ')') break;
    if (after?.text !== ',' || variadic) {
      fail('C0111', `macro ${name.text}: the parameter list goes wrong here`, after ?? name, { expected: ')' });
    }
    i++;
  }
  return checked({ name: name.text, parameters, variadic, body: tokens.slice(i + 1) });
}

function checked(macro: Macro): Macro {
  const { body } = macro;
  const first = body[0];
  const last = body.at(-1);
  if (first?.text === '##') fail('C0112', '`##` cannot stand at the start of a macro body', first);
  if (last?.text === '##') fail('C0112', '`##` cannot stand at the end of a macro body', last);
  if (macro.parameters) {
    for (const [i, token] of body.entries()) {
      if (token.text !== '#' || token.kind !== 'punctuator') continue;
      const next = body[i + 1];
      if (next?.text !== '__VA_OPT__' && !macro.parameters.includes(next?.text ?? '')) {
        fail('C0112', '`#` must be followed by a parameter of the macro', token);
      }
    }
  }
  return macro;
}

/** The same parameters and the same tokens, with white space in the same places [C11 6.10.3p1]. */
export function sameMacro(a: Macro, b: Macro): boolean {
  return (
    a.variadic === b.variadic &&
    a.parameters?.join() === b.parameters?.join() &&
    a.body.length === b.body.length &&
    a.body.every((t, i) => t.text === b.body[i]!.text && (i === 0 || t.space === b.body[i]!.space))
  );
}
