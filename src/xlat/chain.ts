// The chain of IPv6 extension headers, walked to the upper-layer header (RFC 7915 §5.1, §5.1.1).

import { i32, u8, u16 } from "../net/octets.js";
import {
  FRAGMENT_HEADER,
  FRAGMENT_IDENTIFICATION,
  FRAGMENT_MORE,
  FRAGMENT_NEXT_HEADER,
  FRAGMENT_OFFSET,
  FRAGMENT_OFFSET_MASK,
} from "../wire/fragment.js";
import {
  IPV6_HEADER,
  IPV6_NEXT_HEADER,
  isExtensionButEsp,
  isSkippedExtension,
  ROUTING_SEGMENTS_LEFT,
} from "../wire/ipv6.js";
import { EXTENSION_FRAGMENT, EXTENSION_ROUTING } from "../wire/protocols.js";

/** What a walk found. One object is reused, since nothing may be allocated per packet. */
export interface Chain {
  /** Offset of the upper-layer header. */
  upper: number;
  protocol: number;
  hasFragmentHeader: boolean;
  /** The fragment's offset in octets. */
  fragmentOffset: number;
  moreFragments: boolean;
  /** All 32 bits, signed. */
  identification: number;
  /** Offset of a Segments Left field that is not zero; -1 where there is none. */
  segmentsLeft: number;
}

export const CHAIN_SOUND = 0;
/** A header is cut off. */
export const CHAIN_TRUNCATED = 1;
/** An extension header behind a Fragment Header. */
export const CHAIN_FRAGMENTED = 2;

export function newChain(): Chain {
  return {
    upper: 0,
    protocol: 0,
    hasFragmentHeader: false,
    fragmentOffset: 0,
    moreFragments: false,
    identification: 0,
    segmentsLeft: -1,
  };
}

/** Walks the packet in b[at, end), of which the fixed header is there. */
export function walkChain(chain: Chain, b: Uint8Array, at: number, end: number): number {
  let next = u8(b, at + IPV6_NEXT_HEADER);
  let upper = at + IPV6_HEADER;
  chain.hasFragmentHeader = false;
  chain.fragmentOffset = 0;
  chain.moreFragments = false;
  chain.segmentsLeft = -1;
  while (isSkippedExtension(next)) {
    if (upper + 8 > end) return CHAIN_TRUNCATED;
    if (next === EXTENSION_ROUTING && u8(b, upper + ROUTING_SEGMENTS_LEFT) !== 0 && chain.segmentsLeft < 0) {
      chain.segmentsLeft = upper + ROUTING_SEGMENTS_LEFT;
    }
    next = u8(b, upper);
    upper += (u8(b, upper + 1) + 1) << 3;
    if (upper > end) return CHAIN_TRUNCATED;
  }
  if (next === EXTENSION_FRAGMENT) {
    if (upper + FRAGMENT_HEADER > end) return CHAIN_TRUNCATED;
    const field = u16(b, upper + FRAGMENT_OFFSET);
    chain.hasFragmentHeader = true;
    chain.fragmentOffset = field & FRAGMENT_OFFSET_MASK;
    chain.moreFragments = (field & FRAGMENT_MORE) !== 0;
    chain.identification = i32(b, upper + FRAGMENT_IDENTIFICATION);
    next = u8(b, upper + FRAGMENT_NEXT_HEADER);
    upper += FRAGMENT_HEADER;
    if (isExtensionButEsp(next)) return CHAIN_FRAGMENTED;
  }
  chain.upper = upper;
  chain.protocol = next;
  return CHAIN_SOUND;
}
