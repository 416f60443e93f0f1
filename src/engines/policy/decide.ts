/**
 * The decision procedure for request spaces: partition each dimension, search over the classes. Exact for what the
 * formula says. Its `unknown` literals are treated twice: left free (if there is no point even so: `none`, whatever
 * they are) and taken as false in either polarity (if there is a point even so: `point`, whatever they are); in between
 * the answer is `unsure`, with the names that the first point leans on.
 */
import type { Budget } from '../../base/budget.ts';
import { unreachable } from '../../base/unreachable.ts';
import type { CoverProof, Dimension, Formula, Point, Space } from '../../program/space.ts';
import { type Compiled, compile } from './compile.ts';
import { search } from './search.ts';

export type Decision =
  | {
      readonly kind: 'point';
      readonly point: Point;
      readonly compiled: Compiled;
      readonly classes: readonly (number | readonly number[] | undefined)[];
    }
  | { readonly kind: 'none'; readonly proof: CoverProof; readonly space: Space }
  | { readonly kind: 'unsure'; readonly unknowns: readonly string[]; readonly point: Point }
  | { readonly kind: 'budget'; readonly what: string };

export interface DecideOptions {
  /** States that one dimension's automaton may have. */
  readonly maxStates?: number;
}

export function decide(space: Space, budget: Budget, options: DecideOptions = {}): Decision {
  const limits = { maxStates: options.maxStates ?? 60_000 };
  const free = withFreeUnknowns(space);
  const over = compile(free.space, budget, limits);
  if ('failed' in over) return { kind: 'budget', what: `too many combinations of patterns for ${over.failed}` };
  const found = search(over.compiled, budget);
  if (found.kind === 'budget') return { kind: 'budget', what: 'too many combinations of statements' };
  if (found.kind === 'none') return { kind: 'none', proof: found.proof, space: free.space };
  if (free.names.length === 0)
    return { kind: 'point', point: found.point, compiled: over.compiled, classes: found.classes };
  const under = compile({ dimensions: space.dimensions, formula: withoutUnknowns(space.formula) }, budget, limits);
  if ('failed' in under) return { kind: 'budget', what: `too many combinations of patterns for ${under.failed}` };
  const sure = search(under.compiled, budget);
  if (sure.kind === 'budget') return { kind: 'budget', what: 'too many combinations of statements' };
  if (sure.kind === 'point') {
    return { kind: 'point', point: sure.point, compiled: under.compiled, classes: sure.classes };
  }
  return { kind: 'unsure', unknowns: free.names, point: found.point.slice(0, space.dimensions.length) };
}

/** Every unknown becomes a truth value of its own. */
export function withFreeUnknowns(space: Space): { space: Space; names: string[] } {
  const indexOf = new Map<string, number>();
  const dimensions: Dimension[] = [...space.dimensions];
  const walk = (formula: Formula): Formula => {
    switch (formula.kind) {
      case 'true':
      case 'false':
      case 'in':
      case 'some':
      case 'all':
        return formula;
      case 'and':
      case 'or':
        return { ...formula, parts: formula.parts.map(walk) };
      case 'unknown': {
        let dimension = indexOf.get(formula.name);
        if (dimension === undefined) {
          dimension = dimensions.length;
          indexOf.set(formula.name, dimension);
          dimensions.push({ name: `unknown: ${formula.name}`, kind: 'boolean', optional: false, atoms: [] });
        }
        return { kind: 'in', dimension, atoms: [0], negated: formula.negated, absent: false };
      }
      default:
        return unreachable(formula);
    }
  };
  const formula = walk(space.formula);
  return { space: { dimensions, formula }, names: [...indexOf.keys()] };
}

function withoutUnknowns(formula: Formula): Formula {
  switch (formula.kind) {
    case 'and':
    case 'or':
      return { ...formula, parts: formula.parts.map(withoutUnknowns) };
    case 'unknown':
      return { kind: 'false' };
    default:
      return formula;
  }
}
