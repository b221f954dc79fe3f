// Packets of the simulated network as records, and as octets where the real translator reads and writes them. Plain
// headers only; every checksum is made and checked, so that a wrong one shows as a packet that never arrives.

import { formatAddress, parseAddress } from "../net/address.js";
import { put16, u8, u16 } from "../net/octets.js";
import { checksumOf, fold, sumOctets } from "../wire/checksum.js";
import * as icmp from "../wire/icmp.js";
import * as ipv4 from "../wire/ipv4.js";
import * as ipv6 from "../wire/ipv6.js";
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP } from "../wire/protocols.js";
import { TCP_CHECKSUM, TCP_DATA_OFFSET, TCP_FLAGS, TCP_HEADER } from "../wire/tcp.js";
import { UDP_CHECKSUM, UDP_HEADER, UDP_LENGTH } from "../wire/udp.js";

export interface Datagram {
  readonly family: 4 | 6;
  readonly protocol: "udp" | "tcp" | "icmp";
  /** Canonical text. */
  readonly source: string;
  readonly destination: string;
  /** Of an echo: the identifier in both. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Of an echo. */
  readonly reply?: boolean;
  readonly hops: number;
  readonly text: string;
}

export function encodeDatagram(datagram: Datagram): Uint8Array {
  const data = new TextEncoder().encode(datagram.text);
  const header = datagram.family === 4 ? ipv4.IPV4_HEADER : ipv6.IPV6_HEADER;
  const transport = datagram.protocol === "tcp" ? TCP_HEADER : UDP_HEADER;
  const packet = new Uint8Array(header + transport + data.length);
  packet.set(data, header + transport);
  if (datagram.family === 4) putIpv4Header(packet, datagram);
  else putIpv6Header(packet, datagram);
  putTransport(packet, header, datagram);
  return packet;
}

/** Undefined where it is none of ours: a fragment, an ICMP error, a wrong checksum. */
export function decodeDatagram(packet: Uint8Array): Datagram | undefined {
  const family = u8(packet, 0) >> 4;
  if (family === 4) return decodeIpv4(packet);
  return family === 6 ? decodeIpv6(packet) : undefined;
}

function putIpv4Header(packet: Uint8Array, { protocol, hops, source, destination }: Datagram): void {
  packet[0] = 0x45;
  put16(packet, ipv4.IPV4_TOTAL_LENGTH, packet.length);
  put16(packet, ipv4.IPV4_FRAGMENT, ipv4.IPV4_DF);
  packet[ipv4.IPV4_TTL] = hops;
  packet[ipv4.IPV4_PROTOCOL] = numbers[protocol].v4;
  packet.set(octetsOf(source), ipv4.IPV4_SOURCE);
  packet.set(octetsOf(destination), ipv4.IPV4_DESTINATION);
  ipv4.putIpv4Checksum(packet, 0, ipv4.IPV4_HEADER);
}

function putIpv6Header(packet: Uint8Array, { protocol, hops, source, destination }: Datagram): void {
  packet[0] = 0x60;
  put16(packet, ipv6.IPV6_PAYLOAD_LENGTH, packet.length - ipv6.IPV6_HEADER);
  packet[ipv6.IPV6_NEXT_HEADER] = numbers[protocol].v6;
  packet[ipv6.IPV6_HOP_LIMIT] = hops;
  packet.set(octetsOf(source), ipv6.IPV6_SOURCE);
  packet.set(octetsOf(destination), ipv6.IPV6_DESTINATION);
}

function putTransport(packet: Uint8Array, at: number, datagram: Datagram): void {
  const { protocol, family, sourcePort, destinationPort } = datagram;
  if (protocol === "icmp") {
    packet[at + icmp.ICMP_TYPE] = echoTypes[family][datagram.reply === true ? "reply" : "request"];
    put16(packet, at + icmp.ICMP_REST, sourcePort);
  } else {
    put16(packet, at, sourcePort);
    put16(packet, at + 2, destinationPort);
  }
  if (protocol === "udp") put16(packet, at + UDP_LENGTH, packet.length - at);
  if (protocol === "tcp") {
    packet[at + TCP_DATA_OFFSET] = (TCP_HEADER / 4) << 4;
    packet[at + TCP_FLAGS] = 0x18;
  }
  put16(packet, at + numbers[protocol].checksum, checksumOf(transportSum(packet, at, datagram)));
}

