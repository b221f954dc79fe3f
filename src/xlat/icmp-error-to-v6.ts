// ICMPv4 errors -> ICMPv6 errors, with the packet inside (RFC 7915 §4.2, §4.3). Never answered: no error about an error.

import { isMartian4 } from "../net/address-class.js";
import { MAPPED_NONE } from "../net/address-map.js";
import { i32, put16, u8, u16 } from "../net/octets.js";
import { sumOctets, sumWord, updateChecksum } from "../wire/checksum.js";
import { FRAGMENT_HEADER } from "../wire/fragment.js";
import {
  ICMP_CHECKSUM,
  ICMP_CODE,
  ICMP_HEADER,
  ICMP_REST,
  ICMPV4_ECHO_REPLY,
  ICMPV4_ECHO_REQUEST,
  ICMPV4_EXTENSION_LENGTH,
  ICMPV4_MTU,
  ICMPV4_PARAMETER_PROBLEM,
  ICMPV4_TIME_EXCEEDED,
  ICMPV4_UNREACHABLE,
  ICMPV6_ECHO_REPLY,
  ICMPV6_ECHO_REQUEST,
  ICMPV6_EXTENSION_LENGTH,
  ICMPV6_TIME_EXCEEDED,
  ICMPV6_UNREACHABLE,
  isIcmpv4Error,
} from "../wire/icmp.js";
import {
  hasUnexpiredSourceRoute,
  IPV4_DESTINATION,
  IPV4_FRAGMENT,
  IPV4_HEADER,
  IPV4_IDENTIFICATION,
  IPV4_MF,
  IPV4_OFFSET_MASK,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  IPV4_TOS,
  IPV4_TOTAL_LENGTH,
  IPV4_TTL,
  ipv4HeaderLength,
} from "../wire/ipv4.js";
import { IPV6_HEADER, IPV6_MINIMUM_MTU, IPV6_NEXT_HEADER, ipv6PseudoSum } from "../wire/ipv6.js";
import { EXTENSION_FRAGMENT, PROTOCOL_ICMP, PROTOCOL_ICMPV6 } from "../wire/protocols.js";
import {
  asHairpinned,
  type Context,
  drop4,
  expires4,
  hops,
  INNER_DESTINATION,
  INNER_SOURCE,
  OUTER_DESTINATION,
  OUTER_SOURCE,
  trafficClassV6,
} from "./context.js";
import type { Frame, Outlet } from "./frame.js";
import { putFragment, putIpv6, sumWords } from "./headers.js";
import { findIcmpRow, type IcmpRow, icmpErrors4to6, plateauBelow, pointer4to6 } from "./icmp-tables.js";
import { isInside } from "./inside.js";
import { layOutQuote, moveQuote, putErrorHeader, quotedUntil } from "./quoted.js";
import { R } from "./reasons.js";
import { transportChecksum, updateTransport } from "./transport.js";

const FRAGMENTED = IPV4_MF | IPV4_OFFSET_MASK;

/** `frame` holds an unfragmented IPv4 packet with a sound header, its ICMP error at `upper`. */
export function icmpErrorToV6(x: Context, frame: Frame, outlet: Outlet, upper: number): void {
  const b = frame.bytes;
  const reason = outerProblem(x, frame, upper);
  if (reason >= 0) {
    drop4(x, reason);
    return;
  }
  const row = findIcmpRow(icmpErrors4to6, u8(b, upper), u8(b, upper + ICMP_CODE));
  if (row === undefined) {
    drop4(x, R["icmp-type"]);
    return;
  }
  const inner = upper + ICMP_HEADER;
  const quoteEnd = quotedEnd(b, upper, frame.end);
  const problem = innerProblem(x, b, inner, quoteEnd);
  if (problem >= 0) {
    drop4(x, problem);
    return;
  }
  const rest = translateRest(x, b, row, upper, inner);
  if (rest < 0) {
    drop4(x, R["icmp-pointer"]);
    return;
  }
  emitError(x, frame, outlet, upper, inner, quoteEnd, row, rest);
}

