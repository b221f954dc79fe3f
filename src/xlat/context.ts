// What the stages of a translation share: the compiled specification, counters, scratch for addresses, and the generator
// of identifications. One per translator; packets go through one at a time, so the scratch is reused and nothing is allocated.

import { type Chain, newChain } from "./chain.js";
import type { Compiled } from "./compile.js";
import { COUNT_DROPS, COUNT_OCTETS, COUNT_PACKETS, COUNT_V4_TO_V6, COUNT_V6_TO_V4 } from "./counters.js";
import type { QuoteLayout } from "./quoted.js";

/** Where in `words` the mapped IPv6 addresses stand: of the packet, and of the packet inside an ICMP error. */
export const OUTER_SOURCE = 0;
export const OUTER_DESTINATION = 4;
export const INNER_SOURCE = 8;
export const INNER_DESTINATION = 12;

export interface Context {
  readonly spec: Compiled;
  readonly counters: Float64Array;
  /** IPv6 addresses, four words each. */
  readonly words: Int32Array;
  /** IPv4 addresses of an ICMPv6 error that is being translated. */
  readonly addresses: Int32Array;
  /** The last IPv4 identification handed out, at index 0. */
  readonly identification: Int32Array;
  /** What the walk along the IPv6 headers found. */
  readonly chain: Chain;
  /** The sizes of the ICMP error that is being translated. */
  readonly quote: QuoteLayout;
  /** The headers of a super-packet that is being cut. */
  readonly headers: Uint8Array;
}

/** Octets: the longest IPv4 header and the longest TCP header; also IPv6 with some extension headers. */
const KEPT_HEADERS = 256;

export function createContext(spec: Compiled, counters: Float64Array, seed: number): Context {
  return {
    spec,
    counters,
    words: new Int32Array(16),
    addresses: new Int32Array(4),
    identification: Int32Array.of(seed & 0xffff),
    chain: newChain(),
    quote: { data: 0, padding: 0, extension: 0 },
    headers: new Uint8Array(KEPT_HEADERS),
  };
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
export function drop4(x: Context, reason: number): void {
  const at = COUNT_V4_TO_V6 + COUNT_DROPS + reason;
  x.counters[at] = (x.counters[at] as number) + 1;
}

/** Counts a drop on the way from IPv6 to IPv4. */
export function drop6(x: Context, reason: number): void {
  const at = COUNT_V6_TO_V4 + COUNT_DROPS + reason;
  x.counters[at] = (x.counters[at] as number) + 1;
}
