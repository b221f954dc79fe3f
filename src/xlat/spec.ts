// What to translate, as plain data: it crosses threads, goes into golden files and into `clatd plan`.
// A CLAT is one EAM and one PREF64; an Edge Relay is many EAMs and a PREF64. Compiled by `createTranslator`.

import type { EamText } from "../net/eam.js";
import type { RateLimit } from "./rate-limit.js";

export interface TranslationSpec {
  /** PREF64s (RFC 6052): lengths 32, 40, 48, 56, 64 or 96. The first one serves v4ToV6; all are recognised v6ToV4. */
  readonly pref64s: readonly string[];
  /** Explicit address mappings (RFC 7757), as text. */
  readonly eams: readonly EamText[];
  /** Octets. The largest IPv4 packet that the IPv4 side takes. */
  readonly mtuV4: number;
  /** Octets. The largest IPv6 packet that the IPv6 side takes. */
  readonly mtuV6: number;
  /** Octets (RFC 7915 §4): packets without DF are fragmented so that each result fits this. 1280 unless the operator knows better. */
  readonly lowestIpv6Mtu: number;
  /** What becomes of an unfragmented IPv4 UDP packet without a checksum (RFC 7915 §4.5). */
  readonly udpZeroChecksum: "compute" | "drop";
  /** The translator's own IPv4 address: it answers ping, and ICMPv4 errors made here come from it. */
  readonly translatorV4: string;
  /** The source of ICMPv6 errors made here; absent: none are sent. */
  readonly translatorV6?: string;
  /**
   * The IPv4 source given to an ICMPv6 error whose own source cannot be translated (RFC 6791): an address, or a prefix
   * whose addresses are a pool to pick from at random (RFC 6791 §5). 192.0.0.8 is the dummy address of RFC 7600 §4.8.
   */
  readonly icmpSource: string;
  /** Refuse the well-known prefix together with an IPv4 address that is not global (RFC 6052 §3.1: MUST NOT be translated). Absent: true. */
  readonly wkpStrict?: boolean;
  /**
   * How packets from one mapped IPv6 node to the IPv4 address of another come to it (RFC 7757 §4). true: they are turned
   * back here (§4.2.2, "intrinsic"). "simple": the IPv4 side sends them back, and what comes from there is never given an
   * IPv6 source by a mapping (§4.2.1); for a relay whose mapped nodes are all IPv6 nodes, never for a CLAT or an Edge
   * Relay. Absent: true.
   */
  readonly hairpinning?: boolean | "simple";
  /** ICMP errors made here, each family for itself (RFC 4443 §2.4 (f)); false: all. Absent: `defaultRateLimit`. Needs a clock (`now`). */
  readonly rateLimit?: RateLimit | false;
  /** Tell, in errors that come from `icmpSource`, the IPv6 address that sent them (RFC 6791 §4, RFC 5837). Absent: false. */
  readonly icmpExtension?: boolean;
  /**
   * IPv4 prefixes of this side (RFC 7756 §6): IPv4 packets may only come from there and not go there, and IPv6 packets
   * may not seem to come from there. Absent: nothing is compared.
   */
  readonly inside?: readonly string[];
  /** 0 to 255: the traffic class of every IPv6 packet, whatever the IPv4 TOS was (RFC 7915 §4.1). Absent: copied. */
  readonly trafficClassV6?: number;
  /**
   * The kernel forwards each IPv6 packet between this translator and the IPv6 network, and takes a hop off as it does. The
   * translator leaves it to that then, so that both of them are one router (RFC 7915 §4.1, §5.1: "decremented by one").
   * Absent: the translator takes it off.
   */
  readonly kernelTakesHop?: boolean;
  /** 0 to 255: the TOS of every IPv4 packet, whatever the IPv6 traffic class was (RFC 7915 §5.1). Absent: copied. */
  readonly tosV4?: number;
}