function decodeIpv4(packet: Uint8Array): Datagram | undefined {
  const protocol = protocolOf("v4", u8(packet, ipv4.IPV4_PROTOCOL));
  const fragment = u16(packet, ipv4.IPV4_FRAGMENT) & ~ipv4.IPV4_DF;
  if (protocol === undefined || fragment !== 0 || u16(packet, ipv4.IPV4_TOTAL_LENGTH) !== packet.length)
    return undefined;
  if (!ipv4.ipv4ChecksumIsRight(packet, 0, ipv4.IPV4_HEADER)) return undefined;
  return decodeTransport(packet, ipv4.IPV4_HEADER, {
    family: 4,
    protocol,
    source: formatAddress(packet.subarray(ipv4.IPV4_SOURCE, ipv4.IPV4_SOURCE + 4)),
    destination: formatAddress(packet.subarray(ipv4.IPV4_DESTINATION, ipv4.IPV4_DESTINATION + 4)),
    hops: u8(packet, ipv4.IPV4_TTL),
  });
}

function decodeIpv6(packet: Uint8Array): Datagram | undefined {
  const protocol = protocolOf("v6", u8(packet, ipv6.IPV6_NEXT_HEADER));
  if (protocol === undefined || u16(packet, ipv6.IPV6_PAYLOAD_LENGTH) + ipv6.IPV6_HEADER !== packet.length) {
    return undefined;
  }
  return decodeTransport(packet, ipv6.IPV6_HEADER, {
    family: 6,
    protocol,
    source: formatAddress(packet.subarray(ipv6.IPV6_SOURCE, ipv6.IPV6_SOURCE + 16)),
    destination: formatAddress(packet.subarray(ipv6.IPV6_DESTINATION, ipv6.IPV6_DESTINATION + 16)),
    hops: u8(packet, ipv6.IPV6_HOP_LIMIT),
  });
}

type Outer = Pick<Datagram, "family" | "protocol" | "source" | "destination" | "hops">;

function decodeTransport(packet: Uint8Array, at: number, outer: Outer): Datagram | undefined {
  if (fold(transportSum(packet, at, outer)) !== 0xffff) return undefined;
  const { protocol, family } = outer;
  const length = protocol === "tcp" ? TCP_HEADER : UDP_HEADER;
  const text = new TextDecoder().decode(packet.subarray(at + length));
  if (protocol !== "icmp") {
    return { ...outer, sourcePort: u16(packet, at), destinationPort: u16(packet, at + 2), text };
  }
  const type = u8(packet, at + icmp.ICMP_TYPE);
  const { request, reply } = echoTypes[family];
  if (type !== request && type !== reply) return undefined;
  const id = u16(packet, at + icmp.ICMP_REST);
  return { ...outer, sourcePort: id, destinationPort: id, reply: type === reply, text };
}

/** With the pseudo-header, which ICMPv4 has not. */
function transportSum(packet: Uint8Array, at: number, { family, protocol }: Outer): number {
  const length = packet.length - at;
  const pseudo =
    family === 6
      ? ipv6.ipv6PseudoSum(packet, 0, numbers[protocol].v6, length)
      : protocol === "icmp"
        ? 0
        : ipv4.ipv4PseudoSum(packet, 0, numbers[protocol].v4, length);
  return sumOctets(packet, at, packet.length, pseudo);
}

const numbers = {
  udp: { v4: PROTOCOL_UDP, v6: PROTOCOL_UDP, checksum: UDP_CHECKSUM },
  tcp: { v4: PROTOCOL_TCP, v6: PROTOCOL_TCP, checksum: TCP_CHECKSUM },
  icmp: { v4: PROTOCOL_ICMP, v6: PROTOCOL_ICMPV6, checksum: icmp.ICMP_CHECKSUM },
} as const;

const echoTypes = {
  4: { request: icmp.ICMPV4_ECHO_REQUEST, reply: icmp.ICMPV4_ECHO_REPLY },
  6: { request: icmp.ICMPV6_ECHO_REQUEST, reply: icmp.ICMPV6_ECHO_REPLY },
} as const;

function protocolOf(version: "v4" | "v6", number: number): Datagram["protocol"] | undefined {
  return (["udp", "tcp", "icmp"] as const).find((name) => numbers[name][version] === number);
}

function octetsOf(address: string): Uint8Array {
  const octets = parseAddress(address);
  if (octets === undefined) throw new Error(`Cannot send to "${address}": it is not an address`);
  return octets;
}
