// What the stages of a translation share: the compiled specification, counters, scratch for addresses, and the generator
// of identifications. One per translator; packets go through one at a time, so the scratch is reused and nothing is allocated.

import { type Chain, newChain } from "./chain.js";
import type { Compiled } from "./compile.js";
import { COUNT_DROPS, COUNT_OCTETS, COUNT_PACKETS, COUNT_V4_TO_V6, COUNT_V6_TO_V4 } from "./counters.js";
import { type Frame, newFrame, type Outlet } from "./frame.js";
import type { QuoteLayout } from "./quoted.js";
import { TokenBucket } from "./rate-limit.js";
import { R } from "./reasons.js";
import { Reassembly } from "./reassembly.js";

/** Where in `words` the mapped IPv6 addresses stand: of the packet, and of the packet inside an ICMP error. */
export const OUTER_SOURCE = 0;
export const OUTER_DESTINATION = 4;
export const INNER_SOURCE = 8;
export const INNER_DESTINATION = 12;

/** Where in `addresses` the mapped IPv4 addresses stand. */
export const OUTER_FROM = 0;
export const OUTER_TO = 1;
export const INNER_FROM = 2;
export const INNER_TO = 3;

/** Where a packet is on its way through the translator. */
interface Pass {
  /** It came from IPv6 and is on its way back there (RFC 7757 §4). */
  hairpinned: boolean;
  /** The IPv6 packet at hand goes, by a PREF64, to an IPv4 address that has a mapping of its own. */
  toMapped: boolean;
  /** The ICMPv6 error at hand comes from an address without an IPv4 address; it is in the words at OUTER_SOURCE. */
  nameless: boolean;
  /** Where the second pass of a hairpinned packet goes, and the outlet of its first pass. */
  outlet: Outlet | undefined;
  turn: Outlet | undefined;
}

export type MutableFrame = { -readonly [key in keyof Frame]: Frame[key] };

export interface Context {
  readonly spec: Compiled;
  readonly counters: Float64Array;
  /** IPv6 addresses, four words each. */
  readonly words: Int32Array;
  /** IPv4 addresses. */
  readonly addresses: Int32Array;
  /** The last IPv4 identification handed out, at index 0. */
  readonly identification: Int32Array;
  /** The state of the generator that picks from a pool, at index 0; never zero. */
  readonly random: Int32Array;
  /** What the walk along the IPv6 headers found. */
  readonly chain: Chain;
  /** The sizes of the ICMP error that is being translated. */
  readonly quote: QuoteLayout;
  readonly pass: Pass;
  /** ICMP errors made here, by the family they go to; undefined: no limit. */
  readonly errors4: TokenBucket | undefined;
  readonly errors6: TokenBucket | undefined;
  /** Messages that come in fragments and can't be translated in parts, by the family they come from. */
  readonly reassembly4: Reassembly;
  readonly reassembly6: Reassembly;
  /** The frames of messages that were put together. */
  readonly whole4: MutableFrame;
  readonly whole6: MutableFrame;
  /** The headers of a super-packet that is being cut. */
  readonly headers: Uint8Array;
}

/** Octets: the longest IPv4 header and the longest TCP header; also IPv6 with some extension headers. */
const KEPT_HEADERS = 256;

/** Without a clock (`now`) nothing is limited, and fragments wait for ever. */
export function createContext(
  spec: Compiled,
  counters: Float64Array,
  seed: number,
  now: (() => number) | undefined,
): Context {
  const clock = now ?? (() => 0);
  const bucket = (): TokenBucket | undefined =>
    now === undefined || spec.rateLimit === undefined ? undefined : new TokenBucket(spec.rateLimit, now);
  const x: Context = {
    spec,
    counters,
    words: new Int32Array(16),
    addresses: new Int32Array(4),
    identification: Int32Array.of(seed & 0xffff),
    random: Int32Array.of(Math.imul(seed, 0x9e3779b1) | 1),
    chain: newChain(),
    quote: { data: 0, padding: 0, extension: 0 },
    reassembly4: new Reassembly(clock, {
      gaveUp: (reason, fragments) => drop4(x, R[`reassembly-${reason}`], fragments),
    }),
    reassembly6: new Reassembly(clock, {
      gaveUp: (reason, fragments) => drop6(x, R[`reassembly-${reason}`], fragments),
    }),
    errors4: bucket(),
    errors6: bucket(),
    pass: { hairpinned: false, toMapped: false, nameless: false, outlet: undefined, turn: undefined },
    whole4: newFrame(0),
    whole6: newFrame(0),
    headers: new Uint8Array(KEPT_HEADERS),
  };
  return x;
}

