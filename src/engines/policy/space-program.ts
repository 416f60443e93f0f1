/**
 * A request space as a loop-free `Program`, so that the general engines can answer too: havoc one number per dimension
 * (which class of the finite partition its value is in; 0: missing), then step through the parts of the formula, each an
 * `assume`; the cases of the grant are parallel edges, one per statement. The question is whether control can ever reach
 * the end. Strings do not appear: a class stands for all texts that the policies cannot tell apart, so the translation is
 * exact. A set of strings becomes one number 0 or 1 per class.
 */
import { unreachable } from '../../base/unreachable.ts';
import { ProgramBuilder } from '../../program/builder.ts';
import type { Program } from '../../program/program.ts';
import type { Task } from '../../program/question.ts';
import { TermFactory } from '../../terms/factory.ts';
import { intSort } from '../../terms/sort.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { type Bits, has, members } from './bits.ts';
import type { Compiled, CompiledDimension, Node } from './compile.ts';

type Reading =
  | { readonly kind: 'class'; readonly symbol: SymbolTerm }
  | { readonly kind: 'members'; readonly symbols: readonly (SymbolTerm | undefined)[] };

export function taskOf(compiled: Compiled, text: string, path: string): Task {
  const terms = new TermFactory();
  const builder = new ProgramBuilder(terms);
  const main = builder.procedure('request');
  const readings = new Map<number, Reading>();
  const havocs: { kind: 'havoc'; target: SymbolTerm; input: string }[] = [];
  const declare = (name: string, low: number, high: number): SymbolTerm => {
    const range = { low: BigInt(low), high: BigInt(high) };
    const symbol = main.declare({ name, range, role: 'local' }, intSort);
    havocs.push({ kind: 'havoc', target: symbol, input: name });
    return symbol;
  };
  for (const dimension of compiled.dimensions) {
    if (!dimension) continue;
    const { name, kind } = dimension.dimension;
    if (kind === 'strings') {
      const symbols = Array.from({ length: dimension.count }, (_, i) =>
        i === 0 ? undefined : declare(`${name} has class ${i}`, 0, 1),
      );
      readings.set(dimension.index, { kind: 'members', symbols });
    } else {
      const low = has(dimension.universe, 0) ? 0 : 1;
      readings.set(dimension.index, { kind: 'class', symbol: declare(name, low, dimension.count - 1) });
    }
  }
  const term = (node: Node): Term => nodeTerm(node, terms, readings, compiled.dimensions);
  const parts = compiled.root.kind === 'and' ? compiled.root.parts : [compiled.root];
  let here = main.location();
  main.edge(main.entry, here, havocs);
  for (const part of parts) {
    const next = main.location();
    const cases = part.kind === 'or' && part.label === 'grant' ? part.parts : [part];
    for (const one of cases) main.edge(here, next, [{ kind: 'assume', condition: term(one) }]);
    here = next;
  }
  main.edge(here, main.exit, []);
  main.finish();
  const program: Program = builder.build('request');
  return {
    program,
    question: { kind: 'ever', text, targets: [{ at: here, property: terms.true }] },
    assumptions: [],
    subject: { path, language: 'iam' },
  };
}

function nodeTerm(
  node: Node,
  terms: TermFactory,
  readings: ReadonlyMap<number, Reading>,
  dimensions: readonly (CompiledDimension | undefined)[],
): Term {
  const inner = (n: Node): Term => nodeTerm(n, terms, readings, dimensions);
  switch (node.kind) {
    case 'true':
      return terms.true;
    case 'false':
      return terms.false;
    case 'case':
      return inner(node.node);
    case 'and':
      return terms.all(node.parts.map(inner));
    case 'or':
      return terms.any(node.parts.map(inner));
    case 'set': {
      const reading = readings.get(node.dimension)!;
      if (reading.kind !== 'class') throw new Error('INVARIANT broken: a class literal on a set');
      return inClasses(terms, reading.symbol, node.bits);
    }
    case 'some':
    case 'all': {
      const reading = readings.get(node.dimension)!;
      if (reading.kind !== 'members') throw new Error('INVARIANT broken: a set literal on a class');
      const one = terms.int(1);
      const literals: Term[] = [];
      reading.symbols.forEach((symbol, c) => {
        if (!symbol) return;
        const inside = has(node.bits, c);
        const member = terms.apply('=', [symbol, one]);
        if (node.kind === 'some' && inside) literals.push(member);
        if (node.kind === 'all' && !inside) literals.push(terms.apply('not', [member]));
      });
      return node.kind === 'some' ? terms.any(literals) : terms.all(literals);
    }
    default:
      return unreachable(node);
  }
}

/** A number is in a set of classes: a union of intervals. */
function inClasses(terms: TermFactory, symbol: SymbolTerm, bits: Bits): Term {
  const intervals: Term[] = [];
  let low = -2;
  let high = -2;
  const close = (): void => {
    if (low < 0) return;
    const [a, b] = [terms.int(low), terms.int(high)];
    intervals.push(
      low === high
        ? terms.apply('=', [symbol, a])
        : terms.all([terms.apply('<=', [a, symbol]), terms.apply('<=', [symbol, b])]),
    );
  };
  for (const c of members(bits)) {
    if (c === high + 1) high = c;
    else {
      close();
      low = c;
      high = c;
    }
  }
  close();
  return terms.any(intervals);
}
