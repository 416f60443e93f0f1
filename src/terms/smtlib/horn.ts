import { RangeAnalysis, type SymbolRanges } from '../range.ts';
import type { Sort } from '../sort.ts';
import type { SymbolTerm, Term } from '../term.ts';
import { checkSort, IntForm, LetScript } from './int-form.ts';
import { Script, symbolName, Unsupported } from './script.ts';

/**
 * Constrained Horn clauses as an SMT-LIB script (logic HORN): unknown predicates, and for each clause
 * `for all variables: premise and constraint imply conclusion`, where no conclusion means false.
 */
export interface HornPredicate {
  readonly name: string;
  readonly sorts: readonly Sort[];
}

export interface HornAtom {
  readonly predicate: HornPredicate;
  readonly args: readonly Term[];
}

export interface HornClause {
  readonly variables: readonly SymbolTerm[];
  readonly premises: readonly HornAtom[];
  /** The declared ranges of the variables are among them. */
  readonly constraint: readonly Term[];
  readonly conclusion?: HornAtom;
}

/** Throws Unsupported. `ranges` must follow from the constraint of each clause. */
export function hornScript(
  predicates: readonly HornPredicate[],
  clauses: readonly HornClause[],
  ranges: SymbolRanges,
): string {
  const sorts = [...predicates.flatMap((p) => p.sorts), ...clauses.flatMap((c) => c.variables.map((v) => v.sort))];
  if (sorts.some((s) => s.kind === 'float')) throw new Unsupported('floats in Horn clauses');
  const script = new Script();
  const lines: string[] = ['(set-logic HORN)'];
  for (const { name, sorts } of predicates) {
    lines.push(`(declare-fun ${name} (${sorts.map(checkSort).join(' ')}) Bool)`);
  }
  const assertions = clauses.map((clause) => clauseText(script, clause, ranges));
  const functions = script.take().trim();
  if (functions) lines.push(functions);
  return [...lines, ...assertions].map((line) => `${line}\n`).join('');
}

function clauseText(script: Script, clause: HornClause, ranges: SymbolRanges): string {
  const { variables, premises, constraint, conclusion } = clause;
  const inner = new LetScript(script, new Set(variables));
  const form = new IntForm(inner, new RangeAnalysis(ranges), new Map(), 1);
  const atom = ({ predicate, args }: HornAtom): string =>
    args.length === 0 ? predicate.name : `(${predicate.name} ${args.map((a) => form.text(a)).join(' ')})`;
  const body = [...premises.map(atom), ...constraint.map((c) => form.text(c)), 'true'];
  const head = conclusion ? atom(conclusion) : 'false';
  const implication = inner.wrap(`(=> (and ${body.join(' ')}) ${head})`);
  if (variables.length === 0) return `(assert ${implication})`;
  const binders = variables.map((v) => `(${symbolName(v)} ${checkSort(v.sort)})`).join(' ');
  return `(assert (forall (${binders}) ${implication}))`;
}
