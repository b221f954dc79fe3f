// ICMPv6 errors -> ICMPv4 errors, with the packet inside (RFC 7915 §5.2, §5.3). Their sources may be routers that have no
// IPv4 address at all: these get `icmpSource` (RFC 6791), so that no path MTU and no hop of a traceroute is lost.

import { isLinkLocal6, isMartian4, isMartian6, isMulticast6, isReserved4 } from "../net/address-class.js";
import { MAPPED_NONE, MAPPED_PREF64 } from "../net/address-map.js";
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
  ICMPV6_ECHO_REPLY,
  ICMPV6_ECHO_REQUEST,
  ICMPV6_EXTENSION_LENGTH,
  ICMPV6_TIME_EXCEEDED,
  ICMPV6_UNREACHABLE,
  isIcmpv6Error,
} from "../wire/icmp.js";
import { IPV4_DF, IPV4_HEADER, IPV4_MAXIMUM_LENGTH, IPV4_MF, IPV4_MINIMUM_MTU } from "../wire/ipv4.js";
import {
  IPV6_DESTINATION,
  IPV6_HEADER,
  IPV6_HOP_LIMIT,
  IPV6_MINIMUM_MTU,
  IPV6_PAYLOAD_LENGTH,
  IPV6_SOURCE,
  ipv6PseudoSum,
} from "../wire/ipv6.js";
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6 } from "../wire/protocols.js";
import { CHAIN_SOUND, type Chain, walkChain } from "./chain.js";
import {
  type Context,
  drop6,
  expires6,
  INNER_FROM,
  INNER_TO,
  OUTER_FROM,
  OUTER_SOURCE,
  OUTER_TO,
  pickIcmpSource,
  takeIdentifications,
  tosV4,
} from "./context.js";
import type { Frame, Outlet } from "./frame.js";
import { hairpin } from "./hairpin.js";
import { putIpv4 } from "./headers.js";
import { findIcmpRow, type IcmpRow, icmpErrors6to4, pointer6to4 } from "./icmp-tables.js";
import { isInside } from "./inside.js";
import { interfaceObjectGrowth, putInterfaceObject } from "./interface-object.js";
import { layOutQuote, moveQuote, putErrorHeader, quotedUntil } from "./quoted.js";
import { R } from "./reasons.js";
import { LEFT_IN_FRONT, NEEDED_HEADROOM } from "./room.js";
import { transportChecksum, updateTransport } from "./transport.js";

/** `frame` holds an IPv6 packet with sound headers, unfragmented, its ICMPv6 error at `upper`; its chain is in the context. */
export function icmpErrorToV4(x: Context, frame: Frame, outlet: Outlet, upper: number): void {
  const b = frame.bytes;
  const problem = outerProblem(x, frame, upper);
  if (problem >= 0) {
    drop6(x, problem);
    return;
  }
  const row = findIcmpRow(icmpErrors6to4, u8(b, upper), u8(b, upper + ICMP_CODE));
  if (row === undefined) {
    drop6(x, R["icmp-type"]);
    return;
  }
  const inner = upper + ICMP_HEADER;
  const quoteEnd = quotedEnd(b, upper, frame.end);
  const innerReason = innerProblem(x, b, inner, quoteEnd);
  if (innerReason >= 0) {
    drop6(x, innerReason);
    return;
  }
  const rest = translateRest(x, b, row, upper);
  if (rest === NO_POINTER) {
    drop6(x, R["icmp-pointer"]);
    return;
  }
  emitError(x, frame, x.pass.toMapped ? hairpin(x, outlet) : outlet, upper, inner, quoteEnd, row, rest);
}

/** What is wrong with the error itself: a reason, or -1. Its IPv4 addresses are left in the context. */
function outerProblem(x: Context, frame: Frame, upper: number): number {
  const b = frame.bytes;
  const at = frame.start;
  const source = at + IPV6_SOURCE;
  const w0 = i32(b, source);
  // A router may well speak from its link-local address, and has no other name here than `icmpSource`.
  const isLinkLocal = isLinkLocal6(w0);
  if (!isLinkLocal && isMartian6(w0, i32(b, source + 4), i32(b, source + 8), i32(b, source + 12))) {
    return R["illegal-source"];
  }
  if (isMulticast6(i32(b, at + IPV6_DESTINATION))) return R["illegal-destination"];
  if (expires6(x, u8(b, at + IPV6_HOP_LIMIT))) return R["hop-limit"];
  if (x.chain.segmentsLeft >= 0) return R["routing-header"];
  const length = frame.end - upper;
  const pseudo = ipv6PseudoSum(b, at, PROTOCOL_ICMPV6, length);
  if (sumOctets(b, upper, frame.end, pseudo) !== 0xffff) return R["icmp-checksum"];
  const map = x.spec.map;
  if (map.toV4(b, at + IPV6_DESTINATION) === MAPPED_NONE) return R["unmapped-destination"];
  const to = map.v4[0] as number;
  if (isMartian4(to)) return R["illegal-destination"];
  const mapped = map.toV4(b, source);
  const from = map.v4[0] as number;
  // The host's own errors about flows of the CLAT would come from the address they go to: a martian to every kernel. An
  // error from this side would seem to be made here (RFC 7756 §6), and may well be: by a host that shares its address.
  const forged = from === to || isInside(x.spec.inside, from, false);
  // Large networks number their routers from 240.0.0.0/4, and a traceroute may well show it.
  const isName = !isMartian4(from) || isReserved4(from);
  const usable = mapped !== MAPPED_NONE && !isLinkLocal && isName && !forged;
  x.addresses[OUTER_FROM] = usable ? from : pickIcmpSource(x, to);
  x.pass.nameless = !usable;
  if (!usable) for (let word = 0; word < 4; word++) x.words[OUTER_SOURCE + word] = i32(b, source + 4 * word);
  x.addresses[OUTER_TO] = to;
  return -1;
}

