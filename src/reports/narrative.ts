import { unreachable } from '../base/unreachable.ts';
import { reachableLocations } from '../program/path.ts';
import { isFlat, type Location, type LocationId, mainProcedure, type Program } from '../program/program.ts';
import type { Task } from '../program/question.ts';
import { isTrue, type Term } from '../terms/term.ts';
import { freeSymbols, subterms } from '../terms/traversal.ts';
import type { Contract } from '../verdict/contracts.ts';
import type { Evidence, Invariants } from '../verdict/evidence.ts';
import type { Proof } from '../verdict/proof.ts';
import { locationOf, type RankingFunctions, type TerminationProof } from '../verdict/termination/proof.ts';
import { formula, spelling } from './spelling.ts';
import { proofWords } from './wording.ts';

/**
 * The reasoning behind an answer about a program, in the three steps that a person takes: where control can go, what is
 * eventually true, what is always true. Text only; how it is laid out is the reporter's business.
 */
export interface Narrative {
  readonly control: readonly string[];
  readonly eventually: readonly string[];
  readonly always: readonly string[];
  /** How the steps were proved, for the long form. */
  readonly proof: readonly string[];
}

const mostLoops = 6;
const mostFacts = 6;
const longestFact = 120;

export function narrative(task: Task, evidence: Evidence, detail: 'short' | 'all'): Narrative {
  const { program } = task;
  const control = controlStructure(program, detail);
  const nothing = { control, eventually: [], always: [], proof: [] };
  switch (evidence.kind) {
    case 'trace':
    case 'lasso':
      return nothing;
    case 'exhaustive':
      return {
        ...nothing,
        ...(task.question.kind === 'terminates'
          ? { eventually: ['every run was made, for all inputs, and each came to its end'] }
          : { always: ['every run was made, for all inputs, and none was found against it'] }),
        proof: ['no proof is needed: the interpreter made the runs again'],
      };
    case 'invariant':
      return {
        ...nothing,
        always: [
          ...contractFacts(program, evidence.contracts, detail),
          ...invariantFacts(program, evidence.at, detail),
        ],
        proof: proved(evidence.proofs),
      };
    case 'unwinding':
      return {
        ...nothing,
        always: ['all runs, followed to their ends as formulas, are fine'],
        proof: proved(evidence.proofs),
      };
    case 'ranking':
      return {
        ...nothing,
        eventually: measureFacts(program, evidence.argument, detail),
        always: [
          ...contractFacts(program, evidence.contracts, detail),
          ...invariantFacts(program, evidence.at, detail),
        ],
        proof: proved(evidence.proofs),
      };
    case 'recurrent-set':
      return {
        ...nothing,
        always: evidence.sets.flatMap(({ at, set }) =>
          facts(program, set, detail).map((f) => `${f}   (${place(program, at)}, from some turn on)`),
        ),
        proof: proved(evidence.proofs),
      };
    case 'parts': {
      const parts = evidence.parts.map((p) => narrative(task, p.evidence, detail));
      const all = [...new Set(parts.flatMap((p) => p.always))].filter((f) => !/^and \d+ more/.test(f));
      const kept = detail === 'all' ? all : all.slice(0, mostFacts);
      const more = all.length - kept.length;
      return {
        ...nothing,
        always: [...kept, ...(more > 0 ? [`and ${more} more (--explain shows them)`] : [])],
        proof: parts.flatMap((p) => p.proof),
      };
    }
    default:
      return unreachable(evidence);
  }
}

const proved = (proofs: readonly Proof[]): string[] => [proofWords(proofs)].filter((t) => t !== '');

/** What a fact is worth to a reader: the user's own variables first, copies and temporaries last. */
function strangeness(program: Program, term: Term): number {
  const spell = spelling(program);
  const symbols = freeSymbols([term]);
  const strangers = symbols.filter((s) => {
    const variable = program.variables.get(s);
    return variable === undefined || variable.internal || spell(s.name) !== variable.name;
  }).length;
  // Addresses say something about pointers only.
  const pointers = symbols.some((s) => program.variables.get(s)?.pointer);
  const misplaced = !pointers && (program.addresses?.length ?? 0) > 0 && subterms([term]).some(isAddress);
  return strangers + (misplaced ? 3 : 0);
}

const isAddress = (term: Term): boolean =>
  term.kind === 'value' && typeof term.value === 'bigint' && term.value >= 1n << 38n;

function controlStructure(program: Program, detail: 'short' | 'all'): string[] {
  const main = mainProcedure(program);
  const reachable = reachableLocations(program);
  const loops = [...main.locations.values()].filter((l) => l.loop && reachable.has(l.id));
  const lines = loops.map((l) => `the ${loopName(l)}`);
  const distinct = [...new Set(lines)];
  if (!isFlat(program)) distinct.push('calls that come back to the same function (recursion)');
  if (distinct.length === 0) return ['there is no loop: every run goes straight to its end'];
  const most = detail === 'all' ? distinct.length : mostLoops;
  const more = distinct.length - most;
  return [...distinct.slice(0, most), ...(more > 0 ? [`and ${more} more`] : [])];
}

function loopName(location: Location): string {
  const loop = location.loop!;
  const line = (loop.origin ?? location.origin)?.start.line;
  const at = line === undefined ? 'loop' : `loop at line ${line}`;
  const condition = loop.conditionText?.replace(/\s+/g, ' ');
  if (loop.keyword === 'recursion') return `recursion${line === undefined ? '' : ` at line ${line}`}`;
  return condition ? `${at} goes round while ${cut(condition)}` : `${at} goes round until it is left from within`;
}

