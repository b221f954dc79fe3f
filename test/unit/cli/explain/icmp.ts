// An ICMPv6 Packet Too Big of a router about a packet of the CLAT.

import { put16, put32 } from "../../../../src/net/octets.js";
import { buildIpv6 } from "../../../../src/wire/build.js";
import { sumOctets } from "../../../../src/wire/checksum.js";
import { ipv6PseudoSum } from "../../../../src/wire/ipv6.js";
import { udp6 } from "../translate/packets.js";

export function buildIcmp6Error(source: string): Uint8Array {
  const about = udp6({ source: "2001:db8::464", destination: "2001:db8:64::c633:6407", payload: new Uint8Array(40) });
  const message = new Uint8Array(8 + about.length);
  message[0] = 2;
  put32(message, 4, 1400);
  message.set(about, 8);
  const packet = buildIpv6({ source, destination: "2001:db8::464" }, 58, message);
  const at = packet.length - message.length;
  put16(packet, at + 2, ~sumOctets(packet, at, packet.length, ipv6PseudoSum(packet, 0, 58, message.length)) & 0xffff);
  return packet;
}
