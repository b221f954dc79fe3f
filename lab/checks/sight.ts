// Packets that must pass a node while a check is tried: counted by nft, so whatever nft can tell apart can be wanted.

import { randomUUID } from "node:crypto";
import type { ExecResult } from "../command.js";
import { inconclusive, type Outcome } from "../probe/outcome.js";
import { type CheckContext, USUAL_PATIENCE } from "./check-context.js";

export interface Sight {
  /** The node. */
  readonly in: string;
  /** An nft expression: `ip dscp 46 udp dport 7`. Packets are as they come in, and as they go out. */
  readonly packets: string;
}

/** A little patience: an answer to what was tried may still be on its way. */
type Watcher = Pick<CheckContext, "exec" | "patience">;

const PAUSE = 20;

/**
 * The outcome of `trial`, inconclusive where a packet that must be seen was not.
 *
 * @param wanted what `trial` must be for the packets to matter
 */
export async function watching(
  sights: readonly Sight[],
  lab: Watcher,
  trial: () => Promise<Outcome>,
  wanted = true,
): Promise<Outcome> {
  if (sights.length === 0) return trial();
  const table = `clatlab-${randomUUID().slice(0, 8)}`;
  const nodes = [...new Set(sights.map((sight) => sight.in))];
  try {
    for (const node of nodes) {
      const said = await nft(lab, node, ["-f", "-"], sightTable(table, sightsOf(node, sights)));
      if (said.code !== 0) return inconclusive(`nft in "${node}": ${said.stderr.trim()}`);
    }
    const outcome = await trial();
    if (outcome.ok !== wanted) return outcome;
    const missing = await unseen(table, nodes, sights, lab);
    if (missing.length === 0) return outcome;
    const words = missing.map((sight) => `"${sight.packets}" was not seen in ${sight.in}`).join("; ");
    return inconclusive(`${words} (else: ${outcome.detail})`);
  } finally {
    for (const node of nodes) await nft(lab, node, ["delete", "table", "inet", table]);
  }
}

const nft = (lab: Watcher, node: string, words: readonly string[], input?: string): Promise<ExecResult> =>
  lab.exec(node, ["nft", ...words], { timeout: 30_000, ...(input === undefined ? {} : { input }) });

const sightsOf = (node: string, sights: readonly Sight[]): readonly Sight[] =>
  sights.filter((sight) => sight.in === node);

/** Before fragments are put together and addresses changed on the way in, and after it on the way out. */
export function sightTable(table: string, sights: readonly Sight[]): string {
  const rules = sights.map((sight, index) => `    ${sight.packets} counter name seen${index}`);
  return [
    `table inet ${table} {`,
    ...sights.map((_, index) => `  counter seen${index} { }`),
    "  chain in {",
    "    type filter hook prerouting priority -450; policy accept;",
    ...rules,
    "  }",
    "  chain out {",
    "    type filter hook postrouting priority 450; policy accept;",
    ...rules,
    "  }",
    "}",
    "",
  ].join("\n");
}

async function unseen(
  table: string,
  nodes: readonly string[],
  sights: readonly Sight[],
  lab: Watcher,
): Promise<readonly Sight[]> {
  const deadline = performance.now() + (lab.patience ?? USUAL_PATIENCE);
  for (;;) {
    const missing: Sight[] = [];
    for (const node of nodes) {
      const { code, stdout, stderr } = await nft(lab, node, ["-j", "list", "table", "inet", table]);
      if (code !== 0) throw new Error(`Cannot count packets in "${node}": nft ended with exit code ${code}: ${stderr}`);
      const counts = readCounts(stdout);
      missing.push(...sightsOf(node, sights).filter((_, index) => (counts.get(`seen${index}`) ?? 0) === 0));
    }
    if (missing.length === 0 || performance.now() > deadline) return missing;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

/** Packets by the counter's name, from `nft -j list table`. */
export function readCounts(json: string): ReadonlyMap<string, number> {
  const { nftables } = JSON.parse(json) as {
    readonly nftables: readonly { readonly counter?: { readonly name: string; readonly packets: number } }[];
  };
  return new Map(nftables.flatMap(({ counter }) => (counter === undefined ? [] : [[counter.name, counter.packets]])));
}
