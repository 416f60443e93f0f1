import { LineMap, type Source, type Span } from '../../base/span.ts';
import { addScaled, type Polynomial, unknown } from '../../terms/polynomial.ts';
import { compare, conjunction, type Formula, truth } from '../../terms/polynomial-formula.ts';
import { InfixReader, type Token, tokens } from './infix.ts';
import { Rejector } from './reject.ts';
import type { TransitionSystem } from './system.ts';

/**
 * Reads KoAT's text form: `(STARTTERM (FUNCTIONSYMBOLS f0)) (VAR A B) (RULES f0(A,B) -> Com_1(f1(A+1,B)) :|: A > 0)`. The
 * arguments on the left are distinct variables, a variable that stands only on the right or in the condition is a
 * temporary. Rules with several calls (`Com_2`) are not modelled; costs (`-{1,1}>`) do not matter for termination.
 */
export function readKoatSystem(source: Source): TransitionSystem {
  const lines = new LineMap(source);
  const reject = new Rejector(lines);
  const list = tokens(source.text, reject);
  const names = argumentNames(list);
  const n = names.length;
  let scope = new Map<string, Polynomial>();
  let temporaries = 0;
  const reader = new InfixReader(list, reject, ({ text }) => {
    const known = scope.get(text);
    if (known) return known;
    const made = unknown(2 * n + temporaries++);
    scope.set(text, made);
    return made;
  });
  const locations = new Map<string, Span | undefined>();
  const initial: TransitionSystem['initial'][0][] = [];
  const transitions: TransitionSystem['transitions'][0][] = [];
  const location = (): { name: string; origin: Span } => {
    if (reader.peek.kind !== 'name') throw reader.wrong('a function symbol');
    const token = reader.take();
    const origin = lines.span(token.start, token.end);
    if (!locations.has(token.text)) locations.set(token.text, origin);
    return { name: token.text, origin };
  };
  const rule = (): void => {
    scope = new Map();
    temporaries = 0;
    const first = reader.peek;
    const from = location().name;
    for (const [i, token] of parameters(reader).entries()) {
      if (scope.has(token.text))
        throw reject.unsupported(token, 'a variable that stands twice on the left', 'new names');
      scope.set(token.text, unknown(i));
    }
    arrow(reader);
    const com = /^Com_(\d+)$/.exec(reader.peek.text);
    if (com && com[1] !== '1') throw reject.unsupported(reader.peek, 'a rule with several calls', 'Com_1');
    if (com) {
      reader.take();
      reader.expect('(');
    }
    const to = location().name;
    const parts: Formula[] = terms(reader).map((value, i) => compare('=', addScaled(unknown(n + i), value, -1n)));
    if (com) reader.expect(')');
    if (reader.accept(':|:')) parts.unshift(reader.formula());
    else if (reader.accept('[')) {
      if (!reader.at(']')) parts.unshift(reader.formula());
      reader.expect(']');
    }
    const end = reader.peek.start;
    transitions.push({ from, to, formula: conjunction(parts), origin: lines.span(first.start, end) });
  };
  while (reader.peek.kind !== 'end') {
    reader.expect('(');
    const section = reader.take();
    if (section.text === 'STARTTERM') {
      const wrapped = reader.accept('(');
      reader.accept('FUNCTIONSYMBOLS', 'CONSTRUCTOR-BASED');
      while (reader.peek.kind === 'name') {
        const { name, origin } = location();
        initial.push({ at: name, condition: truth, origin });
        if (reader.at('(')) parameters(reader);
      }
      if (wrapped) reader.expect(')');
      reader.expect(')');
    } else if (section.text === 'RULES') {
      while (!reader.at(')')) rule();
      reader.take();
    } else if (section.text === 'GOAL' || section.text === 'VAR' || section.text === 'COMMENT') {
      for (let level = 1; level > 0; ) {
        const { text, kind } = reader.take();
        if (kind === 'end') throw reader.wrong('`)`');
        if (text === '(') level++;
        else if (text === ')') level--;
      }
    } else throw reject.malformed(section, `\`${section.text}\` is not a section`, 'GOAL, STARTTERM, VAR or RULES');
  }
  if (initial.length === 0)
    throw reject.malformed(reader.peek, 'the system has no start', '(STARTTERM (FUNCTIONSYMBOLS f0))');
  return { variables: names.map((name) => ({ name })), locations, initial, transitions };
}

/** `(A, B)`: plain names. */
function parameters(reader: InfixReader): Token[] {
  const result: Token[] = [];
  reader.expect('(');
  while (!reader.at(')')) {
    if (reader.peek.kind !== 'name') throw reader.wrong('a variable');
    result.push(reader.take());
    if (!reader.at(')')) reader.expect(',');
  }
  reader.take();
  return result;
}

function terms(reader: InfixReader): Polynomial[] {
  const result: Polynomial[] = [];
  reader.expect('(');
  while (!reader.at(')')) {
    result.push(reader.term());
    if (!reader.at(')')) reader.expect(',');
  }
  reader.take();
  return result;
}

/** `->` or, with costs, `-{1,1}>`. */
function arrow(reader: InfixReader): void {
  if (reader.accept('->')) return;
  reader.expect('-');
  reader.expect('{');
  while (!reader.at('}')) {
    if (reader.peek.kind === 'end') throw reader.wrong('`}`');
    reader.take();
  }
  reader.take();
  reader.expect('>');
}

/** Names for the arguments: those of the left side with the most arguments. */
function argumentNames(list: readonly Token[]): string[] {
  let longest: string[] = [];
  let i = list.findIndex((t) => t.text === 'RULES');
  for (; i >= 0 && i < list.length; i++) {
    if (list[i]!.kind !== 'name' || list[i + 1]?.text !== '(' || /^Com_\d+$/.test(list[i]!.text)) continue;
    const names: string[] = [];
    let level = 0;
    let j = i + 1;
    for (; j < list.length; j++) {
      const { text, kind } = list[j]!;
      if (text === '(') level++;
      else if (text === ')' && --level === 0) break;
      else if (text === ',' && level === 1) names.push('');
      else if (level === 1 && kind === 'name' && names.at(-1) === '') names[names.length - 1] = text;
      else if (level === 1 && kind === 'name' && names.length === 0) names.push(text);
    }
    if (names.length > longest.length) longest = names;
    i = j;
  }
  return longest.map((name, i) => (name === '' || longest.indexOf(name) < i ? `x${i + 1}` : name));
}
