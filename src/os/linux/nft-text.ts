// The listing of `nft -s list ruleset` cut into tables. Pure.

import type { NftTable } from "../snapshot.js";

/** Tables in the order of the listing; a closing brace in the first column ends one. */
export function splitRuleset(listing: string): NftTable[] {
  const tables: NftTable[] = [];
  let lines: string[] = [];
  let head: { family: string; name: string } | undefined;
  for (const line of listing.split("\n")) {
    const match = /^table (\S+) (\S+) \{/.exec(line);
    if (match !== null) {
      head = { family: match[1] ?? "", name: match[2] ?? "" };
      lines = [];
    }
    if (head === undefined) continue;
    lines.push(line);
    if (line === "}" || /^table .*\}$/.test(line)) {
      tables.push({ ...head, text: lines.join("\n") });
      head = undefined;
    }
  }
  return tables;
}
