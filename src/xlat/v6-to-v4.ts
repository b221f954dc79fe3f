// IPv6 -> IPv4 (RFC 7915 §5.1, §5.5): the stages of a packet in their order. Nothing of the packet is changed before it
// is sure to go out, since a refusal quotes it as it came.

import { isMartian4, isMartian6 } from "../net/address-class.js";
import { MAPPED_NON_GLOBAL, MAPPED_NONE, MAPPED_PREF64 } from "../net/address-map.js";
import { i32, put16, u8, u16 } from "../net/octets.js";
import { sumOctets, sumWord, updateChecksum } from "../wire/checksum.js";
import {
  ICMP_CHECKSUM,
  ICMP_HEADER,
  ICMPV4_ECHO_REPLY,
  ICMPV4_ECHO_REQUEST,
  ICMPV6_ECHO_REPLY,
  ICMPV6_ECHO_REQUEST,
  isIcmpv6Error,
} from "../wire/icmp.js";
import { IPV4_DF, IPV4_HEADER, IPV4_MAXIMUM_LENGTH, IPV4_MF } from "../wire/ipv4.js";
import {
  IPV6_DESTINATION,
  IPV6_HEADER,
  IPV6_HOP_LIMIT,
  IPV6_MINIMUM_MTU,
  IPV6_PAYLOAD_LENGTH,
  IPV6_SOURCE,
} from "../wire/ipv6.js";
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6 } from "../wire/protocols.js";
import { CHAIN_FRAGMENTED, CHAIN_TRUNCATED, walkChain } from "./chain.js";
import {
  type Context,
  countPacket6,
  drop6,
  expires6,
  OUTER_FROM,
  OUTER_TO,
  takeIdentifications,
  tosV4,
} from "./context.js";
import { type Fit, fitV4, IN_FRAGMENTS, IN_SEGMENTS, LARGEST_WITHOUT_DF, largestPacket, TOO_BIG } from "./fit.js";
import { emitFragments4 } from "./fragment-out.js";
import { type Frame, GSO_NONE, GSO_TCPV4, GSO_TCPV6, type Outlet } from "./frame.js";
import { hairpin } from "./hairpin.js";
import { putIpv4 } from "./headers.js";
import { icmpErrorToV4 } from "./icmp-error-to-v4.js";
import { isInside } from "./inside.js";
import { settleOffload } from "./offload.js";
import { R } from "./reasons.js";
import { refuse6 } from "./refuse.js";
import { NEEDED_HEADROOM } from "./room.js";
import { forEachSegment } from "./segment.js";
import { completeChecksum, transportChecksum, updateTransport } from "./transport.js";
import { hold6 } from "./whole.js";

export function v6ToV4(x: Context, frame: Frame, outlet: Outlet): void {
  countPacket6(x, frame.end - frame.start);
  translate6(x, frame, outlet);
}

function translate6(x: Context, frame: Frame, outlet: Outlet): void {
  const b = frame.bytes;
  const at = frame.start;
  const problem = headerProblem(x, frame);
  if (problem >= 0) {
    drop6(x, problem);
    return;
  }
  const chain = x.chain;
  const { upper, protocol } = chain;
  const isFragment = chain.moreFragments || chain.fragmentOffset !== 0;
  if (!settleOffload(frame, upper, protocol, chain.hasFragmentHeader, GSO_TCPV6)) {
    drop6(x, R["offload-unsupported"]);
    return;
  }
  if (protocol === PROTOCOL_ICMPV6 && !isFragment && upper + ICMP_HEADER <= frame.end && isIcmpv6Error(u8(b, upper))) {
    icmpErrorToV4(x, frame, outlet, upper);
    return;
  }
  const refusal = headerRefusal(x, b, at);
  if (refusal >= 0) {
    // The pointer is that of a Parameter Problem; other errors have nothing there.
    const pointer = refusal === R["routing-header"] ? chain.segmentsLeft - at : 0;
    refuse6(x, frame, outlet, refusal, pointer);
    return;
  }
  const unmapped = mapAddresses(x, b, at);
  const hairpinned = x.pass.toMapped;
  if (unmapped >= 0) {
    refuse6(x, frame, outlet, unmapped);
    return;
  }
  if (isFragment && protocol === PROTOCOL_ICMPV6) {
    hold6(x, frame, outlet, translate6);
    return;
  }
  const unfit = transportRefusal(frame, upper, protocol, chain.fragmentOffset === 0);
  if (unfit >= 0) {
    refuse6(x, frame, outlet, unfit);
    return;
  }
  const plan = fitV4(x, frame, upper, protocol, chain.hasFragmentHeader);
  if (plan === TOO_BIG) {
    const fits = Math.max(IPV6_MINIMUM_MTU, Math.min(x.spec.mtuV4 + IPV6_HEADER - IPV4_HEADER, x.spec.mtuV6));
    refuse6(x, frame, outlet, R["too-big"], fits);
    return;
  }
  if (plan === IN_SEGMENTS) {
    forEachSegment(x, frame, outlet, 6, upper, protocol, translate6);
    return;
  }
  if (plan === IN_FRAGMENTS && frame.checksumStart >= 0) completeChecksum(frame);
  if (chain.fragmentOffset === 0) translateTransport(x, frame, upper, protocol);
  emitV4(x, frame, hairpinned ? hairpin(x, outlet) : outlet, upper, protocol, plan);
}

