import type { Edge } from '../../program/program.ts';
import type { Term } from '../../terms/term.ts';

/**
 * What the graph and the look of its guards say: where loops begin, and which edges exclude one another. All by syntax: edges
 * that are not seen to be exclusive are treated as a choice, which costs time and nothing else.
 */

/** Whether at most one of the edges can be taken in any state, by the look of their guards. */
export function exclusive(edges: readonly Edge[]): boolean {
  const guards = edges.map(leadingGuards);
  for (let i = 0; i < edges.length; i++) {
    for (let j = i + 1; j < edges.length; j++) {
      if (!guards[i]!.some((g) => guards[j]!.some((h) => opposed(g, h)))) return false;
    }
  }
  return true;
}

/** The conjuncts of the assumes before anything else on an edge. */
function leadingGuards(edge: Edge): Term[] {
  const result: Term[] = [];
  for (const step of edge.steps) {
    if (step.kind !== 'assume') break;
    const work = [step.condition];
    for (let t = work.pop(); t; t = work.pop()) {
      // A conjunction counts as itself too, since its negation may stand on another edge.
      result.push(t);
      if (t.kind === 'apply' && t.op === 'and') work.push(...t.args);
    }
  }
  return result;
}

const negations: Partial<Record<string, string>> = { '<': '>=', '<=': '>', '>': '<=', '>=': '<' };
const mirrored: Partial<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** Whether two formulas cannot both hold: one is the other's negation, or the same term equals two values. */
function opposed(a: Term, b: Term): boolean {
  if (a.kind === 'apply' && a.op === 'not' && a.args[0] === b) return true;
  if (b.kind === 'apply' && b.op === 'not' && b.args[0] === a) return true;
  if (a.kind !== 'apply' || b.kind !== 'apply' || a.args.length !== 2 || b.args.length !== 2) return false;
  if (a.op === '=' && b.op === '=') {
    for (const [x, y] of [a.args, [a.args[1]!, a.args[0]!]] as const) {
      for (const [u, v] of [b.args, [b.args[1]!, b.args[0]!]] as const) {
        if (x === u && y !== v && y!.kind === 'value' && v!.kind === 'value') return true;
      }
    }
    return false;
  }
  const opposite = negations[a.op];
  if (!opposite) return false;
  const same = a.args[0] === b.args[0] && a.args[1] === b.args[1];
  const swapped = a.args[0] === b.args[1] && a.args[1] === b.args[0];
  return (same && b.op === opposite) || (swapped && b.op === mirrored[opposite]);
}

/** Whether an edge that follows a blocked one can always be taken as far as its first assume. */
export function complementary(first: Edge, second: Edge): boolean {
  const a = first.steps[0];
  const b = second.steps[0];
  if (a?.kind !== 'assume' || b?.kind !== 'assume') return false;
  if (first.steps.slice(1).some((s) => s.kind === 'assume')) return false;
  const isNegation = (x: Term, y: Term): boolean => x.kind === 'apply' && x.op === 'not' && x.args[0] === y;
  if (isNegation(a.condition, b.condition) || isNegation(b.condition, a.condition)) return true;
  const [x, y] = [a.condition, b.condition];
  if (x.kind !== 'apply' || y.kind !== 'apply' || x.args.length !== 2 || y.args.length !== 2) return false;
  return negations[x.op] === y.op && x.args[0] === y.args[0] && x.args[1] === y.args[1];
}
