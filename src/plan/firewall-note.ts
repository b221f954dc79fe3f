// A firewall that drops what is forwarded drops the CLAT's packets too, where the engine needs the host's forwarding. UFW is
// given rules; of any other one we only tell, since a rule of ours in somebody's table would not outlive its next reload,
// and a table of our own cannot accept what another one drops. Pure.

import type { EnginePlan } from "../engine/engine.js";
import { dropsForwarded } from "../engine/forwarding-doubt.js";
import type { NetSnapshot, NftTable } from "../os/snapshot.js";

/** Sentences for the operator; none where nothing is in the way. */
export function firewallNotes(clatDev: string, plan: EnginePlan, { nft, ufw = false }: NetSnapshot): readonly string[] {
  // The fast path takes packets past the host's forwarding.
  if (plan.translator?.fastPath !== undefined) return [];
  const table = nft.find((one) => dropsForwarded(one, ufw) && !knows(one, clatDev));
  if (table === undefined) return [];
  return [
    `The firewall (nft table ${table.family} ${table.name}) drops what is forwarded unless a rule lets it pass, and the ` +
      `CLAT's packets are forwarded; let pass what comes in by ${clatDev} and what goes out by it`,
  ];
}

/** Somebody has made a rule about the device already; what it says is theirs to know. */
function knows({ text }: NftTable, dev: string): boolean {
  return text.includes(`"${dev}"`);
}
