// Super-packets cut into plain ones, for the rare case that they can't go out whole: their segments need fragmenting or
// an extension header is in the way. In place and from front to back, as in fragment-out.ts.

import { i32, put16, put32, u16 } from "../net/octets.js";
import { checksumOf, sumOctets } from "../wire/checksum.js";
import { IPV4_IDENTIFICATION, IPV4_TOTAL_LENGTH, ipv4PseudoSum, putIpv4Checksum } from "../wire/ipv4.js";
import { IPV6_HEADER, IPV6_PAYLOAD_LENGTH, ipv6PseudoSum } from "../wire/ipv6.js";
import { PROTOCOL_TCP, PROTOCOL_UDP } from "../wire/protocols.js";
import { TCP_CWR, TCP_FIN, TCP_FLAGS, TCP_PSH, TCP_SEQUENCE } from "../wire/tcp.js";
import { UDP_LENGTH } from "../wire/udp.js";
import type { Context } from "./context.js";
import type { Frame, Outlet } from "./frame.js";
import { withoutOffloads } from "./refuse.js";
import { segmentHeader } from "./transport.js";

/** Calls `each` for every segment of the super-packet, which lies in `frame` as a plain packet with its checksum complete. */
export function forEachSegment(
  x: Context,
  frame: Frame,
  outlet: Outlet,
  family: 4 | 6,
  upper: number,
  protocol: number,
  each: (x: Context, frame: Frame, outlet: Outlet) => void,
): void {
  const b = frame.bytes;
  const at = frame.start;
  const end = frame.end;
  const transport = segmentHeader(b, upper, protocol);
  const network = upper - at;
  const headers = network + transport;
  const size = frame.gsoSize;
  const field = frame.checksumOffset;
  const data = at + headers;
  // The headers are kept aside, since the translation of a segment writes over them.
  const template = x.headers;
  if (headers > template.length) return;
  for (let index = 0; index < headers; index++) template[index] = b[at + index] as number;
  withoutOffloads(frame);
  let number = 0;
  for (let from = data; from < end; from += size) {
    const to = Math.min(from + size, end);
    const start = from - headers;
    for (let index = 0; index < headers; index++) b[start + index] = template[index] as number;
    putSegmentLengths(b, start, network, to, family, number);
    const head = start + network;
    if (protocol === PROTOCOL_TCP) putTcpSegment(b, head, from - data, number === 0, to === end);
    else put16(b, head + UDP_LENGTH, to - head);
    put16(b, head + field, 0);
    const pseudo =
      family === 4 ? ipv4PseudoSum(b, start, protocol, to - head) : ipv6PseudoSum(b, start, protocol, to - head);
    const checksum = checksumOf(sumOctets(b, head, to, pseudo));
    put16(b, head + field, checksum === 0 && protocol === PROTOCOL_UDP ? 0xffff : checksum);
    withoutOffloads(frame);
    frame.start = start;
    frame.end = to;
    each(x, frame, outlet);
    number++;
  }
}

function putSegmentLengths(
  b: Uint8Array,
  start: number,
  network: number,
  to: number,
  family: 4 | 6,
  number: number,
): void {
  if (family === 6) {
    put16(b, start + IPV6_PAYLOAD_LENGTH, to - start - IPV6_HEADER);
    return;
  }
  put16(b, start + IPV4_TOTAL_LENGTH, to - start);
  put16(b, start + IPV4_IDENTIFICATION, (u16(b, start + IPV4_IDENTIFICATION) + number) & 0xffff);
  putIpv4Checksum(b, start, network);
}

/** FIN and PSH belong to the last segment only, CWR to the first (RFC 3168 §6.1.2). */
function putTcpSegment(b: Uint8Array, at: number, offset: number, isFirst: boolean, isLast: boolean): void {
  put32(b, at + TCP_SEQUENCE, (i32(b, at + TCP_SEQUENCE) + offset) | 0);
  const flags = b[at + TCP_FLAGS] as number;
  const cleared = (isFirst ? 0 : TCP_CWR) | (isLast ? 0 : TCP_FIN | TCP_PSH);
  b[at + TCP_FLAGS] = flags & ~cleared;
}
