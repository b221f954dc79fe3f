// What differs between two snapshots of a node, as lines for people. Pure.

import type { NetSnapshot } from "../../src/os/snapshot.js";

/** Empty: they are equal. `+` is only in `after`, `-` only in `before`. */
export function snapshotDifference(before: NetSnapshot, after: NetSnapshot): string[] {
  const kinds = ["links", "addresses", "routes", "rules", "proxies", "nft"] as const;
  const lists = kinds.flatMap((kind) => {
    const was = new Set(before[kind].map(words));
    const is = new Set(after[kind].map(words));
    return [
      ...[...was].filter((item) => !is.has(item)).map((item) => `- ${kind}: ${item}`),
      ...[...is].filter((item) => !was.has(item)).map((item) => `+ ${kind}: ${item}`),
    ];
  });
  const keys = [...new Set([...Object.keys(before.sysctls), ...Object.keys(after.sysctls)])].sort();
  const sysctls = keys.flatMap((key) => {
    const [was, is] = [before.sysctls[key], after.sysctls[key]];
    return was === is ? [] : [`~ sysctl ${key}: ${was ?? "none"} → ${is ?? "none"}`];
  });
  return [...lists, ...sysctls];
}

/** The same words for the same thing, whatever the order of its keys. */
function words(item: object): string {
  const entries = Object.entries(item).filter(([, value]) => value !== undefined);
  return JSON.stringify(Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))));
}
