// IPv4 -> IPv6 (RFC 7915 §4.1, §4.5): the stages of a packet in their order. Nothing of the packet is changed before it
// is sure to go out, since a refusal quotes it as it came.

import { isMartian4 } from "../net/address-class.js";
import { MAPPED_NON_GLOBAL, MAPPED_NONE, type Mapped } from "../net/address-map.js";
import { i32, put16, u8, u16 } from "../net/octets.js";
import { checksumOf, sumOctets, sumWord, updateChecksum } from "../wire/checksum.js";
import { FRAGMENT_HEADER } from "../wire/fragment.js";
import {
  ICMP_CHECKSUM,
  ICMP_HEADER,
  ICMPV4_ECHO_REPLY,
  ICMPV4_ECHO_REQUEST,
  ICMPV6_ECHO_REPLY,
  ICMPV6_ECHO_REQUEST,
  isIcmpv4Error,
} from "../wire/icmp.js";
import {
  hasUnexpiredSourceRoute,
  IPV4_DESTINATION,
  IPV4_FRAGMENT,
  IPV4_HEADER,
  IPV4_IDENTIFICATION,
  IPV4_MAXIMUM_LENGTH,
  IPV4_MF,
  IPV4_OFFSET_MASK,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  IPV4_TOS,
  IPV4_TOTAL_LENGTH,
  IPV4_TTL,
  ipv4ChecksumIsRight,
  ipv4HeaderLength,
} from "../wire/ipv4.js";
import { IPV6_HEADER } from "../wire/ipv6.js";
import { EXTENSION_FRAGMENT, PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_IGMP, PROTOCOL_UDP } from "../wire/protocols.js";
import { UDP_CHECKSUM, UDP_HEADER, UDP_LENGTH } from "../wire/udp.js";
import {
  asHairpinned,
  type Context,
  countPacket4,
  drop4,
  expires4,
  hops,
  OUTER_DESTINATION,
  OUTER_SOURCE,
  trafficClassV6,
} from "./context.js";
import { type Fit, fitV6, IN_FRAGMENTS, IN_SEGMENTS, TOO_BIG } from "./fit.js";
import { emitFragments6 } from "./fragment-out.js";
import type { Outlet } from "./frame.js";
import { type Frame, GSO_NONE, GSO_TCPV4, GSO_TCPV6 } from "./frame.js";
import { putFragment, putIpv6, sumWords } from "./headers.js";
import { icmpErrorToV6 } from "./icmp-error-to-v6.js";
import { isInside } from "./inside.js";
import { settleOffload } from "./offload.js";
import { answerAtTranslator } from "./own-address.js";
import { R } from "./reasons.js";
import { refuse4 } from "./refuse.js";
import { NEEDED_HEADROOM } from "./room.js";
import { forEachSegment } from "./segment.js";
import { completeChecksum, transportChecksum, updateTransport } from "./transport.js";
import { hold4, isAwaited4 } from "./whole.js";

const FRAGMENTED = IPV4_MF | IPV4_OFFSET_MASK;

export function v4ToV6(x: Context, frame: Frame, outlet: Outlet): void {
  countPacket4(x, frame.end - frame.start);
  translate4(x, frame, outlet);
}

/** The same without counting the packet as one that came in: it is a part of one, or put together from several. */
export function translate4(x: Context, frame: Frame, outlet: Outlet): void {
  const b = frame.bytes;
  const at = frame.start;
  const problem = headerProblem(frame);
  if (problem >= 0) {
    drop4(x, problem);
    return;
  }
  const end = at + u16(b, at + IPV4_TOTAL_LENGTH);
  frame.end = end;
  const upper = at + ipv4HeaderLength(b, at);
  const fragment = u16(b, at + IPV4_FRAGMENT);
  const isFragment = (fragment & FRAGMENTED) !== 0;
  const protocol = u8(b, at + IPV4_PROTOCOL);
  if (isFragment && !isSoundFragment(fragment, end - upper)) {
    drop4(x, R["bad-fragment"]);
    return;
  }
  if (!settleOffload(frame, upper, protocol, isFragment, GSO_TCPV4)) {
    drop4(x, R["offload-unsupported"]);
    return;
  }
  if (protocol === PROTOCOL_ICMP && !isFragment && upper + ICMP_HEADER <= end && isIcmpv4Error(u8(b, upper))) {
    icmpErrorToV6(x, frame, outlet, upper);
    return;
  }
  const refusal = headerRefusal(x, b, at, upper);
  if (refusal >= 0) {
    refuse4(x, frame, outlet, refusal);
    return;
  }
  if (i32(b, at + IPV4_DESTINATION) === x.spec.translatorV4) {
    if (isFragment && protocol === PROTOCOL_ICMP) hold4(x, frame, outlet, translate4);
    else answerAtTranslator(x, frame, outlet, upper);
    return;
  }
  if (expires4(x, u8(b, at + IPV4_TTL))) {
    refuse4(x, frame, outlet, R["hop-limit"]);
    return;
  }
  const unmapped = mapAddresses(x, b, at);
  if (unmapped >= 0) {
    refuse4(x, frame, outlet, unmapped);
    return;
  }
  if (isFragment && needsWhole(x, frame, upper, protocol, fragment)) {
    hold4(x, frame, outlet, translate4);
    return;
  }
  const unfit = transportRefusal(x, frame, upper, protocol, fragment);
  if (unfit >= 0) {
    refuse4(x, frame, outlet, unfit);
    return;
  }
  const growth = isFragment ? IPV6_HEADER + FRAGMENT_HEADER : IPV6_HEADER;
  const plan = fitV6(x, frame, upper, protocol, fragment, growth);
  if (plan === TOO_BIG) {
    // The largest IPv4 packet that would have fitted (RFC 7915 §4.1).
    const fits = Math.min(x.spec.mtuV4, x.spec.mtuV6 - growth + IPV4_HEADER);
    refuse4(x, frame, outlet, R["too-big"], fits);
    return;
  }
  if (plan === IN_SEGMENTS) {
    forEachSegment(x, frame, outlet, 4, upper, protocol, translate4);
    return;
  }
  if (plan === IN_FRAGMENTS && frame.checksumStart >= 0) completeChecksum(frame);
  translateTransport(x, frame, upper, protocol, fragment);
  emitV6(x, frame, outlet, upper, protocol, fragment, plan);
}

