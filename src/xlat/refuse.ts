// A packet that is dropped, and the ICMP error that tells its sender (RFC 7915 §4.4, §5.4). The error is written in front
// of the packet, which it quotes; so a packet may be refused only while it is still as it came.

import { isBroadcast4, isMartian4, isMulticast4, isMulticast6 } from "../net/address-class.js";
import { i32, put16, put32, u8, u16 } from "../net/octets.js";
import { sumOctets } from "../wire/checksum.js";
import { FRAGMENT_HEADER, FRAGMENT_NEXT_HEADER, FRAGMENT_OFFSET, FRAGMENT_OFFSET_MASK } from "../wire/fragment.js";
import {
  ICMP_CHECKSUM,
  ICMP_CODE,
  ICMP_HEADER,
  ICMP_REST,
  ICMP_TYPE,
  ICMPV6_REDIRECT,
  isIcmpv4Error,
  isIcmpv6Error,
} from "../wire/icmp.js";
import {
  IPV4_DESTINATION,
  IPV4_FRAGMENT,
  IPV4_HEADER,
  IPV4_OFFSET_MASK,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  ipv4HeaderLength,
} from "../wire/ipv4.js";
import {
  IPV6_DESTINATION,
  IPV6_HEADER,
  IPV6_MINIMUM_MTU,
  IPV6_NEXT_HEADER,
  IPV6_SOURCE,
  ipv6PseudoSum,
  isSkippedExtension,
} from "../wire/ipv6.js";
import { EXTENSION_FRAGMENT, PROTOCOL_ICMP, PROTOCOL_ICMPV6 } from "../wire/protocols.js";
import { type Context, drop4, drop6, takeIdentifications } from "./context.js";
import { type Frame, GSO_NONE, type Outlet } from "./frame.js";
import { putIpv4, putIpv6 } from "./headers.js";
import { R, type Reason, reasons } from "./reasons.js";

/** RFC 1812 §4.3.2.3: an ICMPv4 error is at most this long. */
const ICMPV4_ERROR_LENGTH = 576;
/** RFC 4443 §2.4 (c). */
const ICMPV6_ERROR_LENGTH = IPV6_MINIMUM_MTU;

/** Hop limit of what we send ourselves. */
export const OWN_HOP_LIMIT = 64;
/** RFC 1812 §4.3.2.5: errors go with precedence 6, internetwork control. */
const ERROR_TOS = 0xc0;

const table: readonly Reason[] = reasons;

/** Drops the IPv4 packet in `frame`; `rest` is the second word of the ICMP error (MTU, pointer). */
export function refuse4(x: Context, frame: Frame, outlet: Outlet, reason: number, rest = 0): void {
  drop4(x, reason);
  const error = (table[reason] as Reason).icmpv4;
  // What was hairpinned has no IPv4 sender.
  if (error === undefined || x.pass.hairpinned || !mayTell4(frame)) return;
  if (x.errors4 !== undefined && !x.errors4.take()) {
    drop4(x, R["error-rate"]);
    return;
  }
  const b = frame.bytes;
  const quoted = frame.start;
  const length = Math.min(frame.end - quoted, ICMPV4_ERROR_LENGTH - IPV4_HEADER - ICMP_HEADER);
  const icmp = quoted - ICMP_HEADER;
  const to = i32(b, quoted + IPV4_SOURCE);
  frame.start = icmp - IPV4_HEADER;
  frame.end = quoted + length;
  withoutOffloads(frame);
  putIcmp(b, icmp, error.type, error.code, rest);
  put16(b, icmp + ICMP_CHECKSUM, ~sumOctets(b, icmp, frame.end, 0) & 0xffff);
  putIpv4(
    b,
    frame.start,
    ERROR_TOS,
    frame.end - frame.start,
    takeIdentifications(x, 1),
    0,
    OWN_HOP_LIMIT,
    PROTOCOL_ICMP,
    x.spec.translatorV4,
    to,
  );
  outlet.emit(frame, 4);
}

