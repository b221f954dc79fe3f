// Packets that are too big, in fragments (RFC 7915 §4.1, §5.1.1). In place and from front to back: the headers of each
// fragment are written over the data of the one before, which has gone out already.

import { FRAGMENT_HEADER } from "../wire/fragment.js";
import { IPV4_HEADER, IPV4_MF, IPV4_OFFSET_MASK } from "../wire/ipv4.js";
import { IPV6_HEADER } from "../wire/ipv6.js";
import { EXTENSION_FRAGMENT } from "../wire/protocols.js";
import { type Context, OUTER_SOURCE } from "./context.js";
import type { Frame, Outlet } from "./frame.js";
import { putFragment, putIpv4, putIpv6 } from "./headers.js";
import { withoutOffloads } from "./refuse.js";

/** Emits frame.bytes[upper, frame.end) as IPv6 fragments; addresses from the context's words; `fragment` as in the IPv4 header. */
export function emitFragments6(
  x: Context,
  frame: Frame,
  outlet: Outlet,
  upper: number,
  trafficClass: number,
  nextHeader: number,
  hopLimit: number,
  fragment: number,
  identification: number,
): void {
  const b = frame.bytes;
  const end = frame.end;
  const base = (fragment & IPV4_OFFSET_MASK) << 3;
  const moreBehind = (fragment & IPV4_MF) !== 0;
  const room = (x.spec.fragmentMtuV6 - IPV6_HEADER - FRAGMENT_HEADER) & ~7;
  withoutOffloads(frame);
  for (let from = upper; from < end; from += room) {
    const to = Math.min(from + room, end);
    const more = to < end || moreBehind ? 1 : 0;
    putFragment(b, from - FRAGMENT_HEADER, nextHeader, (base + from - upper) | more, identification);
    const start = from - FRAGMENT_HEADER - IPV6_HEADER;
    const payload = FRAGMENT_HEADER + to - from;
    putIpv6(b, start, trafficClass, payload, EXTENSION_FRAGMENT, hopLimit, x.words, OUTER_SOURCE);
    frame.start = start;
    frame.end = to;
    outlet.emit(frame, 6);
  }
}

/** Emits frame.bytes[upper, frame.end) as IPv4 fragments without DF; `fragment`: offset and MF of the whole. */
export function emitFragments4(
  x: Context,
  frame: Frame,
  outlet: Outlet,
  upper: number,
  tos: number,
  protocol: number,
  ttl: number,
  fragment: number,
  identification: number,
  source: number,
  destination: number,
): void {
  const b = frame.bytes;
  const end = frame.end;
  const base = fragment & IPV4_OFFSET_MASK;
  const moreBehind = fragment & IPV4_MF;
  const room = (x.spec.mtuV4 - IPV4_HEADER) & ~7;
  withoutOffloads(frame);
  for (let from = upper; from < end; from += room) {
    const to = Math.min(from + room, end);
    const field = (base + ((from - upper) >> 3)) | (to < end ? IPV4_MF : moreBehind);
    const start = from - IPV4_HEADER;
    putIpv4(b, start, tos, IPV4_HEADER + to - from, identification, field, ttl, protocol, source, destination);
    frame.start = start;
    frame.end = to;
    outlet.emit(frame, 4);
  }
}
