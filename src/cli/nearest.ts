/** Names that the user may have meant: at most a third of the letters differ ([Levenshtein-1966]); nearest first, at most 3. */
export function nearest(wanted: string, known: readonly string[]): readonly string[] {
  if (wanted.length > 100) return [];
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  return known
    .filter((name) => name.length <= 100)
    .map((name) => ({ name, distance: editDistance(wanted.toLowerCase(), name.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => name);
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
