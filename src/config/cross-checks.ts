// What no key can see by itself: values that do not go together. Pure.

import { parseIpv4, parseIpv6 } from "../net/address.js";
import { parsePrefix, prefixContains } from "../net/prefix.js";
import type { Config, KeyName } from "./key-table.js";
import { formatMapping, parseMapping } from "./mapping.js";
import type { MappingList } from "./mapping-list.js";
import type { Place } from "./mistake.js";

export interface Conflict {
  readonly severity: "error" | "warning";
  /** The key that the message is about; the place where it was set is named. The first one that was set counts. */
  readonly keys: readonly KeyName[];
  /** In place of theirs: where exactly it was set. */
  readonly place?: Place;
  readonly text: string;
}

/** All that does not go together in a configuration. `mappings`: those of `config.eam`. */
export function crossChecks(config: Config, mappings: MappingList): Conflict[] {
  return [
    ...addressConflicts(config),
    ...mappingConflicts(config, mappings),
    ...deviceConflicts(config),
    ...routeConflicts(config),
    ...translationConflicts(config),
    ...scriptConflicts(config),
  ];
}

/** "The script should not be enclosed in quotes in the configuration file (even though it contains whitespace)." */
function* scriptConflicts(config: Config): Iterable<Conflict> {
  for (const name of ["script-up", "script-down"] as const) {
    const inner = /^(["'])(?:(?!\1).)*\1$/.exec(config[name] ?? "")?.[0];
    if (inner === undefined || !/\s/.test(inner)) continue;
    yield {
      severity: "warning",
      keys: [name],
      text: `${name} is in quotes: the shell will look for a command of that whole name; take the quotes away`,
    };
  }
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

/** The CLAT's own pair of addresses is a mapping too. */
function* mappingConflicts(config: Config, mappings: MappingList): Iterable<Conflict> {
  const clatV6 = config["clat-v6-addr"];
  if (clatV6.how !== "given") return;
  const own = parseMapping(`${config["clat-v4-addr"]},${clatV6.address}`);
  if (!own.ok) return;
  for (const { mapping, families } of mappings.sharing(own.value)) {
    if (families.length === 2) continue;
    const change = families[0] === 6 ? `clat-v4-addr=${mapping.v4}` : `clat-v6-addr=${mapping.v6}`;
    yield {
      severity: "error",
      keys: ["clat-v6-addr", "clat-v4-addr"],
      ...(mapping.place === undefined ? {} : { place: mapping.place }),
      text:
        `cannot use mapping ${formatMapping(mapping)} with clat-v4-addr ${config["clat-v4-addr"]} and clat-v6-addr ` +
        `${clatV6.address}, which are a mapping too: each prefix may stand in one mapping only (RFC 7757 §5); ` +
        `set ${change.replace(/\/\d+$/, "")}, or take another address`,
    };
  }
}

function* translationConflicts(config: Config): Iterable<Conflict> {
  const mtu = config["ipv6-mtu"];
  if (typeof mtu === "number" && config["lowest-ipv6-mtu"] > mtu) {
    yield {
      severity: "warning",
      keys: ["lowest-ipv6-mtu", "ipv6-mtu"],
      text: `lowest-ipv6-mtu ${config["lowest-ipv6-mtu"]} is more than ipv6-mtu ${mtu}, which is what counts then`,
    };
  }
  const pool = parsePrefix(config["icmp-source"]);
  const own = parseIpv4(config["clat-v4-addr"]);
  if (pool !== undefined && own !== undefined && prefixContains(pool, own)) {
    yield {
      severity: "warning",
      keys: ["icmp-source", "clat-v4-addr"],
      text:
        `icmp-source ${config["icmp-source"]} has clat-v4-addr ${config["clat-v4-addr"]} in it: ` +
        "a host drops ICMP errors that seem to come from itself",
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
      // Not an error: the kernel takes it, and so does the Perl clatd.
      severity: "warning",
      keys: ["v4-defaultroute-advmss", "v4-defaultroute-mtu"],
      text:
        `v4-defaultroute-advmss ${advmss} is more than v4-defaultroute-mtu ${mtu} has room for: ` +
        `answers of that size will not come through in one piece; ${Math.max(mtu - 40, 0)} fits`,
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