/** A reason, or -1. */
function headerProblem(frame: Frame): number {
  const b = frame.bytes;
  const at = frame.start;
  const length = frame.end - at;
  if (at < NEEDED_HEADROOM) return R["no-headroom"];
  if (length < IPV4_HEADER) return R.truncated;
  const headerLength = ipv4HeaderLength(b, at);
  if (u8(b, at) >> 4 !== 4 || headerLength < IPV4_HEADER) return R["malformed-header"];
  const total = u16(b, at + IPV4_TOTAL_LENGTH);
  if (total < headerLength) return R["malformed-header"];
  if (total > length) return R.truncated;
  if (!ipv4ChecksumIsRight(b, at, headerLength)) return R["bad-header-checksum"];
  return -1;
}

/** All fragments but the last are of whole units of eight octets, and none ends behind what 16 bits can say. */
function isSoundFragment(fragment: number, payload: number): boolean {
  if (payload === 0 || ((fragment & IPV4_MF) !== 0 && (payload & 7) !== 0)) return false;
  return ((fragment & IPV4_OFFSET_MASK) << 3) + payload <= IPV4_MAXIMUM_LENGTH - IPV4_HEADER;
}

/** A reason that lies in the header alone, or -1. */
function headerRefusal(x: Context, b: Uint8Array, at: number, upper: number): number {
  if (u8(b, at + IPV4_PROTOCOL) === PROTOCOL_IGMP) return R.igmp;
  if (isMartian4(i32(b, at + IPV4_SOURCE))) return R["illegal-source"];
  const destination = i32(b, at + IPV4_DESTINATION);
  if (isMartian4(destination) && destination !== x.spec.translatorV4) return R["illegal-destination"];
  if (upper - at > IPV4_HEADER && hasUnexpiredSourceRoute(b, at, upper - at)) return R["source-route"];
  return -1;
}

/** Leaves the mapped addresses in the context's words. A reason, or -1. */
function mapAddresses(x: Context, b: Uint8Array, at: number): number {
  const from = i32(b, at + IPV4_SOURCE);
  // A hairpinned packet must look as if it came through the PREF64, or the answer would go past us (RFC 7757 §4.2.1).
  const map = x.spec.map;
  const source = asHairpinned(x) ? map.embed(from, x.words, OUTER_SOURCE) : map.toV6(from, x.words, OUTER_SOURCE);
  if (isUnmapped(source)) return source === MAPPED_NONE ? R["unmapped-source"] : R["well-known-prefix"];
  const to = i32(b, at + IPV4_DESTINATION);
  if (!x.pass.hairpinned) {
    if (!isInside(x.spec.inside, from, true)) return R["spoofed-source"];
    if (isInside(x.spec.inside, to, false)) return R["inside-destination"];
  }
  const destination = map.toV6(to, x.words, OUTER_DESTINATION);
  if (isUnmapped(destination)) return destination === MAPPED_NONE ? R["unmapped-destination"] : R["well-known-prefix"];
  return -1;
}

function isUnmapped(mapped: Mapped): boolean {
  return mapped === MAPPED_NONE || mapped === MAPPED_NON_GLOBAL;
}

/** Whether a fragment can't be translated for itself: its checksum needs the whole message. */
function needsWhole(x: Context, frame: Frame, upper: number, protocol: number, fragment: number): boolean {
  if (protocol === PROTOCOL_ICMP) return true;
  if (protocol !== PROTOCOL_UDP || !x.spec.computeUdpChecksum) return false;
  if ((fragment & IPV4_OFFSET_MASK) !== 0) return isAwaited4(x, frame);
  return upper + UDP_HEADER <= frame.end && u16(frame.bytes, upper + UDP_CHECKSUM) === 0;
}