/** The translator is one router, and takes off one hop: not a second one on the way back (RFC 7757 §4.2.2). */
export function hops(x: Context): number {
  return x.pass.hairpinned ? 0 : x.spec.hops;
}

/**
 * A TTL that ends here. Before the kernel, which could take the hop off as well, since its error would come from an IPv6
 * address: this one names the translator.
 */
export function expires4(x: Context, ttl: number): boolean {
  return ttl <= (x.pass.hairpinned ? 0 : 1);
}

/** A hop limit that ends here: where the kernel takes the hop off, it has done so already. */
export function expires6(x: Context, hopLimit: number): boolean {
  return hopLimit <= x.spec.hops;
}

/** Whether mappings are passed over as RFC 7757 §4.2.1 says. */
export function asHairpinned(x: Context): boolean {
  return x.pass.hairpinned || x.spec.simpleHairpinning;
}

/** The traffic class for an IPv4 TOS: copied, unless the operator wants another (RFC 7915 §4.1). */
export function trafficClassV6(x: Context, tos: number): number {
  return x.spec.trafficClassV6 < 0 ? tos : x.spec.trafficClassV6;
}

/** The TOS for an IPv6 traffic class: copied, unless the operator wants another (RFC 7915 §5.1). */
export function tosV4(x: Context, trafficClass: number): number {
  return x.spec.tosV4 < 0 ? trafficClass : x.spec.tosV4;
}

/** The IPv4 source for an ICMPv6 error to `to` that has none of its own, at random where there is a pool (RFC 6791 §5). */
export function pickIcmpSource(x: Context, to: number): number {
  const { icmpSource, icmpSourceHosts } = x.spec;
  if (icmpSourceHosts === 0) return icmpSource;
  // Xorshift (Marsaglia 2003): repeatable from the seed, and good enough to tell hops of a traceroute apart.
  let state = x.random[0] as number;
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  x.random[0] = state;
  const picked = icmpSource | (state & icmpSourceHosts);
  return picked === to ? picked ^ 1 : picked;
}

/** Hands out `count` consecutive identifications; gives the first. */
export function takeIdentifications(x: Context, count: number): number {
  const first = ((x.identification[0] as number) + 1) & 0xffff;
  x.identification[0] = (first + count - 1) & 0xffff;
  return first;
}

export function countPacket4(x: Context, octets: number): void {
  const counters = x.counters;
  counters[COUNT_V4_TO_V6 + COUNT_PACKETS] = (counters[COUNT_V4_TO_V6 + COUNT_PACKETS] as number) + 1;
  counters[COUNT_V4_TO_V6 + COUNT_OCTETS] = (counters[COUNT_V4_TO_V6 + COUNT_OCTETS] as number) + octets;
}

export function countPacket6(x: Context, octets: number): void {
  const counters = x.counters;
  counters[COUNT_V6_TO_V4 + COUNT_PACKETS] = (counters[COUNT_V6_TO_V4 + COUNT_PACKETS] as number) + 1;
  counters[COUNT_V6_TO_V4 + COUNT_OCTETS] = (counters[COUNT_V6_TO_V4 + COUNT_OCTETS] as number) + octets;
}

/** Counts a drop on the way from IPv4 to IPv6; `reason` is an index of `reasons`. */
export function drop4(x: Context, reason: number, packets = 1): void {
  const at = COUNT_V4_TO_V6 + COUNT_DROPS + reason;
  x.counters[at] = (x.counters[at] as number) + packets;
}

/** Counts a drop on the way from IPv6 to IPv4. */
export function drop6(x: Context, reason: number, packets = 1): void {
  const at = COUNT_V6_TO_V4 + COUNT_DROPS + reason;
  x.counters[at] = (x.counters[at] as number) + packets;
}
