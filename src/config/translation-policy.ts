// What a configuration says about translation, in the shape of a TranslationSpec (xlat/spec.ts) but for the PREF64s, which
// the network tells. One place for the daemon's plan and for the tools, so that they cannot differ.

import type { Config } from "./key-table.js";

export interface TranslationPolicy {
  readonly eams: readonly { readonly v4: string; readonly v6: string }[];
  readonly mtuV4: number;
  readonly mtuV6: number;
  readonly lowestIpv6Mtu: number;
  readonly udpZeroChecksum: "compute" | "drop";
  readonly translatorV4: string;
  readonly translatorV6?: string;
  readonly icmpSource: string;
  readonly wkpStrict: boolean;
  readonly hairpinning: boolean | "simple";
  readonly icmpExtension?: boolean;
  readonly rateLimit?: { readonly perSecond: number; readonly burst: number } | false;
  readonly trafficClassV6?: number;
  readonly tosV4?: number;
}

/** What is known beside the configuration. */
export interface PolicyFacts {
  /** The CLAT's own addresses; absent where it has none. */
  readonly clat?: { readonly v4: string; readonly v6: string };
  /** Octets: the MTU of the uplink, where `ipv6-mtu` is auto. */
  readonly uplinkMtu: number;
}

/** An IPv6 header has 40 octets, an IPv4 header 20. */
const HEADER_DIFFERENCE = 20;

export function translationPolicy(config: Config, { clat, uplinkMtu }: PolicyFacts): TranslationPolicy {
  const mtuV6 = config["ipv6-mtu"] === "auto" ? uplinkMtu : config["ipv6-mtu"];
  const mtuV4 = config["ipv4-mtu"] === "auto" ? mtuV6 - HEADER_DIFFERENCE : config["ipv4-mtu"];
  const icmp6Source = config["icmp6-source"] === "auto" ? clat?.v6 : config["icmp6-source"];
  const trafficClass = config["ipv6-traffic-class"];
  const tos = config["ipv4-tos"];
  return {
    eams: eamsWith(clat, config),
    mtuV4,
    mtuV6,
    lowestIpv6Mtu: config["lowest-ipv6-mtu"],
    udpZeroChecksum: config["udp-zero-checksum"],
    translatorV4: config["tayga-v4-addr"],
    ...(icmp6Source === undefined ? {} : { translatorV6: icmp6Source }),
    icmpSource: config["icmp-source"],
    wkpStrict: config["wkp-strict"],
    hairpinning: config.hairpinning,
    ...(config["icmp-extension"] ? { icmpExtension: true } : {}),
    ...rateLimit(config["icmp-rate-limit"]),
    ...(trafficClass === "copy" ? {} : { trafficClassV6: trafficClass }),
    ...(tos === "copy" ? {} : { tosV4: tos }),
  };
}

/** `auto` is the translator's own default. */
function rateLimit(perSecond: number | "auto"): Pick<TranslationPolicy, "rateLimit"> {
  if (perSecond === "auto") return {};
  return { rateLimit: perSecond === 0 ? false : { perSecond, burst: Math.max(1, Math.round(perSecond / 4)) } };
}

/** A CLAT is one mapping (RFC 6877), in front of those that were given; one that was given for its IPv4 address wins. */
function eamsWith(clat: PolicyFacts["clat"], config: Config): TranslationPolicy["eams"] {
  const given = config.eam.map(({ v4, v6 }) => ({ v4, v6 }));
  if (clat === undefined || given.some(({ v4 }) => isHost(v4, clat.v4))) return given;
  return [{ v4: `${clat.v4}/32`, v6: `${clat.v6}/128` }, ...given];
}

/** Both are in canonical form but for the length, which may be left out. */
function isHost(prefix: string, address: string): boolean {
  return prefix === address || prefix === `${address}/32`;
}
