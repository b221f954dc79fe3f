// Keys of the SIIT-DC Edge Relay (RFC 7756): where its service addresses are, and what it lets through.

import { ipv4Prefixes } from "../address-type.js";
import { key } from "../key-spec.js";
import { boolean, choice } from "../value-type.js";

export const relayKeys = {
  relay: key({
    type: choice(["auto", "node", "network"]),
    group: "translation",
    default: "auto",
    help: "where service addresses are: auto, node or network",
    description:
      "`node`: on this host; they are put on the CLAT's device, and programs here bind to them. `network`: on a network " +
      "behind this host, which forwards between it and the CLAT and is its IPv4 router. `auto` tells it for each " +
      "mapping by the IPv4 routes: an address that is on another device's link, or has a route of its own, is " +
      "behind.",
  }),
  "eam-local": key({
    type: ipv4Prefixes,
    group: "translation",
    default: "",
    defaultText: "all",
    help: "the IPv4 prefixes of `eam` that are on this side",
    description:
      "So that all relays can share one table: mappings outside of these prefixes are translated, but belong to other " +
      "relays or IPv6-only servers (RFC 7756 §5.2). The CLAT's own pair of addresses is always on this side.",
  }),
  "source-filter": key({
    type: boolean,
    group: "translation",
    default: "yes",
    help: "drop packets whose source cannot be right",
    description:
      "IPv4 packets from addresses that are not on this side, and IPv6 packets that claim to come from one that is " +
      "(RFC 7756 §6). `clatd translate` and `clatd explain` look at it only where it is set.",
  }),
} as const;