/** Only some types state it. */
function quotedEnd(b: Uint8Array, upper: number, end: number): number {
  const type = u8(b, upper);
  if (type !== ICMPV6_UNREACHABLE && type !== ICMPV6_TIME_EXCEEDED) return end;
  return quotedUntil(upper + ICMP_HEADER, u8(b, upper + ICMPV6_EXTENSION_LENGTH) << 3, end);
}

/** What keeps the quoted packet from being translated: a reason, or -1. Its chain and its IPv4 addresses are left in the context. */
function innerProblem(x: Context, b: Uint8Array, inner: number, end: number): number {
  const chain = x.chain;
  if (inner + IPV6_HEADER > end || u8(b, inner) >> 4 !== 6) return R["icmp-inner"];
  if (walkChain(chain, b, inner, end) !== CHAIN_SOUND) return R["icmp-inner"];
  const payload = innerPayload(b, inner, chain);
  if (payload < 0 || payload > IPV4_MAXIMUM_LENGTH - IPV4_HEADER) return R["icmp-inner"];
  if (chain.protocol === PROTOCOL_ICMPV6 && chain.fragmentOffset === 0 && chain.upper < end) {
    const type = u8(b, chain.upper);
    if (isIcmpv6Error(type)) return R["icmp-nested"];
    if (type !== ICMPV6_ECHO_REQUEST && type !== ICMPV6_ECHO_REPLY) return R["icmp-inner"];
  }
  const map = x.spec.map;
  const mapped = map.toV4(b, inner + IPV6_SOURCE);
  if (mapped === MAPPED_NONE) return R["icmp-inner"];
  const from = map.v4[0] as number;
  x.addresses[INNER_FROM] = from;
  // Condition set B of RFC 7757 §4.2.2.
  x.pass.toMapped = mapped === MAPPED_PREF64 && x.spec.hairpinning && map.isExplicit4(from);
  if (map.toV4(b, inner + IPV6_DESTINATION) === MAPPED_NONE) return R["icmp-inner"];
  x.addresses[INNER_TO] = map.v4[0] as number;
  return -1;
}

/** Octets that the quoted packet had behind its headers, quoted or not. */
function innerPayload(b: Uint8Array, inner: number, chain: Chain): number {
  return u16(b, inner + IPV6_PAYLOAD_LENGTH) - (chain.upper - inner - IPV6_HEADER);
}

const NO_POINTER = -1;

