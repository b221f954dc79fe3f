// The name that somebody most likely meant.

/**
 * The one of `names` that is nearest to `given` by edit distance (insert, delete, replace, swap neighbours), where it
 * is near enough to be worth naming: a third of its length may differ. Underscores and case do not count.
 */
export function nearest<N extends string>(given: string, names: readonly N[]): N | undefined {
  const wanted = given.toLowerCase().replaceAll("_", "-");
  let best: { name: N; distance: number } | undefined;
  for (const name of names) {
    const distance = editDistance(wanted, name);
    if (best === undefined || distance < best.distance) best = { name, distance };
  }
  if (best === undefined) return undefined;
  return best.distance <= Math.max(1, Math.floor(best.name.length / 3)) ? best.name : undefined;
}

/** Optimal string alignment distance. */
export function editDistance(a: string, b: string): number {
  // A key is short: what is far longer than any of them is near none, and must not cost time.
  if (Math.abs(a.length - b.length) > 32) return Math.abs(a.length - b.length);
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replace);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
