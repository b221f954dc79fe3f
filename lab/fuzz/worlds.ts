// Where the packets of the fuzzer come from and go to: specifications of every sort, each with the addresses that it maps
// and with some that it should not touch.

import { parseAddress } from "../../src/net/address.js";
import { embed, parsePref64 } from "../../src/net/rfc6052.js";
import type { TranslationSpec } from "../../src/xlat/spec.js";

/** A node by both of its addresses, in octets. */
export interface Node {
  readonly v4: Uint8Array;
  readonly v6: Uint8Array;
}

export interface World {
  readonly name: string;
  readonly spec: TranslationSpec;
  /** Nodes of this side. */
  readonly hosts: readonly [Node, ...Node[]];
  /** Nodes of the other side: behind the PREF64, or mapped. */
  readonly peers: readonly [Node, ...Node[]];
  /** A packet between a host and a peer that is translated back is the one that was sent. */
  readonly reversible: boolean;
  /** Packets may be turned back in the translator: they pass it twice. */
  readonly turns?: true;
}

/** Addresses that no packet should have, or that nothing maps. */
export const odd4 = octetsOf(
  ...["0.0.0.0", "127.0.0.1", "169.254.1.1", "224.0.0.251", "240.0.0.1", "255.255.255.255", "10.0.0.1", "192.0.0.2"],
  ...["198.51.100.7", "192.0.2.1", "192.0.2.2"],
);
export const odd6 = octetsOf(
  ...["::", "::1", "fe80::1", "ff02::1", "2001:db8:ffff::1", "2001:db8:64::7f00:1", "2001:db8:64::e000:1"],
  ...["2001:db8:c000:221:100::", "64:ff9b::a00:1", "2001:db8:1::464", "2001:db8:64::c000:202"],
);

const base: TranslationSpec = {
  pref64s: ["2001:db8:64::/96"],
  eams: [{ v4: "192.0.0.1/32", v6: "2001:db8:1::464/128" }],
  mtuV4: 1480,
  mtuV6: 1500,
  lowestIpv6Mtu: 1280,
  udpZeroChecksum: "compute",
  translatorV4: "192.0.0.2",
  translatorV6: "2001:db8:1::1",
  icmpSource: "192.0.0.8",
  rateLimit: false,
};
const clat = node("192.0.0.1", "2001:db8:1::464");
const behind = (pref64: string): [Node, ...Node[]] => [
  behindPref64(pref64, "198.51.100.7"),
  behindPref64(pref64, "8.8.8.8"),
  behindPref64(pref64, "203.0.113.254"),
];

const pref64World = (pref64: string): World => ({
  name: `CLAT with ${pref64}`,
  spec: { ...base, pref64s: [pref64] },
  hosts: [clat],
  peers: behind(pref64),
  reversible: true,
});

/** RFC 7757 figure 1. */
const figure1 = [
  { v4: "192.0.2.1", v6: "2001:db8:aaaa::" },
  { v4: "192.0.2.2/32", v6: "2001:db8:bbbb::b/128" },
  { v4: "192.0.2.16/28", v6: "2001:db8:cccc::/124" },
  { v4: "192.0.2.128/26", v6: "2001:db8:dddd::/64" },
];
const figure1Hosts = [
  node("192.0.2.1", "2001:db8:aaaa::"),
  node("192.0.2.2", "2001:db8:bbbb::b"),
  node("192.0.2.24", "2001:db8:cccc::8"),
  node("192.0.2.152", "2001:db8:dddd:0:6000::"),
] as const;

export const worlds: readonly [World, ...World[]] = [
  { name: "CLAT", spec: base, hosts: [clat], peers: behind("2001:db8:64::/96"), reversible: true },
  pref64World("2001:db8::/32"),
  pref64World("2001:db8:100::/40"),
  pref64World("2001:db8:122::/48"),
  pref64World("2001:db8:122:300::/56"),
  pref64World("2001:db8:122:344::/64"),
  {
    name: "the well-known prefix",
    spec: { ...base, pref64s: ["64:ff9b::/96", "2001:db8:64::/96"] },
    hosts: [clat],
    peers: [behindPref64("64:ff9b::/96", "8.8.8.8"), behindPref64("64:ff9b::/96", "192.88.99.1")],
    reversible: true,
  },
  {
    name: "IVI",
    spec: { ...base, pref64s: [], eams: [{ v4: "0.0.0.0/0", v6: "2001:db8:ff00::/40" }], icmpSource: "203.0.113.0/28" },
    hosts: [node("192.0.2.33", "2001:db8:ffc0:2:2100::")],
    peers: [node("198.51.100.2", "2001:db8:ffc6:3364:200::")],
    reversible: true,
  },
  {
    name: "small links",
    spec: {
      ...base,
      mtuV4: 576,
      mtuV6: 1280,
      lowestIpv6Mtu: 1280,
      udpZeroChecksum: "drop",
      tosV4: 3,
      trafficClassV6: 5,
    },
    hosts: [clat],
    peers: behind("2001:db8:64::/96"),
    reversible: false,
  },
  {
    name: "large links",
    spec: { ...base, mtuV4: 65_535, mtuV6: 65_575, lowestIpv6Mtu: 9000, icmpExtension: true },
    hosts: [clat],
    peers: behind("2001:db8:64::/96"),
    reversible: true,
  },
  {
    name: "limited errors",
    spec: { ...base, rateLimit: { perSecond: 10, burst: 3 }, kernelTakesHop: true },
    hosts: [clat],
    peers: behind("2001:db8:64::/96"),
    reversible: false,
  },
  {
    name: "Edge Relay",
    spec: { ...base, eams: figure1, inside: ["192.0.2.0/24", "192.0.0.0/29"], icmpExtension: true },
    hosts: figure1Hosts,
    peers: behind("2001:db8:64::/96"),
    reversible: true,
    turns: true,
  },
  {
    name: "Border Relay",
    spec: { ...base, eams: figure1 },
    hosts: behind("2001:db8:64::/96"),
    peers: figure1Hosts,
    reversible: true,
    turns: true,
  },
  {
    name: "nodes that talk through the relay",
    spec: { ...base, eams: figure1, icmpExtension: true },
    hosts: figure1Hosts,
    peers: figure1Hosts.map(({ v4 }) => behindPref64("2001:db8:64::/96", v4)) as [Node, ...Node[]],
    reversible: false,
    turns: true,
  },
  {
    name: "nodes that talk through the IPv4 side",
    spec: { ...base, eams: figure1, hairpinning: "simple" },
    hosts: behind("2001:db8:64::/96"),
    peers: figure1Hosts,
    reversible: true,
  },
];

function octets(text: string): Uint8Array {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`Cannot use ${text}: it is no address`);
  return parsed;
}

function octetsOf(first: string, ...rest: readonly string[]): readonly [Uint8Array, ...Uint8Array[]] {
  return [octets(first), ...rest.map(octets)];
}

function node(v4: string, v6: string): Node {
  return { v4: octets(v4), v6: octets(v6) };
}

function behindPref64(pref64: string, v4: string | Uint8Array): Node {
  const prefix = parsePref64(pref64);
  if (prefix === undefined) throw new Error(`Cannot use ${pref64}: it is no PREF64`);
  const address = typeof v4 === "string" ? octets(v4) : v4;
  return { v4: address, v6: embed(prefix, address) };
}
