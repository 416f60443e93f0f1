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
  const found = find(free.space, budget, limits);
  if (found.kind === 'budget') return found;
  if (found.kind === 'none') return { kind: 'none', proof: found.proof, space: free.space };
  if (free.names.length === 0) return found;
  const under = { dimensions: space.dimensions, formula: withoutUnknowns(space.formula) };
  const sure = find(under, budget, limits);
  if (sure.kind !== 'none') return sure;
  return { kind: 'unsure', unknowns: free.names, point: found.point.slice(0, space.dimensions.length) };
}

type Search = (Decision & { kind: 'point' | 'budget' }) | { readonly kind: 'none'; readonly proof: CoverProof };

/** One partition for all; if that grows too large, one for each case of the `grant`, of the part inside it only. */
function find(space: Space, budget: Budget, limits: { maxStates: number }): Search {
  const whole = compile(space, budget, limits);
  if ('compiled' in whole) return searched(whole.compiled, budget);
  const { formula } = space;
  const parts = formula.kind === 'and' ? formula.parts : [];
  const part = parts.findIndex((p) => p.kind === 'or' && p.label === 'grant');
  const grant = parts[part];
  if (grant?.kind !== 'or') {
    // a single grant: its literals stand at the top
    if (formula.kind !== 'and') return tooMany(whole.failed);
    const one = compile(space, budget, limits, { part: -1, index: 0 });
    return 'failed' in one ? tooMany(one.failed) : searched(one.compiled, budget);
  }
  const cases: CoverProof[] = [];
  let open: string | undefined;
  for (let index = 0; index < grant.parts.length; index++) {
    const one = compile(space, budget, limits, { part, index });
    if ('failed' in one) {
      open ??= one.failed;
      continue;
    }
    const result = searched(one.compiled, budget);
    if (result.kind === 'point') return result;
    if (result.kind === 'budget') return result;
    cases.push(result.proof);
  }
  if (open !== undefined) return tooMany(open);
  return { kind: 'none', proof: { kind: 'split', path: [part], cases } };
}

const tooMany = (dimension: string): Search => ({
  kind: 'budget',
  what: `too many combinations of patterns for ${dimension}`,
});

function searched(compiled: Compiled, budget: Budget): Search {
  const found = search(compiled, budget);
  switch (found.kind) {
    case 'point':
      return { kind: 'point', point: found.point, compiled, classes: found.classes };
    case 'none':
      return found;
    case 'budget':
      return { kind: 'budget', what: 'too many combinations of statements' };
    default:
      return unreachable(found);
  }
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
