// TranslationSpec -> numbers: everything that a packet needs to know, checked once.

import { parseIpv4, parseIpv6 } from "../net/address.js";
import { AddressMap } from "../net/address-map.js";
import { EamError, EamTable } from "../net/eam.js";
import { i32 } from "../net/octets.js";
import { parsePrefix } from "../net/prefix.js";
import type { PrefixTable } from "../net/prefix-table.js";
import { asPref64, type Pref64, pref64Problem } from "../net/rfc6052.js";
import { IPV4_MAXIMUM_LENGTH, IPV4_MINIMUM_MTU } from "../wire/ipv4.js";
import { IPV6_MINIMUM_MTU } from "../wire/ipv6.js";
import { insideTable } from "./inside.js";
import { defaultRateLimit, type RateLimit } from "./rate-limit.js";
import type { TranslationSpec } from "./spec.js";
import { SpecError } from "./spec-error.js";

/** A specification as numbers; addresses are words (signed 32 bits). */
export interface Compiled {
  readonly map: AddressMap;
  readonly mtuV4: number;
  readonly mtuV6: number;
  /** What an IPv6 packet may have where the IPv4 sender did not set DF. */
  readonly fragmentMtuV6: number;
  readonly computeUdpChecksum: boolean;
  readonly translatorV4: number;
  /** Four words; undefined: no ICMPv6 errors are made. */
  readonly translatorV6: Int32Array | undefined;
  readonly icmpSource: number;
  /** The bits of `icmpSource` that may be anything: 0 where it is one address. */
  readonly icmpSourceHosts: number;
  readonly icmpExtension: boolean;
  /** Undefined: no limit. */
  readonly rateLimit: RateLimit | undefined;
  /** Intrinsic (RFC 7757 §4.2.2). */
  readonly hairpinning: boolean;
  /** All that comes from IPv4 is treated as hairpinned (RFC 7757 §4.2.1). */
  readonly simpleHairpinning: boolean;
  /** Hops that the translator takes off: 0 where the kernel does it for both. */
  readonly hops: 0 | 1;
  /** IPv4 addresses of this side; undefined: sides are not compared. */
  readonly inside: PrefixTable | undefined;
  /** -1: copied. */
  readonly trafficClassV6: number;
  /** -1: copied. */
  readonly tosV4: number;
}

/** The largest payload length of an IPv6 packet, and its header. */
const IPV6_MAXIMUM_LENGTH = 65535 + 40;

/** Throws a SpecError. */
export function compileSpec(spec: TranslationSpec): Compiled {
  const mtuV4 = mtu("mtuV4", spec.mtuV4, IPV4_MINIMUM_MTU, IPV4_MAXIMUM_LENGTH);
  const mtuV6 = mtu("mtuV6", spec.mtuV6, IPV6_MINIMUM_MTU, IPV6_MAXIMUM_LENGTH);
  const lowest = mtu("lowestIpv6Mtu", spec.lowestIpv6Mtu, IPV6_MINIMUM_MTU, IPV6_MAXIMUM_LENGTH);
  return {
    map: new AddressMap(eamTable(spec), spec.pref64s.map(pref64), spec.wkpStrict ?? true),
    mtuV4,
    mtuV6,
    fragmentMtuV6: Math.min(lowest, mtuV6),
    computeUdpChecksum: spec.udpZeroChecksum === "compute",
    translatorV4: address4("translatorV4", spec.translatorV4),
    translatorV6: spec.translatorV6 === undefined ? undefined : address6("translatorV6", spec.translatorV6),
    ...icmpSource(spec.icmpSource),
    icmpExtension: spec.icmpExtension ?? false,
    rateLimit: rateLimit(spec.rateLimit ?? defaultRateLimit),
    hairpinning: (spec.hairpinning ?? true) === true,
    simpleHairpinning: spec.hairpinning === "simple",
    hops: spec.kernelTakesHop === true ? 0 : 1,
    inside: spec.inside === undefined ? undefined : insideTable(spec.inside),
    trafficClassV6: octet("trafficClassV6", spec.trafficClassV6),
    tosV4: octet("tosV4", spec.tosV4),
  };
}

function mtu(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new SpecError(`Cannot use ${name} ${value}: a whole number of octets from ${least} to ${most} is allowed`);
}

function octet(name: string, value: number | undefined): number {
  if (value === undefined) return -1;
  if (Number.isInteger(value) && value >= 0 && value <= 255) return value;
  throw new SpecError(`Cannot use ${name} ${value}: a whole number from 0 to 255 is allowed`);
}

function rateLimit(limit: RateLimit | false): RateLimit | undefined {
  if (limit === false) return undefined;
  for (const [name, value] of Object.entries(limit)) {
    if (Number.isFinite(value) && value >= 0) continue;
    throw new SpecError(`Cannot use rateLimit with ${name} ${value}: a number from 0 is allowed`);
  }
  return limit;
}

function icmpSource(text: string): { icmpSource: number; icmpSourceHosts: number } {
  const prefix = parsePrefix(text);
  if (prefix === undefined || prefix.octets.length !== 4) {
    throw new SpecError(`Cannot use icmpSource "${text}": give an IPv4 address or a prefix, 192.0.0.8`);
  }
  const hosts = prefix.length === 32 ? 0 : -1 >>> prefix.length;
  return { icmpSource: i32(prefix.octets, 0), icmpSourceHosts: hosts | 0 };
}

function eamTable(spec: TranslationSpec): EamTable {
  try {
    return EamTable.fromText(spec.eams);
  } catch (cause) {
    if (cause instanceof EamError) throw new SpecError(cause.message, { cause });
    throw cause;
  }
}

function pref64(text: string): Pref64 {
  const prefix = parsePrefix(text);
  if (prefix === undefined) {
    throw new SpecError(
      `Cannot use PREF64 ${text}: it is no prefix; give an IPv6 prefix whose host bits are zero, 64:ff9b::/96`,
    );
  }
  const usable = asPref64(prefix);
  if (usable === undefined) throw new SpecError(`Cannot use PREF64 ${text}: ${pref64Problem(prefix)}`);
  return usable;
}

function address4(name: string, text: string): number {
  const octets = parseIpv4(text);
  if (octets === undefined) throw new SpecError(`Cannot use ${name} "${text}": give an IPv4 address, 192.0.0.2`);
  return i32(octets, 0);
}

function address6(name: string, text: string): Int32Array {
  const octets = parseIpv6(text);
  if (octets === undefined) throw new SpecError(`Cannot use ${name} "${text}": give an IPv6 address, 2001:db8::1`);
  return Int32Array.of(i32(octets, 0), i32(octets, 4), i32(octets, 8), i32(octets, 12));
}
