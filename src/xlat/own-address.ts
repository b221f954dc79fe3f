// Packets to the translator's own IPv4 address: ping is answered, all else is refused (RFC 1122 §3.2.2).

import { i32, put16, u8, u16 } from "../net/octets.js";
import { updateChecksum } from "../wire/checksum.js";
import { ICMP_CHECKSUM, ICMP_HEADER, ICMPV4_ECHO_REPLY, ICMPV4_ECHO_REQUEST } from "../wire/icmp.js";
import { IPV4_HEADER, IPV4_PROTOCOL, IPV4_SOURCE, IPV4_TOS } from "../wire/ipv4.js";
import { PROTOCOL_ICMP, PROTOCOL_UDP } from "../wire/protocols.js";
import { type Context, drop4, takeIdentifications } from "./context.js";
import { emitFragments4 } from "./fragment-out.js";
import type { Frame, Outlet } from "./frame.js";
import { putIpv4 } from "./headers.js";
import { R } from "./reasons.js";
import { OWN_HOP_LIMIT, refuse4, withoutOffloads } from "./refuse.js";

/** The packet in `frame` is for us, its header is sound. */
export function answerAtTranslator(x: Context, frame: Frame, outlet: Outlet, upper: number): void {
  const b = frame.bytes;
  const at = frame.start;
  const protocol = u8(b, at + IPV4_PROTOCOL);
  if (protocol === PROTOCOL_UDP) {
    refuse4(x, frame, outlet, R["translator-port"]);
    return;
  }
  if (protocol !== PROTOCOL_ICMP) {
    refuse4(x, frame, outlet, R["translator-protocol"]);
    return;
  }
  if (upper + ICMP_HEADER > frame.end) {
    drop4(x, R["truncated-transport"]);
    return;
  }
  if (u8(b, upper) !== ICMPV4_ECHO_REQUEST) {
    drop4(x, R["icmp-type"]);
    return;
  }
  const from = i32(b, at + IPV4_SOURCE);
  const tos = u8(b, at + IPV4_TOS);
  b[upper] = ICMPV4_ECHO_REPLY;
  const old = u16(b, upper + ICMP_CHECKSUM);
  put16(b, upper + ICMP_CHECKSUM, updateChecksum(old, ICMPV4_ECHO_REQUEST << 8, ICMPV4_ECHO_REPLY << 8));
  frame.start = upper - IPV4_HEADER;
  withoutOffloads(frame);
  const length = frame.end - frame.start;
  const own = x.spec.translatorV4;
  const identification = takeIdentifications(x, 1);
  if (length > x.spec.mtuV4) {
    emitFragments4(x, frame, outlet, upper, tos, PROTOCOL_ICMP, OWN_HOP_LIMIT, 0, identification, own, from);
    return;
  }
  putIpv4(b, frame.start, tos, length, identification, 0, OWN_HOP_LIMIT, PROTOCOL_ICMP, own, from);
  outlet.emit(frame, 4);
}