/** A reason, or -1. Sets the end of the packet by its length field and leaves the chain of headers in the context. */
function headerProblem(x: Context, frame: Frame): number {
  const b = frame.bytes;
  const at = frame.start;
  if (at < NEEDED_HEADROOM) return R["no-headroom"];
  if (frame.end - at < IPV6_HEADER) return R.truncated;
  if (u8(b, at) >> 4 !== 6) return R["malformed-header"];
  const end = at + IPV6_HEADER + u16(b, at + IPV6_PAYLOAD_LENGTH);
  if (end > frame.end) return R.truncated;
  frame.end = end;
  switch (walkChain(x.chain, b, at, end)) {
    case CHAIN_TRUNCATED:
      return R.truncated;
    case CHAIN_FRAGMENTED:
      return R["fragmented-extension"];
    default:
      return x.chain.hasFragmentHeader && !isSoundFragment(x, end) ? R["bad-fragment"] : -1;
  }
}

/** As RFC 8200 §4.5 wants it, and such that what is put together again is no longer than IPv4 can say. */
function isSoundFragment(x: Context, end: number): boolean {
  const payload = end - x.chain.upper;
  if (x.chain.moreFragments && (payload & 7) !== 0) return false;
  if (payload === 0 && (x.chain.moreFragments || x.chain.fragmentOffset !== 0)) return false;
  return x.chain.fragmentOffset + payload <= IPV4_MAXIMUM_LENGTH - IPV4_HEADER;
}

/** A reason that lies in the headers alone, or -1. */
function headerRefusal(x: Context, b: Uint8Array, at: number): number {
  const source = at + IPV6_SOURCE;
  if (isMartian6(i32(b, source), i32(b, source + 4), i32(b, source + 8), i32(b, source + 12))) {
    return R["illegal-source"];
  }
  const destination = at + IPV6_DESTINATION;
  if (isMartian6(i32(b, destination), i32(b, destination + 4), i32(b, destination + 8), i32(b, destination + 12))) {
    return R["illegal-destination"];
  }
  if (expires6(x, u8(b, at + IPV6_HOP_LIMIT))) return R["hop-limit"];
  return x.chain.segmentsLeft >= 0 ? R["routing-header"] : -1;
}

/** Leaves the mapped addresses in the context. A reason, or -1. */
function mapAddresses(x: Context, b: Uint8Array, at: number): number {
  const map = x.spec.map;
  const sourceMapped = map.toV4(b, at + IPV6_SOURCE);
  if (sourceMapped === MAPPED_NONE) return R["unmapped-source"];
  const source = map.v4[0] as number;
  const destinationMapped = map.toV4(b, at + IPV6_DESTINATION);
  if (destinationMapped === MAPPED_NONE) return R["unmapped-destination"];
  const destination = map.v4[0] as number;
  if (isMartian4(source)) return R["illegal-source"];
  if (isInside(x.spec.inside, source, false)) return R["spoofed-source"];
  if (isMartian4(destination)) return R["illegal-destination"];
  if (sourceMapped === MAPPED_NON_GLOBAL || destinationMapped === MAPPED_NON_GLOBAL) return R["well-known-prefix"];
  x.addresses[OUTER_FROM] = source;
  x.addresses[OUTER_TO] = destination;
  // Condition set A of RFC 7757 §4.2.2.
  x.pass.toMapped = destinationMapped === MAPPED_PREF64 && x.spec.hairpinning && map.isExplicit4(destination);
  return -1;
}

