/**
 * Which action works on which resource (row 68): `s3:ListBucket` on `bucket/*` grants nothing in reality. As an
 * axiom it is a switch, off by default, because the checks of the cloud service do not know it either. It speaks about
 * the services that the policies name; actions of other services, and future ones, are left free.
 */
import type { Formula, Language } from '../../program/space.ts';
import type { PolicyDocument } from './document.ts';
import { any, both, either, not } from './formulas.ts';
import { anyChar, literals, many, notColon, notSlash, one, text, union } from './languages.ts';
import type { Axiom, Lowering } from './lowering.ts';
import type { ServiceAction } from './service-data.ts';

/** An ARN pattern field by field. `ofType`: the format of a resource type, where a name holds no slash but at the end. */
export function arnLanguage(pattern: string, ofType = false): Language {
  const chars = Array.from(pattern);
  const path = pattern.split(':').slice(5).join(':').includes('/');
  let colons = 0;
  return union(
    chars.map((char, i) => {
      if (char === ':') colons++;
      const tail = ofType && !(path && i === chars.length - 1) ? notSlash : anyChar;
      const set = colons < 5 ? notColon : tail;
      return char === '*' ? many(set) : char === '?' ? one(set) : literals(char)[0]!;
    }),
  );
}

export function actionResourceAxiom(
  lowering: Lowering,
  documents: readonly PolicyDocument[],
  actionsOf: (service: string) => readonly ServiceAction[],
): Axiom {
  const services = new Set<string>();
  for (const document of documents) {
    for (const s of document.statements) {
      for (const { text: action } of s.action.values) {
        const colon = action.indexOf(':');
        if (colon > 0) services.add(action.slice(0, colon).toLowerCase());
      }
    }
  }
  const groups = new Map<string, { actions: string[]; resources: readonly string[] }>();
  const known: string[] = [];
  for (const service of services) {
    for (const { name, resources } of actionsOf(service)) {
      const key = [...resources].sort().join(' ');
      const group = groups.get(key);
      if (group) group.actions.push(name.toLowerCase());
      else groups.set(key, { actions: [name.toLowerCase()], resources });
      known.push(name.toLowerCase());
    }
  }
  const formula: Formula = either(
    not(lowering.actionIn(known)),
    any(
      [...groups.values()].map((g) =>
        both(
          lowering.actionIn(g.actions),
          lowering.resourceIn(g.resources.length === 0 ? [text('*')] : g.resources.map((r) => arnLanguage(r, true))),
        ),
      ),
    ),
  );
  return {
    name: 'action-resource',
    text: `actions of ${[...services].join(', ')} work on the resource types that AWS lists for them`,
    formula,
  };
}
