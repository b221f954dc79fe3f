// Which DNS servers to ask: those of the configuration, or those of resolv.conf(5) at this moment.

import { parseAddress } from "../net/address.js";
import type { DnsServer } from "./dns-transport.js";

export type DnsServerList =
  | { readonly ok: true; readonly servers: readonly DnsServer[] }
  | { readonly ok: false; readonly reason: string };

/** Asked before each attempt; never rejects. */
export type DnsServerSource = () => Promise<DnsServerList>;

/** The servers of `dns64-servers`. */
export function fixedServers(addresses: readonly string[]): DnsServerSource {
  const servers = addresses.map((address) => ({ address, port: 53 }));
  return () => Promise.resolve({ ok: true, servers });
}

/** The servers of a resolv.conf, which may be written, or rewritten, at any time. */
export function resolvConfServers(read: (path: string) => Promise<string>, path = "/etc/resolv.conf"): DnsServerSource {
  return async () => {
    let text: string;
    try {
      text = await read(path);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      const why = code === "ENOENT" ? "there is none yet" : error instanceof Error ? error.message : String(error);
      return { ok: false, reason: `cannot read ${path}: ${why}` };
    }
    const servers = parseResolvConf(text);
    return servers.length === 0 ? { ok: false, reason: `${path} names no server` } : { ok: true, servers };
  };
}

/** The `nameserver` lines. As in glibc, only the first three count. */
export function parseResolvConf(text: string): DnsServer[] {
  const servers: DnsServer[] = [];
  for (const line of text.split("\n")) {
    const [, plain, zone = ""] = /^\s*nameserver\s+([^\s%]+)(%[^\s%]+)?\s*$/.exec(line) ?? [];
    if (plain === undefined || parseAddress(plain) === undefined) continue;
    const address = plain + zone;
    if (!servers.some((server) => server.address === address)) servers.push({ address, port: 53 });
  }
  return servers.slice(0, 3);
}
