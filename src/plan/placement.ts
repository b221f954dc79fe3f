// Where the CLAT stands in this host: configuration and facts → what the engine's plumbing needs, and what to translate.

import type { Placement } from "../engine/engine.js";
import type { Rule } from "../os/effect.js";
import { parseDeviceKey } from "../os/sysctl.js";
import type { TranslationSpec } from "../xlat/spec.js";
import { type Facts, setByUs } from "./facts.js";

/** The mark that the Perl clatd took too. */
const defaultMark = 0xc1a7;

/** RFC 7600 §4.8: the IPv4 source of translated errors whose own source has no IPv4 form. */
const dummySource = "192.0.0.8";

const ipv6HeaderMore = 20;

export interface Uplink {
  readonly dev: string;
  /** Octets. */
  readonly mtu: number;
}

export interface ClatV6 {
  readonly address: string;
  readonly shared: boolean;
}

export function placementOf(facts: Facts, uplink: Uplink, clatV6: ClatV6): Placement {
  const { config } = facts;
  const ctmark = config.ctmark === "auto" ? (config["clat-v6-addr"].how === "shared" ? defaultMark : 0) : config.ctmark;
  const proxyNd = config["proxynd-enable"] === "auto" ? !clatV6.shared : config["proxynd-enable"];
  const forwardingKey = "net.ipv6.conf.all.forwarding";
  const forwardingOff = facts.snapshot.sysctls[forwardingKey] !== "1" || setByUs(facts, forwardingKey);
  return {
    clatDev: config["clat-dev"],
    uplink: uplink.dev,
    clatV6,
    clatV4: config["clat-v4-addr"],
    ctmark,
    routeTable: config["route-table"],
    forwarding: config["forwarding-enable"],
    proxyNd,
    uplinkMtu: uplink.mtu,
    acceptRa: forwardingOff ? devicesThatTakeRa(facts) : [],
    forwardingOff,
    localRuleMoved: localRuleMoved(facts),
  };
}

const localTable = 255;

/** Away from its place at the head, and not by us. */
function localRuleMoved({ snapshot, applied }: Facts): boolean {
  const isIt = (rule: Rule): boolean => rule.family === 6 && rule.priority === 0 && rule.table === localTable;
  const byUs = applied.some(({ effect }) => effect.do === "rule.withhold" && isIt(effect.rule));
  return !byUs && !snapshot.rules.some(isIt);
}

/** Devices whose accept_ra is 1, or would be but for us: a host that forwards is deaf to Router Advertisements there. */
function devicesThatTakeRa(facts: Facts): readonly string[] {
  return Object.entries(facts.snapshot.sysctls).flatMap(([key, value]) => {
    const about = parseDeviceKey(key);
    if (about?.family !== "ipv6" || about.name !== "accept_ra") return [];
    const { dev } = about;
    if (dev === "all" || dev === "default" || dev === "lo" || dev === facts.config["clat-dev"]) return [];
    return value === "1" || setByUs(facts, key) ? [dev] : [];
  });
}

export function specOf(facts: Facts, prefixes: readonly string[], placement: Placement): TranslationSpec {
  return {
    pref64s: prefixes,
    eams: [{ v4: `${placement.clatV4}/32`, v6: `${placement.clatV6.address}/128` }],
    mtuV4: ipv4Mtu(placement.uplinkMtu),
    mtuV6: placement.uplinkMtu,
    lowestIpv6Mtu: 1280,
    udpZeroChecksum: "compute",
    translatorV4: facts.config["tayga-v4-addr"],
    translatorV6: placement.clatV6.address,
    icmpSource: dummySource,
  };
}

/** The largest IPv4 packet that still fits the IPv6 path once its header has grown. */
export function ipv4Mtu(ipv6Mtu: number): number {
  return ipv6Mtu - ipv6HeaderMore;
}