/** What is wrong with the error itself: a reason, or -1. The mapped addresses are left in the context's words. */
function outerProblem(x: Context, frame: Frame, upper: number): number {
  const b = frame.bytes;
  const at = frame.start;
  const destination = i32(b, at + IPV4_DESTINATION);
  if (destination === x.spec.translatorV4) return R["translator-protocol"];
  if (isMartian4(destination)) return R["illegal-destination"];
  if (expires4(x, u8(b, at + IPV4_TTL))) return R["hop-limit"];
  if (upper - at > IPV4_HEADER && hasUnexpiredSourceRoute(b, at, upper - at)) return R["source-route"];
  if (sumOctets(b, upper, frame.end, 0) !== 0xffff) return R["icmp-checksum"];
  if (x.spec.map.toV6(destination, x.words, OUTER_DESTINATION) === MAPPED_NONE) return R["unmapped-destination"];
  // An illegal source is translated all the same, "for the purpose of trouble shooting" (RFC 7915 §4.1).
  const source = i32(b, at + IPV4_SOURCE);
  const map = x.spec.map;
  // A router of this side that has no mapping speaks by our mouth: its own address would be forged to all others (RFC 7756 §6).
  if (!x.pass.hairpinned && !isInside(x.spec.inside, source, true)) return putOwnSource(x);
  // Rule 3 of RFC 7757 §4.2.1: so does who sends the error, where it is that destination.
  const mapped =
    asHairpinned(x) && source === innerDestination(b, upper, frame.end)
      ? map.embed(source, x.words, OUTER_SOURCE)
      : map.toV6(source, x.words, OUTER_SOURCE);
  return mapped === MAPPED_NONE ? R["unmapped-source"] : -1;
}

/** A reason, or -1. */
function putOwnSource(x: Context): number {
  if (x.spec.translatorV6 === undefined) return R["spoofed-source"];
  x.words.set(x.spec.translatorV6, OUTER_SOURCE);
  return -1;
}

/** The destination of the quoted packet, 0 where it is cut off. */
function innerDestination(b: Uint8Array, upper: number, end: number): number {
  const inner = upper + ICMP_HEADER;
  return inner + IPV4_HEADER <= end ? i32(b, inner + IPV4_DESTINATION) : 0;
}

/** Only some types state it. */
function quotedEnd(b: Uint8Array, upper: number, end: number): number {
  const type = u8(b, upper);
  if (type !== ICMPV4_UNREACHABLE && type !== ICMPV4_TIME_EXCEEDED && type !== ICMPV4_PARAMETER_PROBLEM) return end;
  return quotedUntil(upper + ICMP_HEADER, u8(b, upper + ICMPV4_EXTENSION_LENGTH) << 2, end);
}

/** What keeps the quoted packet from being translated: a reason, or -1. Its mapped addresses are left in the words. */
function innerProblem(x: Context, b: Uint8Array, inner: number, end: number): number {
  if (inner + IPV4_HEADER > end || u8(b, inner) >> 4 !== 4) return R["icmp-inner"];
  const headerLength = ipv4HeaderLength(b, inner);
  if (headerLength < IPV4_HEADER || inner + headerLength > end) return R["icmp-inner"];
  if (u16(b, inner + IPV4_TOTAL_LENGTH) < headerLength) return R["icmp-inner"];
  const isFirst = (u16(b, inner + IPV4_FRAGMENT) & IPV4_OFFSET_MASK) === 0;
  if (isFirst && u8(b, inner + IPV4_PROTOCOL) === PROTOCOL_ICMP && inner + headerLength < end) {
    const type = u8(b, inner + headerLength);
    if (isIcmpv4Error(type)) return R["icmp-nested"];
    if (type !== ICMPV4_ECHO_REQUEST && type !== ICMPV4_ECHO_REPLY) return R["icmp-inner"];
  }
  if (x.spec.map.toV6(i32(b, inner + IPV4_SOURCE), x.words, INNER_SOURCE) === MAPPED_NONE) return R["icmp-inner"];
  const to = i32(b, inner + IPV4_DESTINATION);
  const map = x.spec.map;
  // Rule 2 of RFC 7757 §4.2.1: the sender of the quoted packet knows its destination by the PREF64.
  const destination = asHairpinned(x)
    ? map.embed(to, x.words, INNER_DESTINATION)
    : map.toV6(to, x.words, INNER_DESTINATION);
  return destination === MAPPED_NONE ? R["icmp-inner"] : -1;
}

/** The second word of the ICMPv6 header, or -1 where a pointer has no counterpart. */
function translateRest(x: Context, b: Uint8Array, row: IcmpRow, upper: number, inner: number): number {
  switch (row.rest) {
    case "unused":
      return 0;
    case "next-header":
      return IPV6_NEXT_HEADER;
    case "pointer":
      return pointer4to6(u8(b, upper + ICMP_REST));
    case "mtu": {
      const told = u16(b, upper + ICMPV4_MTU);
      const growth = IPV6_HEADER - IPV4_HEADER;
      // "include that path MTU in the ICMPv6 packet": a plateau is taken as it is.
      const mtu = told === 0 ? plateauBelow(u16(b, inner + IPV4_TOTAL_LENGTH)) : told + growth;
      return Math.max(IPV6_MINIMUM_MTU, Math.min(mtu, x.spec.mtuV6, x.spec.mtuV4 + growth));
    }
  }
}