/** Drops the IPv6 packet in `frame`; `rest` is the second word of the ICMPv6 error. */
export function refuse6(x: Context, frame: Frame, outlet: Outlet, reason: number, rest = 0): void {
  drop6(x, reason);
  const error = (table[reason] as Reason).icmpv6;
  const own = x.spec.translatorV6;
  if (error === undefined || own === undefined || !mayTell6(frame)) return;
  if (x.errors6 !== undefined && !x.errors6.take()) {
    drop6(x, R["error-rate"]);
    return;
  }
  const b = frame.bytes;
  const quoted = frame.start;
  const length = Math.min(frame.end - quoted, ICMPV6_ERROR_LENGTH - IPV6_HEADER - ICMP_HEADER);
  const icmp = quoted - ICMP_HEADER;
  const words = x.words;
  for (let word = 0; word < 4; word++) {
    words[word] = own[word] as number;
    words[4 + word] = i32(b, quoted + IPV6_SOURCE + 4 * word);
  }
  frame.start = icmp - IPV6_HEADER;
  frame.end = quoted + length;
  withoutOffloads(frame);
  putIcmp(b, icmp, error.type, error.code, rest);
  putIpv6(b, frame.start, 0, ICMP_HEADER + length, PROTOCOL_ICMPV6, OWN_HOP_LIMIT, words, 0);
  const pseudo = ipv6PseudoSum(b, frame.start, PROTOCOL_ICMPV6, ICMP_HEADER + length);
  put16(b, icmp + ICMP_CHECKSUM, ~sumOctets(b, icmp, frame.end, pseudo) & 0xffff);
  outlet.emit(frame, 6);
}

/** The frame holds a plain packet from now on. */
export function withoutOffloads(frame: Frame): void {
  frame.gsoType = GSO_NONE;
  frame.gsoSize = 0;
  frame.checksumStart = -1;
  frame.checksumOffset = 0;
}

function putIcmp(b: Uint8Array, at: number, type: number, code: number, rest: number): void {
  b[at + ICMP_TYPE] = type;
  b[at + ICMP_CODE] = code;
  put16(b, at + ICMP_CHECKSUM, 0);
  put32(b, at + ICMP_REST, rest);
}

/** RFC 1812 §4.3.2.7: no error about an error, to or from what is not one host, or about a fragment but the first. */
function mayTell4(frame: Frame): boolean {
  const b = frame.bytes;
  const at = frame.start;
  const destination = i32(b, at + IPV4_DESTINATION);
  if (isMulticast4(destination) || isBroadcast4(destination)) return false;
  if (isMartian4(i32(b, at + IPV4_SOURCE))) return false;
  if ((u16(b, at + IPV4_FRAGMENT) & IPV4_OFFSET_MASK) !== 0) return false;
  if (u8(b, at + IPV4_PROTOCOL) !== PROTOCOL_ICMP) return true;
  const icmp = at + ipv4HeaderLength(b, at);
  return icmp < frame.end && !isIcmpv4Error(u8(b, icmp));
}

/** RFC 4443 §2.4 (e): the same for IPv6. */
function mayTell6(frame: Frame): boolean {
  const b = frame.bytes;
  const at = frame.start;
  if (isMulticast6(i32(b, at + IPV6_DESTINATION)) || isMulticast6(i32(b, at + IPV6_SOURCE))) return false;
  let next = u8(b, at + IPV6_NEXT_HEADER);
  let upper = at + IPV6_HEADER;
  while (isSkippedExtension(next) && upper + 2 <= frame.end) {
    next = u8(b, upper);
    upper += (u8(b, upper + 1) + 1) << 3;
  }
  if (next === EXTENSION_FRAGMENT) {
    if (upper + FRAGMENT_HEADER > frame.end) return false;
    if ((u16(b, upper + FRAGMENT_OFFSET) & FRAGMENT_OFFSET_MASK) !== 0) return false;
    next = u8(b, upper + FRAGMENT_NEXT_HEADER);
    upper += FRAGMENT_HEADER;
  }
  if (next !== PROTOCOL_ICMPV6) return true;
  if (upper >= frame.end) return false;
  const type = u8(b, upper);
  return !isIcmpv6Error(type) && type !== ICMPV6_REDIRECT;
}