/** What keeps the transport header from being translated: a reason, or -1. */
function transportRefusal(x: Context, frame: Frame, upper: number, protocol: number, fragment: number): number {
  const b = frame.bytes;
  if (protocol === PROTOCOL_ICMP) {
    if (upper + ICMP_HEADER > frame.end) return R["truncated-transport"];
    const type = u8(b, upper);
    return type === ICMPV4_ECHO_REQUEST || type === ICMPV4_ECHO_REPLY ? -1 : R["icmp-type"];
  }
  if ((fragment & IPV4_OFFSET_MASK) !== 0) return -1;
  const offset = transportChecksum(protocol);
  if (offset < 0) return -1;
  if (upper + offset + 2 > frame.end) return R["truncated-transport"];
  if (protocol !== PROTOCOL_UDP || u16(b, upper + UDP_CHECKSUM) !== 0 || frame.checksumStart >= 0) return -1;
  if (!x.spec.computeUdpChecksum) return R["udp-checksum-zero"];
  const length = u16(b, upper + UDP_LENGTH);
  return length < UDP_HEADER || upper + length > frame.end ? R["truncated-transport"] : -1;
}

/** Brings the checksum, and for ICMP the type, to what IPv6 wants. */
function translateTransport(x: Context, frame: Frame, upper: number, protocol: number, fragment: number): void {
  if ((fragment & IPV4_OFFSET_MASK) !== 0) return;
  const b = frame.bytes;
  const at = frame.start;
  const added = sumWords(x.words, OUTER_SOURCE, 8);
  if (protocol === PROTOCOL_ICMP) {
    translateEcho(b, upper, frame.end, added);
    return;
  }
  const offset = transportChecksum(protocol);
  if (offset < 0) return;
  const field = upper + offset;
  const partial = frame.checksumStart >= 0;
  if (protocol === PROTOCOL_UDP && !partial && u16(b, field) === 0) {
    const length = u16(b, upper + UDP_LENGTH);
    const checksum = checksumOf(sumOctets(b, upper, upper + length, added + PROTOCOL_UDP + length));
    put16(b, field, checksum === 0 ? 0xffff : checksum);
    return;
  }
  const removed = sumWord(i32(b, at + IPV4_SOURCE)) + sumWord(i32(b, at + IPV4_DESTINATION));
  updateTransport(b, field, protocol, partial, removed, added);
}

/** ICMPv6 covers a pseudo-header, ICMPv4 does not (RFC 7915 §4.2). `addresses`: the sum of the IPv6 addresses. */
function translateEcho(b: Uint8Array, upper: number, end: number, addresses: number): void {
  const type = u8(b, upper);
  const type6 = type === ICMPV4_ECHO_REQUEST ? ICMPV6_ECHO_REQUEST : ICMPV6_ECHO_REPLY;
  const added = addresses + (end - upper) + PROTOCOL_ICMPV6 + (type6 << 8);
  b[upper] = type6;
  put16(b, upper + ICMP_CHECKSUM, updateChecksum(u16(b, upper + ICMP_CHECKSUM), type << 8, added));
}

function emitV6(
  x: Context,
  frame: Frame,
  outlet: Outlet,
  upper: number,
  protocol: number,
  fragment: number,
  plan: Fit,
): void {
  const b = frame.bytes;
  const at = frame.start;
  const tos = trafficClassV6(x, u8(b, at + IPV4_TOS));
  const hopLimit = u8(b, at + IPV4_TTL) - hops(x);
  const next = protocol === PROTOCOL_ICMP ? PROTOCOL_ICMPV6 : protocol;
  const payload = frame.end - upper;
  if (plan === IN_FRAGMENTS) {
    emitFragments6(x, frame, outlet, upper, tos, next, hopLimit, fragment, u16(b, at + IPV4_IDENTIFICATION));
    return;
  }
  if ((fragment & FRAGMENTED) !== 0) {
    const more = (fragment & IPV4_MF) === 0 ? 0 : 1;
    const offset = (fragment & IPV4_OFFSET_MASK) << 3;
    // The high 16 bits of the identification are zero (RFC 7915 §4.1).
    putFragment(b, upper - FRAGMENT_HEADER, next, offset | more, u16(b, at + IPV4_IDENTIFICATION));
    const start = upper - FRAGMENT_HEADER - IPV6_HEADER;
    putIpv6(b, start, tos, payload + FRAGMENT_HEADER, EXTENSION_FRAGMENT, hopLimit, x.words, OUTER_SOURCE);
    frame.start = start;
    outlet.emit(frame, 6);
    return;
  }
  const start = upper - IPV6_HEADER;
  putIpv6(b, start, tos, payload, next, hopLimit, x.words, OUTER_SOURCE);
  frame.start = start;
  if (frame.checksumStart >= 0) {
    frame.checksumStart = IPV6_HEADER;
    if (frame.gsoType !== GSO_NONE) frame.gsoType = gsoTypeV6(frame.gsoType);
  }
  outlet.emit(frame, 6);
}

/** 1 becomes 4, 5 stays, and so does the flag of ECN. */
function gsoTypeV6(type: number): number {
  return (type & 0x7f) === GSO_TCPV4 ? (type & 0x80) | GSO_TCPV6 : type;
}
