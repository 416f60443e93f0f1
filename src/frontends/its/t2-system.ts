import { LineMap, type Source, type Span } from '../../base/span.ts';
import { addScaled, type Polynomial, unknown } from '../../terms/polynomial.ts';
import { compare, conjunction, type Formula, truth } from '../../terms/polynomial-formula.ts';
import { InfixReader, type Token, tokens } from './infix.ts';
import { Rejector } from './reject.ts';
import type { TransitionSystem } from './system.ts';

/**
 * Reads T2's text form: `START: 1;` and blocks `FROM: 1; x := x + 1; assume(x > 0); TO: 2;`. A block's commands are carried
 * out in order, symbolically; `nondet()` is a temporary. `CUTPOINT`, `ERROR` and `AT` do not matter for termination.
 */
export function readT2System(source: Source): TransitionSystem {
  const lines = new LineMap(source);
  const reject = new Rejector(lines);
  const list = tokens(source.text, reject);
  const names = variablesOf(list);
  const n = names.length;
  const numberOf = new Map(names.map((name, i) => [name, i]));
  let current: Polynomial[] = [];
  let temporaries = 2 * n;
  const reader = new InfixReader(list, reject, (name) => {
    if (name.text !== 'nondet') return current[numberOf.get(name.text)!]!;
    reader.expect('(');
    reader.expect(')');
    return unknown(temporaries++);
  });
  const locations = new Map<string, Span | undefined>();
  const initial: TransitionSystem['initial'][0][] = [];
  const transitions: TransitionSystem['transitions'][0][] = [];
  const location = (): { name: string; origin: Span } => {
    const token = reader.name('a location');
    const origin = lines.span(token.start, token.end);
    if (!locations.has(token.text)) locations.set(token.text, origin);
    return { name: token.text, origin };
  };
  while (reader.peek.kind !== 'end') {
    const keyword = reader.take();
    if (keyword.text === 'START' || keyword.text === 'ERROR' || keyword.text === 'CUTPOINT') {
      reader.expect(':');
      const { name, origin } = location();
      if (keyword.text === 'START') initial.push({ at: name, condition: truth, origin });
      reader.expect(';');
    } else if (keyword.text === 'FROM') {
      reader.expect(':');
      const from = location().name;
      reader.expect(';');
      current = names.map((_, i) => unknown(i));
      temporaries = 2 * n;
      const conditions: Formula[] = [];
      while (!reader.at('TO')) command(reader, numberOf, current, conditions);
      reader.take();
      reader.expect(':');
      const to = location().name;
      const last = reader.expect(';');
      const after = current.map((value, i) => compare('=', addScaled(unknown(n + i), value, -1n)));
      const formula = conjunction([...conditions, ...after]);
      transitions.push({ from, to, formula, origin: lines.span(keyword.start, last.end) });
    } else
      throw reject.malformed(keyword, `\`${keyword.text}\` is not expected here`, 'START, FROM, CUTPOINT or ERROR');
  }
  if (initial.length === 0) throw reject.malformed(reader.peek, 'the system has no start', '`START: location;`');
  return { variables: names.map((name) => ({ name })), locations, initial, transitions };
}

function command(
  reader: InfixReader,
  numberOf: ReadonlyMap<string, number>,
  current: Polynomial[],
  conditions: Formula[],
): void {
  if (reader.accept('AT')) {
    reader.expect('(');
    while (!reader.at(')')) {
      if (reader.peek.kind === 'end') throw reader.wrong('`)`');
      reader.take();
    }
    reader.take();
    reader.accept(';');
    return;
  }
  if (reader.accept('assume')) {
    reader.expect('(');
    conditions.push(reader.formula());
    reader.expect(')');
  } else {
    const target = numberOf.get(reader.peek.text);
    if (reader.peek.kind !== 'name' || target === undefined) throw reader.wrong('an assignment, assume(…) or TO');
    reader.take();
    reader.expect(':=');
    current[target] = reader.term();
  }
  reader.expect(';');
}

const keywords = new Set([
  'START',
  'FROM',
  'TO',
  'ERROR',
  'CUTPOINT',
  'AT',
  'assume',
  'nondet',
  'true',
  'false',
  'True',
]);

/** Every name that is not a keyword, nor a location (which follows a colon). */
function variablesOf(list: readonly Token[]): string[] {
  const names = new Set<string>();
  for (const [i, token] of list.entries()) {
    if (token.kind === 'name' && !keywords.has(token.text) && list[i - 1]?.text !== ':') names.add(token.text);
  }
  return [...names];
}
