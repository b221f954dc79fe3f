// What the engines can do, as data: the engine suite (test/integration/engine) runs a trial for each capability on every engine
// that the machine has, and where a gap is claimed here the trial must fail. The table in the README is made of the same.

import type { EngineName } from "./engine.js";

/** In the words of the table. */
export const capabilities = {
  tcp: "TCP, both ways",
  "udp-sizes": "UDP datagrams of every size, fragmented ones too",
  "udp-unchecked": "UDP without a checksum (RFC 7915 §4.5)",
  ping: "Ping",
  "ping-fragments": "Ping in fragments (fragmented ICMP)",
  "ping-self": "Answers ping at `tayga-v4-addr`",
  refusals: "ICMP errors of the far side",
  hops: "Every hop answers a traceroute",
  "one-hop": "The host with its CLAT is one hop, not two",
  "router-errors": "Errors of routers without an IPv4 address have the source `icmp-source` (RFC 6791)",
  "path-mtu": "Learns a smaller MTU on the way",
  "traffic-class": "Keeps DSCP and ECN (RFC 7915 §4.1, §5.1)",
  options: "Takes IPv4 packets with options (RFC 7915 §4.1)",
  protocols: "Carries protocols that it does not know (RFC 7915 §4.5)",
  shared: "Shares the host's IPv6 address",
  own: "Has an IPv6 address of its own",
  "pref64-lengths": "PREF64s of all six lengths (RFC 6052)",
  "pref64-several": "Takes packets from several PREF64s",
  "eam-hosts": "Mappings of single addresses (RFC 7757)",
  "eam-prefixes": "Mappings of prefixes that leave as many bits",
  "eam-unequal": "Mappings whose IPv6 prefix leaves more bits",
} as const;

export type Capability = keyof typeof capabilities;
export const capabilityNames = Object.keys(capabilities) as Capability[];

/** From the best to the last resort. */
export const engineNames = ["ebpf", "userspace", "tayga", "nat46", "jool"] as const satisfies readonly EngineName[];

/** Which tests try an engine; absent: what is said of it is what its documents say. */
export const triedBy: Readonly<Partial<Record<EngineName, string>>> = {
  ebpf: "`npm test`",
  userspace: "`npm test`",
  tayga: "`npm test`",
  jool: "`npm run test:vm`",
};

/** What an engine cannot do, and why, in a few words. */
export type Gaps = Readonly<Partial<Record<Capability, string>>>;

export const gaps: Readonly<Record<EngineName, Gaps>> = {
  ebpf: {},
  userspace: {},
  tayga: {
    "udp-unchecked": "drops it",
    "ping-fragments": "loses fragmented ICMP",
    hops: "drops errors from addresses that it has no mapping for",
    "one-hop": "takes a hop as a router, and the host's forwarding another",
    "router-errors": "drops errors from addresses that it has no mapping for",
    "pref64-several": "knows one",
    "eam-unequal": "both prefixes must leave as many bits",
  },
  nat46: {
    "pref64-several": "gets one",
    "eam-prefixes": "maps single addresses only",
    "eam-unequal": "maps single addresses only",
  },
  jool: {
    "ping-fragments": "loses fragmented ICMP",
    hops: "where the address is shared, it makes the CLAT's own of the host's errors, and the host drops those",
    "one-hop": "takes a hop as a router, and the host's forwarding another",
    "traffic-class": "coming in, the TOS of a packet with a flow label is another one (Jool 4.1.9: 0xba becomes 0x18)",
    "pref64-several": "knows one",
  },
};
