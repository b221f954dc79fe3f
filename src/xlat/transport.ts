// Transport checksums: where they stand, and what changes when the pseudo-header does (RFC 7915 §4.5, §5.5). DCCP and
// UDP-Lite are OPTIONAL there; both cover the addresses, so without this they would arrive broken.

import { put16, u16 } from "../net/octets.js";
import { checksumOf, sumOctets, updateChecksum, updateSum } from "../wire/checksum.js";
import { PROTOCOL_DCCP, PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_UDPLITE } from "../wire/protocols.js";
import { TCP_CHECKSUM, tcpHeaderLength } from "../wire/tcp.js";
import { UDP_CHECKSUM, UDP_HEADER } from "../wire/udp.js";
import type { Frame } from "./frame.js";

/** RFC 4340 §5.1. */
const DCCP_CHECKSUM = 6;

/** The offset of a checksum that covers the pseudo-header, or -1. Not for ICMP, where only one side has one. */
export function transportChecksum(protocol: number): number {
  switch (protocol) {
    case PROTOCOL_TCP:
      return TCP_CHECKSUM;
    case PROTOCOL_UDP:
    case PROTOCOL_UDPLITE:
      return UDP_CHECKSUM;
    case PROTOCOL_DCCP:
      return DCCP_CHECKSUM;
    default:
      return -1;
  }
}

/** Updates the checksum in the field at `at` for other addresses. `partial`: the field holds the pseudo-header's sum. */
export function updateTransport(
  b: Uint8Array,
  at: number,
  protocol: number,
  partial: boolean,
  removed: number,
  added: number,
): void {
  const old = u16(b, at);
  if (partial) {
    put16(b, at, updateSum(old, removed, added));
    return;
  }
  // Zero: a UDP packet without a checksum (RFC 768). It stays so on the IPv4 side and in a packet that an error quotes.
  if (old === 0 && protocol === PROTOCOL_UDP) return;
  const fresh = updateChecksum(old, removed, added);
  put16(b, at, fresh === 0 && protocol === PROTOCOL_UDP ? 0xffff : fresh);
}

/** Octets of the transport header that every segment of a super-packet has. */
export function segmentHeader(b: Uint8Array, upper: number, protocol: number): number {
  return protocol === PROTOCOL_TCP ? tcpHeaderLength(b, upper) : UDP_HEADER;
}

/** Does what a device would have done: the field holds the pseudo-header's sum, the rest is added. */
export function completeChecksum(frame: Frame): void {
  const b = frame.bytes;
  const from = frame.start + frame.checksumStart;
  const field = from + frame.checksumOffset;
  const checksum = checksumOf(sumOctets(b, from, frame.end, 0));
  // Only UDP tells zero from 0xffff, and to all others they are the same number.
  put16(b, field, checksum === 0 ? 0xffff : checksum);
  frame.checksumStart = -1;
  frame.checksumOffset = 0;
}