function emitError(
  x: Context,
  frame: Frame,
  outlet: Outlet,
  upper: number,
  inner: number,
  quoteEnd: number,
  row: IcmpRow,
  rest: number,
): void {
  const b = frame.bytes;
  const at = frame.start;
  const end = frame.end;
  // Everything that will be overwritten.
  const tos = trafficClassV6(x, u8(b, at + IPV4_TOS));
  const hopLimit = u8(b, at + IPV4_TTL) - hops(x);
  const code = u8(b, upper + ICMP_CODE);
  const innerUpper = inner + ipv4HeaderLength(b, inner);
  const innerTos = trafficClassV6(x, u8(b, inner + IPV4_TOS));
  const innerTtl = u8(b, inner + IPV4_TTL);
  const innerProtocol = u8(b, inner + IPV4_PROTOCOL);
  const innerFragment = u16(b, inner + IPV4_FRAGMENT);
  const innerIdentification = u16(b, inner + IPV4_IDENTIFICATION);
  const innerPayload = u16(b, inner + IPV4_TOTAL_LENGTH) - (innerUpper - inner);
  if ((innerFragment & IPV4_OFFSET_MASK) === 0) {
    translateInnerTransport(x, b, inner, innerUpper, quoteEnd, innerProtocol, innerPayload);
  }
  const isFragment = (innerFragment & FRAGMENTED) !== 0;
  const headers = isFragment ? IPV6_HEADER + FRAGMENT_HEADER : IPV6_HEADER;
  // Only these two have room for a length (RFC 4884 §4); behind the others an extension would pass for data.
  const extensible = row.to.type === ICMPV6_UNREACHABLE || row.to.type === ICMPV6_TIME_EXCEEDED;
  const layout = x.quote;
  const most = IPV6_MINIMUM_MTU - IPV6_HEADER - ICMP_HEADER;
  layOutQuote(layout, headers, quoteEnd - innerUpper, extensible ? end - quoteEnd : 0, 8, most);
  const data = moveQuote(b, innerUpper, quoteEnd, layout);
  const next = innerProtocol === PROTOCOL_ICMP ? PROTOCOL_ICMPV6 : innerProtocol;
  const newInner = data - headers;
  if (isFragment) {
    const more = (innerFragment & IPV4_MF) === 0 ? 0 : 1;
    const offset = (innerFragment & IPV4_OFFSET_MASK) << 3;
    putFragment(b, data - FRAGMENT_HEADER, next, offset | more, innerIdentification);
    const length = innerPayload + FRAGMENT_HEADER;
    putIpv6(b, newInner, innerTos, length, EXTENSION_FRAGMENT, innerTtl, x.words, INNER_SOURCE);
  } else {
    putIpv6(b, newInner, innerTos, innerPayload, next, innerTtl, x.words, INNER_SOURCE);
  }
  const icmp = newInner - ICMP_HEADER;
  const newEnd = data + layout.data + layout.padding + layout.extension;
  putErrorHeader(b, icmp, row, code, rest);
  if (layout.extension > 0) {
    b[icmp + ICMPV6_EXTENSION_LENGTH] = (headers + layout.data + layout.padding) >> 3;
  }
  const start = icmp - IPV6_HEADER;
  putIpv6(b, start, tos, newEnd - icmp, PROTOCOL_ICMPV6, hopLimit, x.words, OUTER_SOURCE);
  const pseudo = ipv6PseudoSum(b, start, PROTOCOL_ICMPV6, newEnd - icmp);
  put16(b, icmp + ICMP_CHECKSUM, ~sumOctets(b, icmp, newEnd, pseudo) & 0xffff);
  frame.start = start;
  frame.end = newEnd;
  outlet.emit(frame, 6);
}

/** As far as it is quoted: an error often ends eight octets into the transport header. */
function translateInnerTransport(
  x: Context,
  b: Uint8Array,
  inner: number,
  upper: number,
  end: number,
  protocol: number,
  payload: number,
): void {
  const added = sumWords(x.words, INNER_SOURCE, 8);
  if (protocol === PROTOCOL_ICMP) {
    if (upper >= end) return;
    const type = u8(b, upper);
    const type6 = type === ICMPV4_ECHO_REQUEST ? ICMPV6_ECHO_REQUEST : ICMPV6_ECHO_REPLY;
    b[upper] = type6;
    const field = upper + ICMP_CHECKSUM;
    if (field + 2 > end) return;
    put16(b, field, updateChecksum(u16(b, field), type << 8, added + payload + PROTOCOL_ICMPV6 + (type6 << 8)));
    return;
  }
  const offset = transportChecksum(protocol);
  if (offset < 0 || upper + offset + 2 > end) return;
  const removed = sumWord(i32(b, inner + IPV4_SOURCE)) + sumWord(i32(b, inner + IPV4_DESTINATION));
  updateTransport(b, upper + offset, protocol, false, removed, added);
}
