// The known gap of the classic plumbing: packets of the CLAT are forwarded, and a firewall that drops what is forwarded unless
// it knows it drops them too.

import type { NetSnapshot, NftTable } from "../os/snapshot.js";
import type { Probe } from "./engine.js";

/** For engines that need the host's forwarding; the rules themselves are not judged. */
export function forwardingDoubt({ nft, ufw = false }: Pick<NetSnapshot, "nft" | "ufw">): Probe {
  const table = nft.find((one) => dropsForwarded(one, ufw));
  if (table === undefined) return { ok: true };
  const name = `${table.family} ${table.name}`;
  return {
    ok: "unknown",
    reason: `the firewall (nft table ${name}) drops what is forwarded unless a rule lets it pass, and this engine forwards`,
  };
}

/**
 * A base chain for forwarded IPv6 packets whose policy is to drop them; iptables-nft writes such tables, too.
 * @param ufw UFW is given rules, so that its own table is none
 */
export function dropsForwarded({ family, text }: NftTable, ufw: boolean): boolean {
  const drops = (family === "ip6" || family === "inet") && /type filter hook forward [^;]*;\s*policy drop/.test(text);
  return drops && !(ufw && text.includes("ufw"));
}