/** The second word of the ICMPv4 header. */
function translateRest(x: Context, b: Uint8Array, row: IcmpRow, upper: number): number {
  switch (row.rest) {
    case "pointer": {
      const pointer = pointer6to4(i32(b, upper + ICMP_REST));
      return pointer < 0 ? NO_POINTER : pointer << 24;
    }
    case "mtu": {
      // "taking into account whether or not the packet in error includes a Fragment Header" (RFC 7915 §5.2).
      const shrinkage = IPV6_HEADER - IPV4_HEADER + (x.chain.hasFragmentHeader ? FRAGMENT_HEADER : 0);
      const told = i32(b, upper + ICMP_REST) >>> 0;
      const mtu = Math.min(told, x.spec.mtuV6) - shrinkage;
      return Math.max(IPV4_MINIMUM_MTU, Math.min(mtu, x.spec.mtuV4));
    }
    default:
      return 0;
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
  const chain = x.chain;
  const addresses = x.addresses;
  const innerFrom = addresses[INNER_FROM] as number;
  const innerTo = addresses[INNER_TO] as number;
  // Everything that will be overwritten.
  const tos = tosV4(x, trafficClass(b, at));
  const ttl = u8(b, at + IPV6_HOP_LIMIT) - x.spec.hops;
  const code = u8(b, upper + ICMP_CODE);
  const innerTos = tosV4(x, trafficClass(b, inner));
  const innerTtl = u8(b, inner + IPV6_HOP_LIMIT);
  const innerLength = IPV4_HEADER + innerPayload(b, inner, chain);
  if (chain.fragmentOffset === 0) translateInnerTransport(b, inner, quoteEnd, chain, innerFrom, innerTo);
  const layout = x.quote;
  const withObject = layOut(x, b, chain.upper, quoteEnd, end);
  const extension = layout.extension > 0 ? end - layout.extension : quoteEnd;
  const data = moveQuote(b, chain.upper, extension, layout);
  if (withObject) {
    b.copyWithin(extension, quoteEnd, end);
    putInterfaceObject(b, extension, end, x.words, OUTER_SOURCE);
  }
  let fragment = 0;
  let identification = 0;
  if (chain.hasFragmentHeader) {
    fragment = (chain.fragmentOffset >> 3) | (chain.moreFragments ? IPV4_MF : 0);
    identification = chain.identification & 0xffff;
  } else if (innerLength > IPV6_MINIMUM_MTU - IPV6_HEADER + IPV4_HEADER) {
    fragment = IPV4_DF;
  }
  const newInner = data - IPV4_HEADER;
  const protocol = chain.protocol === PROTOCOL_ICMPV6 ? PROTOCOL_ICMP : chain.protocol;
  putIpv4(b, newInner, innerTos, innerLength, identification, fragment, innerTtl, protocol, innerFrom, innerTo);
  const icmp = newInner - ICMP_HEADER;
  const newEnd = data + layout.data + layout.padding + layout.extension;
  putErrorHeader(b, icmp, row, code, rest);
  if (layout.extension > 0) {
    b[icmp + ICMPV4_EXTENSION_LENGTH] = (IPV4_HEADER + layout.data + layout.padding) >> 2;
  }
  put16(b, icmp + ICMP_CHECKSUM, ~sumOctets(b, icmp, newEnd, 0) & 0xffff);
  const start = icmp - IPV4_HEADER;
  const from = addresses[OUTER_FROM] as number;
  const to = addresses[OUTER_TO] as number;
  putIpv4(b, start, tos, newEnd - start, takeIdentifications(x, 1), 0, ttl, PROTOCOL_ICMP, from, to);
  frame.start = start;
  frame.end = newEnd;
  outlet.emit(frame, 4);
}

/** Lays the quoted packet out, with the sender's IPv6 address behind it where that is wanted and has room: true then. */
function layOut(x: Context, b: Uint8Array, upper: number, quoteEnd: number, end: number): boolean {
  const layout = x.quote;
  const most = Math.min(x.spec.mtuV4, IPV6_MINIMUM_MTU) - IPV4_HEADER - ICMP_HEADER;
  const there = end - quoteEnd;
  if (x.spec.icmpExtension && x.pass.nameless) {
    const growth = interfaceObjectGrowth(b, quoteEnd, there);
    layOutQuote(layout, IPV4_HEADER, quoteEnd - upper, there + growth, 4, most);
    const start = end - layout.extension - layout.padding - layout.data - 2 * IPV4_HEADER - ICMP_HEADER;
    const needed = x.pass.toMapped ? NEEDED_HEADROOM : LEFT_IN_FRONT;
    if (growth > 0 && layout.extension > 0 && start >= needed) return true;
  }
  layOutQuote(layout, IPV4_HEADER, quoteEnd - upper, there, 4, most);
  return false;
}

function trafficClass(b: Uint8Array, at: number): number {
  return (u16(b, at) >> 4) & 0xff;
}

/** As far as it is quoted. */
function translateInnerTransport(
  b: Uint8Array,
  inner: number,
  end: number,
  chain: Chain,
  source: number,
  destination: number,
): void {
  const upper = chain.upper;
  const addresses = sumOctets(b, inner + IPV6_SOURCE, inner + IPV6_HEADER, 0);
  if (chain.protocol === PROTOCOL_ICMPV6) {
    if (upper >= end) return;
    const type6 = u8(b, upper);
    const type = type6 === ICMPV6_ECHO_REQUEST ? ICMPV4_ECHO_REQUEST : ICMPV4_ECHO_REPLY;
    b[upper] = type;
    const field = upper + ICMP_CHECKSUM;
    if (field + 2 > end) return;
    const removed = addresses + innerPayload(b, inner, chain) + PROTOCOL_ICMPV6 + (type6 << 8);
    put16(b, field, updateChecksum(u16(b, field), removed, type << 8));
    return;
  }
  const offset = transportChecksum(chain.protocol);
  if (offset < 0 || upper + offset + 2 > end) return;
  updateTransport(b, upper + offset, chain.protocol, false, addresses, sumWord(source) + sumWord(destination));
}
