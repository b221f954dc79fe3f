// Snapshots list things in an order that depends on nothing but the things: the kernel's is that of creation, which an
// undo does not restore, and which means nothing to who compares. Pure.

/** JSON with the properties of all objects in alphabetical order: equal where the values are. */
export function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

export function sorted<T>(list: readonly T[]): T[] {
  return list
    .map((one): [string, T] => [sortedJson(one), one])
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, one]) => one);
}

export function sortedByName<T extends { readonly name: string }>(list: readonly T[]): T[] {
  return list.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
