// Keys about the translation itself: mappings, and every policy that RFC 7915, 6052, 6791 and 7757 leave to who runs it.

import { icmpSource, ipv6Address } from "../address-type.js";
import { key } from "../key-spec.js";
import { mappingList } from "../mapping.js";
import { boolean, choice, integer, optional, orAuto, orWord, path } from "../value-type.js";

export const translationKeys = {
  eam: key({
    type: mappingList,
    group: "translation",
    default: "",
    help: "an explicit address mapping, V4/len,V6/len; repeatable",
    description:
      "An Edge Relay (RFC 7756) has one for each of its services. Each line adds one, and so does each argument; an " +
      "empty value takes back those before it. The longest match counts, each way (RFC 7757). The CLAT's own pair of " +
      "addresses is a mapping too, unless one for `clat-v4-addr` is given.",
    repeatable: true,
  }),
  "eam-file": key({
    type: optional(path),
    group: "translation",
    default: "",
    help: "a file with such mappings, one a line",
    description:
      "Everything from a `#` on is a comment. All wrong lines are named together. A relative path starts from the " +
      "folder of the file that names it.",
  }),
  "ipv4-mtu": key({
    type: orAuto(integer([[68, 65535]], "octets")),
    group: "translation",
    default: "auto",
    defaultText: "20 less than ipv6-mtu",
    help: "the largest IPv4 packet on the IPv4 side",
    description: "What comes out larger is fragmented, or refused with Packet Too Big.",
  }),
  "ipv6-mtu": key({
    type: orAuto(integer([[1280, 65575]], "octets")),
    group: "translation",
    default: "auto",
    defaultText: "that of the uplink",
    help: "the largest IPv6 packet on the IPv6 side",
    description:
      "What comes out larger is fragmented, or refused with Fragmentation Needed where DF is set. `clatd translate` " +
      "and `clatd explain`, which have no uplink, take 1500.",
  }),
  "lowest-ipv6-mtu": key({
    type: integer([[1280, 65575]], "octets"),
    group: "translation",
    default: "1280",
    help: "IPv4 packets without DF are fragmented to fit this",
    description:
      "The smallest MTU that IPv6 has anywhere behind the uplink, where that is known to be more than 1280 " +
      "(RFC 7915 §4.1).",
  }),
  "udp-zero-checksum": key({
    type: choice(["compute", "drop"]),
    group: "translation",
    default: "compute",
    help: "IPv4 UDP packets without a checksum: compute or drop",
    description: "UDP has to have a checksum in IPv6 (RFC 7915 §4.5).",
  }),
  "icmp-source": key({
    type: icmpSource,
    group: "translation",
    default: "192.0.0.8",
    help: "IPv4 source for ICMPv6 errors of unmapped routers",
    description:
      "An address, or a prefix as a pool from which each error gets one at random (RFC 6791). Without it, path MTU " +
      "discovery and traceroute would not see routers that have no IPv4 address. The default is the dummy address of " +
      "RFC 7600.",
  }),
  "icmp6-source": key({
    type: orAuto(ipv6Address),
    group: "translation",
    default: "auto",
    defaultText: "the CLAT's IPv6 address",
    help: "IPv6 source of ICMPv6 errors made here",
    description:
      "The IPv4 one is `tayga-v4-addr`. Where the CLAT has no IPv6 address (`clatd translate` with mappings only), " +
      "`auto` is what `tayga-v4-addr` maps to.",
  }),
  "wkp-strict": key({
    type: boolean,
    group: "translation",
    default: "yes",
    help: "no private IPv4 addresses behind 64:ff9b::/96",
    description:
      "The well-known prefix must not stand for addresses that are not global (RFC 6052 §3.1), and a PLAT would drop " +
      "them. `no`: this one is known to take them.",
  }),
  hairpinning: key({
    type: orWord("simple", boolean),
    group: "translation",
    default: "yes",
    help: "let mapped nodes reach each other by IPv4 addresses",
    description:
      "`yes`: a packet from one mapped IPv6 node to the IPv4 address of another turns around in the translator " +
      "(RFC 7757 §4.2.2). `simple`: the IPv4 side sends it back (§4.2.1); for relays whose mapped nodes are all IPv6 " +
      "nodes, never for a CLAT or an Edge Relay. `no`: it goes out to the IPv4 side as any other.",
  }),
  "icmp-rate-limit": key({
    type: orAuto(integer([[0, 1_000_000]])),
    group: "translation",
    default: "auto",
    defaultText: "1000",
    help: "ICMP errors made here in a second; 0: no limit",
    description:
      "For each family; a quarter of them may go at once (RFC 4443 §2.4). `clatd translate` and `clatd explain` have " +
      "no limit.",
  }),
  "icmp-extension": key({
    type: boolean,
    group: "translation",
    default: "no",
    help: "tell the IPv6 address in errors from icmp-source",
    description: "An extension of the ICMP error holds it (RFC 5837, RFC 6791 §4), for a traceroute that shows such.",
  }),
  "ipv6-traffic-class": key({
    type: orWord("copy", integer([[0, 255]])),
    group: "translation",
    default: "copy",
    help: "traffic class of IPv6 packets: copy, or 0 to 255",
    description: "`copy`: the IPv4 packet's TOS, DSCP and ECN alike (RFC 7915 §4.1).",
  }),
  "ipv4-tos": key({
    type: orWord("copy", integer([[0, 255]])),
    group: "translation",
    default: "copy",
    help: "TOS of IPv4 packets: copy, or 0 to 255",
    description: "`copy`: the IPv6 packet's traffic class, DSCP and ECN alike (RFC 7915 §5.1).",
  }),
  seed: key({
    type: integer([[0, 0xffffffff]]),
    group: "translation",
    default: "0",
    help: "where the tools' identifications and choices start",
    description: "With the same seed and the same input, `clatd translate` gives the same output.",
    toolsOnly: "the daemon's are unpredictable",
  }),
} as const;