/** "at line 3", or "at the start". */
export function place(program: Program, at: LocationId): string {
  const main = mainProcedure(program);
  if (at === main.entry) return 'at the start';
  const location = main.locations.get(at);
  const line = (location?.loop?.origin ?? location?.origin)?.start.line;
  if (line !== undefined) return `at line ${line}`;
  return at === main.exit ? 'at the end' : `at location ${at}`;
}

function invariantFacts(program: Program, invariants: Invariants, detail: 'short' | 'all'): string[] {
  const found: { text: string; strange: number }[] = [];
  for (const [at, term] of invariants) {
    for (const fact of conjuncts(term)) {
      if (isTrue(fact)) continue;
      const text = formula(program, fact);
      const strange = strangeness(program, fact);
      found.push({ text: `${detail === 'all' ? text : cut(text)}   (${place(program, at)})`, strange });
    }
  }
  if (detail === 'all') return found.map((f) => f.text);
  const plain = found.sort((a, b) => a.strange - b.strange).slice(0, mostFacts);
  const more = found.length - plain.length;
  return [...plain.map((f) => f.text), ...(more > 0 ? [`and ${more} more (--explain shows them)`] : [])];
}

/** What holds of the calls that return. */
function contractFacts(
  program: Program,
  contracts: readonly Contract[] | undefined,
  detail: 'short' | 'all',
): readonly string[] {
  const all = (contracts ?? []).flatMap((c) =>
    facts(program, c.summary, detail).map((f) => `${f}   (of every call of ${c.procedure} that returns)`),
  );
  if (detail === 'all' || all.length <= mostFacts) return all;
  return [...all.slice(0, mostFacts), `and ${all.length - mostFacts} more (--explain shows them)`];
}

/** The conjuncts of a formula as the user would write them; in the short form, long ones are cut. */
function facts(program: Program, term: Term, detail: 'short' | 'all'): string[] {
  const parts = conjuncts(term).filter((t) => !isTrue(t));
  return parts.map((t) => (detail === 'all' ? formula(program, t) : cut(formula(program, t))));
}

export function conjuncts(term: Term): readonly Term[] {
  const result: Term[] = [];
  const stack = [term];
  for (let t = stack.pop(); t; t = stack.pop()) {
    if (t.kind === 'apply' && t.op === 'and') stack.push(...[...t.args].reverse());
    else if (!result.includes(t)) result.push(t);
  }
  return result;
}

/** The measures of a termination argument, in the order in which they are used. */
function measureFacts(program: Program, argument: TerminationProof, detail: 'short' | 'all'): string[] {
  /** Each sentence with the loops that it is about; constants say nothing and are left out. */
  const places = new Map<string, Set<LocationId>>();
  const add = (functions: RankingFunctions, what: string): void => {
    for (const [node, term] of functions) {
      if (term.kind === 'value') continue;
      const text = `${cut(formula(program, term))} ${what}`;
      places.set(text, (places.get(text) ?? new Set()).add(locationOf(node)));
    }
  };
  const work: TerminationProof[] = [argument];
  for (let proof = work.pop(); proof; proof = work.pop()) {
    switch (proof.kind) {
      case 'done':
        break;
      case 'components':
        work.push(...[...proof.parts].reverse());
        break;
      case 'rank':
        if (proof.strict.length > 0) add(proof.functions, 'falls and cannot fall below 0');
        work.push(proof.rest);
        break;
      case 'nested':
        for (const [i, functions] of proof.functions.entries()) {
          add(functions, i === 0 ? 'falls in the end' : 'then falls too, from some turn on');
        }
        work.push(proof.rest);
        break;
      case 'split': {
        const at = place(program, locationOf(proof.node));
        places.set(`two cases ${at}: ${cut(formula(program, proof.predicate))}, or not`, new Set());
        work.push(proof.rest);
        break;
      }
      case 'infeasible':
      case 'chain':
      case 'square':
        work.push(proof.rest);
        break;
      default:
        return unreachable(proof);
    }
  }
  const lines = [...places].map(([text, at]) => (at.size === 0 ? text : `${text}   (${placesText(program, at)})`));
  if (lines.length === 0) return ['no run comes back to a place where it has been'];
  if (detail === 'all' || lines.length <= mostFacts) return lines;
  return [...lines.slice(0, mostFacts), `and ${lines.length - mostFacts} more (--explain shows them)`];
}

/** "line 3" or "lines 3, 5": the loops among the places, if any of them is one. */
function placesText(program: Program, places: ReadonlySet<LocationId>): string {
  const { locations } = mainProcedure(program);
  const heads = [...places].filter((at) => locations.get(at)?.loop);
  const chosen = heads.length > 0 ? heads : [...places];
  const lines = chosen.map((at) => locations.get(at)).map((l) => (l?.loop?.origin ?? l?.origin)?.start.line);
  const known = [...new Set(lines.filter((l) => l !== undefined))].sort((a, b) => a - b);
  if (known.length === 0) return chosen.map((at) => place(program, at)).join(', ');
  const more = known.length > 6 ? ', ...' : '';
  return `line${known.length === 1 ? '' : 's'} ${known.slice(0, 6).join(', ')}${more}`;
}

const cut = (text: string): string => (text.length <= longestFact ? text : `${text.slice(0, longestFact - 1)}…`);
