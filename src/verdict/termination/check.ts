import { unreachable } from '../../base/unreachable.ts';
import { type Program, stateVariables } from '../../program/program.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { freeSymbols } from '../../terms/traversal.ts';
import type { RankingEvidence } from '../evidence.ts';
import { invariantObligations } from '../invariant-check.ts';
import { checkProofs, type EvidenceResult, type Obligation, type Obligations } from '../obligation.ts';
import type { ProofChecker } from '../proof.ts';
import { locationOf, type RankingFunctions, type TerminationProof } from './proof.ts';
import {
  after,
  chainNode,
  components,
  splitNode,
  squareTransitions,
  type Transition,
  transitionsOf,
} from './transitions.ts';

/**
 * The obligations of a termination argument: first those of its invariants, then those of the argument, in the order in which
 * the tree is walked (a node's own, by transition, before those of what is below it).
 */
export function terminationObligations(program: Program, evidence: RankingEvidence): Obligations {
  const invariant = invariantObligations(program, evidence.at, []);
  if (invariant.kind === 'malformed') return invariant;
  const transitions = transitionsOf(program, evidence.at);
  if (transitions.kind === 'malformed') return transitions;
  const argument = argumentObligations(program, transitions.list, evidence.argument);
  if (argument.kind === 'malformed') return argument;
  return { kind: 'obligations', list: [...invariant.list, ...argument.list] };
}

export function checkTermination(
  program: Program,
  evidence: RankingEvidence,
  checkProof: ProofChecker,
): EvidenceResult {
  return checkProofs(program.terms, terminationObligations(program, evidence), evidence.proofs, checkProof);
}

/** The obligations of an argument about one set of transitions. */
export function argumentObligations(
  program: Program,
  set: readonly Transition[],
  argument: TerminationProof,
): Obligations {
  const list: Obligation[] = [];
  const state = new Set<SymbolTerm>(stateVariables(program));
  const overState = (term: Term): boolean => freeSymbols([term]).every((s) => state.has(s));
  const malformed = (why: string): Obligations => ({ kind: 'malformed', why });
  const work: { set: readonly Transition[]; proof: TerminationProof }[] = [{ set, proof: argument }];
  for (let item = work.pop(); item; item = work.pop()) {
    const { proof } = item;
    const current = item.set;
    switch (proof.kind) {
      case 'done':
        if (current.length > 0) return malformed(`${current.length} transitions have no argument`);
        break;
      case 'components': {
        const parts = components(current);
        if (parts.length !== proof.parts.length) return malformed('as many parts as components are needed');
        for (const [i, part] of [...parts.entries()].reverse()) work.push({ set: part, proof: proof.parts[i]! });
        break;
      }
      case 'infeasible': {
        const gone = pick(current, proof.transitions);
        if (!gone) return malformed('no such transition');
        for (const t of gone) list.push(obligation(program, t, program.terms.false, 'this way is never taken'));
        work.push({ set: current.filter((t) => !gone.includes(t)), proof: proof.rest });
        break;
      }
      case 'rank': {
        const strict = pick(current, proof.strict);
        if (!strict) return malformed('no such transition');
        const wrong = checkFunctions(current, proof.functions, overState);
        if (wrong) return malformed(wrong);
        for (const t of current) {
          list.push(
            obligation(
              program,
              t,
              rankStep(program, t, proof.functions, strict.includes(t)),
              rankText(strict.includes(t)),
            ),
          );
        }
        work.push({ set: current.filter((t) => !strict.includes(t)), proof: proof.rest });
        break;
      }
      case 'nested': {
        const strict = pick(current, proof.strict);
        if (!strict) return malformed('no such transition');
        if (proof.functions.length === 0) return malformed('no function is given');
        for (const functions of proof.functions) {
          const wrong = checkFunctions(current, functions, overState);
          if (wrong) return malformed(wrong);
        }
        for (const t of current) {
          list.push(
            obligation(
              program,
              t,
              nestedStep(program, t, proof.functions, strict.includes(t)),
              rankText(strict.includes(t)),
            ),
          );
        }
        work.push({ set: current.filter((t) => !strict.includes(t)), proof: proof.rest });
        break;
      }
      case 'split':
        if (proof.predicate.sort.kind !== 'bool' || !overState(proof.predicate))
          return malformed('the predicate is not over the state');
        work.push({ set: splitNode(program, current, proof.node, proof.predicate), proof: proof.rest });
        break;
      case 'chain': {
        const chained = chainNode(program, current, proof.node);
        if (!chained) return malformed('a node with a transition to itself cannot be chained');
        if (chained.length > 20_000) return malformed('too many transitions');
        work.push({ set: chained, proof: proof.rest });
        break;
      }
      case 'square': {
        const squared = squareTransitions(program, current);
        if (squared.length > 20_000) return malformed('too many transitions');
        work.push({ set: squared, proof: proof.rest });
        break;
      }
      default:
        return unreachable(proof);
    }
  }
  return { kind: 'obligations', list };
}

/** What a transition must satisfy under `rank`. Exported for the engines that search for functions. */
export function rankStep(program: Program, transition: Transition, functions: RankingFunctions, strict: boolean): Term {
  const t = program.terms;
  const before = functions.get(transition.from)!;
  const then = after(program, transition, functions.get(transition.to)!);
  if (!strict) return t.lessEqual(then, before);
  return t.and(t.lessEqual(t.int(0), before), t.less(then, before));
}

/** What a transition must satisfy under `nested`. */
export function nestedStep(
  program: Program,
  transition: Transition,
  functions: readonly RankingFunctions[],
  strict: boolean,
): Term {
  const t = program.terms;
  const parts: Term[] = [];
  for (const [i, functionsHere] of functions.entries()) {
    const before = functionsHere.get(transition.from)!;
    const then = after(program, transition, functionsHere.get(transition.to)!);
    if (!strict) parts.push(t.lessEqual(then, before));
    else if (i === 0) parts.push(t.less(then, before));
    else parts.push(t.less(then, t.add(before, functions[i - 1]!.get(transition.from)!)));
  }
  if (strict) parts.push(t.lessEqual(t.int(0), functions[functions.length - 1]!.get(transition.from)!));
  return t.all(parts);
}

function obligation(program: Program, transition: Transition, wanted: Term, text: string): Obligation {
  const t = program.terms;
  const origin = transition.paths.flatMap((p) => p.edges).find((e) => e.origin)?.origin;
  return {
    refute: t.all([...transition.condition, t.not(wanted)]),
    text,
    from: locationOf(transition.from),
    to: locationOf(transition.to),
    ...(origin ? { origin } : {}),
  };
}

const rankText = (strict: boolean): string =>
  strict ? 'the measure falls, and not below its bound' : 'the measure does not grow';

function checkFunctions(
  set: readonly Transition[],
  functions: RankingFunctions,
  overState: (term: Term) => boolean,
): string | undefined {
  for (const t of set) {
    for (const node of [t.from, t.to]) {
      const f = functions.get(node);
      if (!f) return `node ${node} has no function`;
      if (f.sort.kind !== 'int' || !overState(f))
        return `the function of node ${node} is not an integer over the state`;
    }
  }
  return undefined;
}

/** The transitions with these ids; undefined if one is missing. */
function pick(set: readonly Transition[], ids: readonly number[]): Transition[] | undefined {
  const byId = new Map(set.map((t) => [t.id, t]));
  const result = ids.map((id) => byId.get(id));
  return result.every((t) => t !== undefined) ? result : undefined;
}