/** What keeps the transport header from being translated: a reason, or -1. */
function transportRefusal(frame: Frame, upper: number, protocol: number, isFirst: boolean): number {
  if (protocol === PROTOCOL_ICMPV6) {
    if (upper + ICMP_HEADER > frame.end) return R["truncated-transport"];
    const type = u8(frame.bytes, upper);
    return type === ICMPV6_ECHO_REQUEST || type === ICMPV6_ECHO_REPLY ? -1 : R["icmp-type"];
  }
  if (!isFirst) return -1;
  const offset = transportChecksum(protocol);
  return offset >= 0 && upper + offset + 2 > frame.end ? R["truncated-transport"] : -1;
}

/** Brings the checksum, and for ICMP the type, to what IPv4 wants. */
function translateTransport(x: Context, frame: Frame, upper: number, protocol: number): void {
  const b = frame.bytes;
  const at = frame.start;
  if (protocol === PROTOCOL_ICMPV6) {
    translateEcho(b, at, upper, frame.end);
    return;
  }
  const offset = transportChecksum(protocol);
  if (offset < 0) return;
  const removed = sumOctets(b, at + IPV6_SOURCE, at + IPV6_HEADER, 0);
  const added = sumWord(x.addresses[OUTER_FROM] as number) + sumWord(x.addresses[OUTER_TO] as number);
  updateTransport(b, upper + offset, protocol, frame.checksumStart >= 0, removed, added);
}

/** ICMPv4 covers no pseudo-header (RFC 7915 §5.2). */
function translateEcho(b: Uint8Array, at: number, upper: number, end: number): void {
  const type6 = u8(b, upper);
  const type = type6 === ICMPV6_ECHO_REQUEST ? ICMPV4_ECHO_REQUEST : ICMPV4_ECHO_REPLY;
  const removed = sumOctets(b, at + IPV6_SOURCE, at + IPV6_HEADER, end - upper + PROTOCOL_ICMPV6 + (type6 << 8));
  const field = upper + ICMP_CHECKSUM;
  const checksum = updateChecksum(u16(b, field), removed, type << 8);
  b[upper] = type;
  put16(b, field, 0);
  // An echo reply of zeros only: the sum is a true zero, which the equation can't tell from 0xffff (RFC 1624 §3).
  put16(b, field, checksum === 0 && sumOctets(b, upper, end, 0) === 0 ? 0xffff : checksum);
}

function emitV4(x: Context, frame: Frame, outlet: Outlet, upper: number, protocol: number, plan: Fit): void {
  const b = frame.bytes;
  const at = frame.start;
  const chain = x.chain;
  const source = x.addresses[OUTER_FROM] as number;
  const destination = x.addresses[OUTER_TO] as number;
  const tos = tosV4(x, (u16(b, at) >> 4) & 0xff);
  const ttl = u8(b, at + IPV6_HOP_LIMIT) - x.spec.hops;
  const protocol4 = protocol === PROTOCOL_ICMPV6 ? PROTOCOL_ICMP : protocol;
  const length = IPV4_HEADER + frame.end - upper;
  let fragment = 0;
  let identification = 0;
  if (chain.hasFragmentHeader) {
    fragment = (chain.fragmentOffset >> 3) | (chain.moreFragments ? IPV4_MF : 0);
    identification = chain.identification & 0xffff;
  } else {
    const largest = largestPacket(frame, upper, protocol, IPV4_HEADER);
    fragment = largest > LARGEST_WITHOUT_DF ? IPV4_DF : 0;
    // Whoever cuts a super-packet numbers the segments on from this one.
    const segments = frame.gsoType === GSO_NONE ? 1 : Math.ceil(length / frame.gsoSize);
    identification = takeIdentifications(x, segments);
  }
  if (plan === IN_FRAGMENTS) {
    emitFragments4(x, frame, outlet, upper, tos, protocol4, ttl, fragment, identification, source, destination);
    return;
  }
  const start = upper - IPV4_HEADER;
  putIpv4(b, start, tos, length, identification, fragment, ttl, protocol4, source, destination);
  frame.start = start;
  if (frame.checksumStart >= 0) {
    frame.checksumStart = IPV4_HEADER;
    if (frame.gsoType !== GSO_NONE) frame.gsoType = gsoTypeV4(frame.gsoType);
  }
  outlet.emit(frame, 4);
}

/** 4 becomes 1, 5 stays, and so does the flag of ECN. */
function gsoTypeV4(type: number): number {
  return (type & 0x7f) === GSO_TCPV6 ? (type & 0x80) | GSO_TCPV4 : type;
}
