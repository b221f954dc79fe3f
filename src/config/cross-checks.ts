// What no key can see by itself: values that do not go together. Pure.

import { parseIpv6 } from "../net/address.js";
import { parsePrefix, prefixContains } from "../net/prefix.js";
import type { Config, KeyName } from "./key-table.js";

export interface Conflict {
  readonly severity: "error" | "warning";
  /** The key that the message is about; the place where it was set is named. The first one that was set counts. */
  readonly keys: readonly KeyName[];
  readonly text: string;
}

/** All that does not go together in a configuration. */
export function crossChecks(config: Config): Conflict[] {
  return [...addressConflicts(config), ...deviceConflicts(config), ...routeConflicts(config)];
}

function* addressConflicts(config: Config): Iterable<Conflict> {
  if (config["clat-v4-addr"] === config["tayga-v4-addr"]) {
    yield {
      severity: "error",
      keys: ["clat-v4-addr", "tayga-v4-addr"],
      text:
        `cannot use ${config["clat-v4-addr"]} for both clat-v4-addr and tayga-v4-addr: ` +
        "the CLAT and the translator need an IPv4 address each",
    };
  }
  const clatV6 = config["clat-v6-addr"];
  if (clatV6.how !== "given") return;
  const octets = parseIpv6(clatV6.address);
  for (const name of ["plat-prefix", "plat-fallback-prefix"] as const) {
    const prefix = parsePrefix(config[name] ?? "");
    if (octets === undefined || prefix === undefined || !prefixContains(prefix, octets)) continue;
    yield {
      severity: "error",
      keys: ["clat-v6-addr", name],
      text:
        `cannot use clat-v6-addr ${clatV6.address}: it lies inside ${name} ${config[name]}, ` +
        "whose addresses stand for IPv4 hosts beyond the PLAT; take an address that is routed to this host",
    };
  }
}

function* deviceConflicts(config: Config): Iterable<Conflict> {
  if (config["plat-dev"] !== undefined && config["plat-dev"] === config["clat-dev"]) {
    yield {
      severity: "error",
      keys: ["plat-dev", "clat-dev"],
      text:
        `cannot use device ${config["clat-dev"]} as both clat-dev and plat-dev: clat-dev is a device that clatd ` +
        "makes, plat-dev one that is there and leads to the PLAT",
    };
  }
}

function* routeConflicts(config: Config): Iterable<Conflict> {
  const mtu = config["v4-defaultroute-mtu"];
  const advmss = config["v4-defaultroute-advmss"];
  if (typeof mtu === "number" && typeof advmss === "number" && mtu > 0 && advmss > mtu - 40) {
    yield {
      severity: "error",
      keys: ["v4-defaultroute-advmss", "v4-defaultroute-mtu"],
      text:
        `cannot use v4-defaultroute-advmss ${advmss} with v4-defaultroute-mtu ${mtu}: ` +
        `segments that large do not fit; allowed: up to ${Math.max(mtu - 40, 0)}`,
    };
  }
  if (config["clat-v6-addr"].how === "shared" && config.ctmark === 0) {
    yield {
      severity: "warning",
      keys: ["ctmark", "clat-v6-addr"],
      text:
        "ctmark=0 with clat-v6-addr=shared takes every packet from the PLAT to the CLAT: " +
        "this host's own IPv6 connections to the PLAT's prefix (DNS64) will get no answers",
    };
  }
}
