import type { Details } from './diagnostics.ts';

/** Names that a mistyped one may stand for. */

/** Up to three names, by edit distance, that are close enough to be meant. */
export function nearest(wanted: string, names: Iterable<string>): string[] {
  const most = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  const candidates = [...new Set(names)].filter((name) => Math.abs(name.length - wanted.length) <= most);
  const scored = candidates.map((name) => ({ name, distance: distance(wanted.toLowerCase(), name.toLowerCase()) }));
  const close = scored.filter(
    ({ name, distance: d }) => d <= Math.max(1, Math.floor(Math.max(wanted.length, name.length) / 3)),
  );
  return close
    .sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .slice(0, 3)
    .map(({ name }) => name);
}

/** Edit distance, where exchanging two neighbours counts as one edit (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      let best = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, before[j - 2]! + 1);
      next.push(best);
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}

/** "did you mean a or b?", as the details of a diagnostic; nothing if no name is near. */
export function suggestion(wanted: string, names: Iterable<string>, write = (name: string): string => name): Details {
  const near = nearest(wanted, names);
  return near.length > 0 ? { hint: `did you mean ${near.map(write).join(' or ')}?` } : {};
}
