// Whether the result fits where it goes, and what becomes of it if not (RFC 7915 §4.1, §5.1, §5.1.1). A super-packet is
// never too big as a whole: what counts is the largest packet that will be cut from it.

import { IPV4_DF, IPV4_HEADER, IPV4_MAXIMUM_LENGTH } from "../wire/ipv4.js";
import { IPV6_HEADER, IPV6_MINIMUM_MTU } from "../wire/ipv6.js";
import type { Context } from "./context.js";
import { type Frame, GSO_NONE } from "./frame.js";
import { segmentHeader } from "./transport.js";

const WHOLE = 0;
export const IN_FRAGMENTS = 1;
/** A super-packet whose segments have to be fragmented one by one. */
export const IN_SEGMENTS = 2;
/** To be refused with the size that fits. */
export const TOO_BIG = 3;

export type Fit = typeof WHOLE | typeof IN_FRAGMENTS | typeof IN_SEGMENTS | typeof TOO_BIG;

/** RFC 7915 §5.1: what is at most this long goes without DF, since an IPv6 host may not make its packets smaller. */
export const LARGEST_WITHOUT_DF = IPV6_MINIMUM_MTU - IPV6_HEADER + IPV4_HEADER;

/** With DF up to the next link's MTU, without up to lowest-ipv6-mtu. `headers`: of the result; `fragment`: as in the IPv4 header. */
export function fitV6(
  x: Context,
  frame: Frame,
  upper: number,
  protocol: number,
  fragment: number,
  headers: number,
): Fit {
  const dontFragment = (fragment & IPV4_DF) !== 0;
  if (frame.gsoType !== GSO_NONE) {
    const largest = largestPacket(frame, upper, protocol, headers);
    if (dontFragment) return largest > x.spec.mtuV6 ? TOO_BIG : WHOLE;
    return largest > x.spec.fragmentMtuV6 ? IN_SEGMENTS : WHOLE;
  }
  if (dontFragment) {
    // "less than the total length value of the IPv4 packet plus 20": options count, though they are taken off.
    const length = frame.end - frame.start + headers - IPV4_HEADER;
    return length > x.spec.mtuV6 ? TOO_BIG : WHOLE;
  }
  return headers + frame.end - upper > x.spec.fragmentMtuV6 ? IN_FRAGMENTS : WHOLE;
}

/** What goes without DF may be fragmented (RFC 7915 §5.1.1, last paragraph), the rest may not. */
export function fitV4(x: Context, frame: Frame, upper: number, protocol: number, hasFragmentHeader: boolean): Fit {
  const largest = largestPacket(frame, upper, protocol, IPV4_HEADER);
  if (largest <= x.spec.mtuV4) {
    // A super-packet may be longer than an IPv4 packet can be.
    return IPV4_HEADER + frame.end - upper > IPV4_MAXIMUM_LENGTH ? IN_SEGMENTS : WHOLE;
  }
  if (largest > LARGEST_WITHOUT_DF && !hasFragmentHeader) return TOO_BIG;
  return frame.gsoType === GSO_NONE ? IN_FRAGMENTS : IN_SEGMENTS;
}

/** Octets of the packet behind new `headers`, or of the largest segment of a super-packet. */
export function largestPacket(frame: Frame, upper: number, protocol: number, headers: number): number {
  const length = headers + frame.end - upper;
  if (frame.gsoType === GSO_NONE) return length;
  return Math.min(length, headers + segmentHeader(frame.bytes, upper, protocol) + frame.gsoSize);
}
