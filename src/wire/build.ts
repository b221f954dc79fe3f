// Whole packets from records, for the simulation, the lab and tests: addresses as text, everything that can be computed
// (lengths, checksums) computed unless it is given. Not for the packet path.

import { parseIpv4, parseIpv6 } from "../net/address.js";
import { put16, put32 } from "../net/octets.js";
import { sumOctets } from "./checksum.js";
import { FRAGMENT_HEADER } from "./fragment.js";
import { ICMP_CHECKSUM, ICMP_HEADER } from "./icmp.js";
import {
  IPV4_DESTINATION,
  IPV4_DF,
  IPV4_HEADER,
  IPV4_MF,
  IPV4_SOURCE,
  ipv4PseudoSum,
  putIpv4Checksum,
} from "./ipv4.js";
import { IPV6_DESTINATION, IPV6_HEADER, IPV6_SOURCE, ipv6PseudoSum } from "./ipv6.js";
import { EXTENSION_FRAGMENT, PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP } from "./protocols.js";
import { TCP_ACK, TCP_CHECKSUM, TCP_HEADER } from "./tcp.js";
import { UDP_CHECKSUM, UDP_HEADER } from "./udp.js";

export interface Ipv4Fields {
  readonly source: string;
  readonly destination: string;
  readonly tos?: number;
  readonly identification?: number;
  readonly dontFragment?: boolean;
  readonly moreFragments?: boolean;
  /** Octets, a multiple of 8. */
  readonly fragmentOffset?: number;
  /** 64 unless given. */
  readonly ttl?: number;
  /** A multiple of 4 octets. */
  readonly options?: Uint8Array;
}

export interface Ipv6Fields {
  readonly source: string;
  readonly destination: string;
  readonly trafficClass?: number;
  readonly flowLabel?: number;
  /** 64 unless given. */
  readonly hopLimit?: number;
  /** Extension headers in front of the upper-layer header; a Fragment Header may be one of them. */
  readonly extensions?: readonly Extension[];
}

/** An IPv6 extension header; its Next Header field is filled in. */
export interface Extension {
  readonly type: number;
  /** The whole header: a multiple of 8 octets. */
  readonly octets: Uint8Array;
}

interface Ports {
  readonly sourcePort: number;
  readonly destinationPort: number;
}

export interface UdpFields extends Ports {
  readonly payload?: Uint8Array;
  /** In place of the right one; 0: none. */
  readonly checksum?: number;
}

export interface TcpFields extends Ports {
  readonly sequence?: number;
  readonly acknowledgement?: number;
  /** ACK unless given. */
  readonly flags?: number;
  readonly window?: number;
  /** A multiple of 4 octets. */
  readonly options?: Uint8Array;
  readonly payload?: Uint8Array;
}

export interface EchoFields {
  readonly kind: "request" | "reply";
  readonly identifier: number;
  readonly sequence: number;
  readonly payload?: Uint8Array;
}

export interface IcmpFields {
  readonly type: number;
  readonly code: number;
  /** The second word of the header. */
  readonly rest?: number;
  readonly body?: Uint8Array;
}

const none = new Uint8Array(0);

/** An IPv4 packet; `payload` is what stands behind the IP header. Throws a RangeError where a field can't be. */
export function buildIpv4(fields: Ipv4Fields, protocol: number, payload: Uint8Array): Uint8Array {
  const options = fields.options ?? none;
  const headerLength = IPV4_HEADER + options.length;
  const packet = new Uint8Array(headerLength + payload.length);
  if (packet.length > 0xffff) throw new RangeError(`Cannot build an IPv4 packet of ${packet.length} octets`);
  packet[0] = 0x40 | (headerLength >> 2);
  packet[1] = fields.tos ?? 0;
  put16(packet, 2, packet.length);
  put16(packet, 4, fields.identification ?? 0);
  const flags = (fields.dontFragment ? IPV4_DF : 0) | (fields.moreFragments ? IPV4_MF : 0);
  put16(packet, 6, flags | ((fields.fragmentOffset ?? 0) >> 3));
  packet[8] = fields.ttl ?? 64;
  packet[9] = protocol;
  packet.set(octets4(fields.source), IPV4_SOURCE);
  packet.set(octets4(fields.destination), IPV4_DESTINATION);
  packet.set(options, IPV4_HEADER);
  packet.set(payload, headerLength);
  putIpv4Checksum(packet, 0, headerLength);
  return packet;
}

/** An IPv6 packet; `payload` is what stands behind all headers. Throws a RangeError where a field can't be. */
export function buildIpv6(fields: Ipv6Fields, nextHeader: number, payload: Uint8Array): Uint8Array {
  const extensions = fields.extensions ?? [];
  const extensionsLength = extensions.reduce((sum, extension) => sum + extension.octets.length, 0);
  const packet = new Uint8Array(IPV6_HEADER + extensionsLength + payload.length);
  const payloadLength = packet.length - IPV6_HEADER;
  if (payloadLength > 0xffff) throw new RangeError(`Cannot build an IPv6 packet with ${payloadLength} octets`);
  put32(packet, 0, (6 << 28) | ((fields.trafficClass ?? 0) << 20) | (fields.flowLabel ?? 0));
  put16(packet, 4, payloadLength);
  packet[7] = fields.hopLimit ?? 64;
  packet.set(octets6(fields.source), IPV6_SOURCE);
  packet.set(octets6(fields.destination), IPV6_DESTINATION);
  let nextField = 6;
  let at = IPV6_HEADER;
  for (const extension of extensions) {
    packet[nextField] = extension.type;
    packet.set(extension.octets, at);
    nextField = at;
    at += extension.octets.length;
  }
  packet[nextField] = nextHeader;
  packet.set(payload, at);
  return packet;
}

/** A Fragment Header for `Ipv6Fields.extensions`. `offset` in octets, a multiple of 8. */
export function fragmentExtension(offset: number, moreFragments: boolean, identification: number): Extension {
  const octets = new Uint8Array(FRAGMENT_HEADER);
  put16(octets, 2, offset | (moreFragments ? 1 : 0));
  put32(octets, 4, identification);
  return { type: EXTENSION_FRAGMENT, octets };
}

export function buildUdp4(fields: Ipv4Fields & UdpFields): Uint8Array {
  const packet = buildIpv4(fields, PROTOCOL_UDP, udpDatagram(fields));
  putUdpChecksum(packet, packet.length - udpLength(fields), fields, (at) =>
    ipv4PseudoSum(packet, 0, PROTOCOL_UDP, packet.length - at),
  );
  return packet;
}

export function buildUdp6(fields: Ipv6Fields & UdpFields): Uint8Array {
  const packet = buildIpv6(fields, PROTOCOL_UDP, udpDatagram(fields));
  putUdpChecksum(packet, packet.length - udpLength(fields), fields, (at) =>
    ipv6PseudoSum(packet, 0, PROTOCOL_UDP, packet.length - at),
  );
  return packet;
}

export function buildTcp4(fields: Ipv4Fields & TcpFields): Uint8Array {
  // IPv4 and TCP both have options: these are TCP's, since segments are what tests are about.
  const { options: _, ...network } = fields;
  const segment = tcpSegment(fields);
  const packet = buildIpv4(network, PROTOCOL_TCP, segment);
  const at = packet.length - segment.length;
  put16(packet, at + TCP_CHECKSUM, checksum(packet, at, ipv4PseudoSum(packet, 0, PROTOCOL_TCP, segment.length)));
  return packet;
}

export function buildTcp6(fields: Ipv6Fields & TcpFields): Uint8Array {
  const segment = tcpSegment(fields);
  const packet = buildIpv6(fields, PROTOCOL_TCP, segment);
  const at = packet.length - segment.length;
  put16(packet, at + TCP_CHECKSUM, checksum(packet, at, ipv6PseudoSum(packet, 0, PROTOCOL_TCP, segment.length)));
  return packet;
}

export function buildEcho4(fields: Ipv4Fields & EchoFields): Uint8Array {
  return buildIcmp4({ ...fields, type: fields.kind === "request" ? 8 : 0, code: 0, ...echoBody(fields) });
}

export function buildEcho6(fields: Ipv6Fields & EchoFields): Uint8Array {
  return buildIcmp6({ ...fields, type: fields.kind === "request" ? 128 : 129, code: 0, ...echoBody(fields) });
}

/** Any ICMPv4 message. */
export function buildIcmp4(fields: Ipv4Fields & IcmpFields): Uint8Array {
  const message = icmpMessage(fields);
  put16(message, ICMP_CHECKSUM, checksum(message, 0, 0));
  return buildIpv4(fields, PROTOCOL_ICMP, message);
}

/** Any ICMPv6 message. */
export function buildIcmp6(fields: Ipv6Fields & IcmpFields): Uint8Array {
  const message = icmpMessage(fields);
  const packet = buildIpv6(fields, PROTOCOL_ICMPV6, message);
  const at = packet.length - message.length;
  const pseudo = ipv6PseudoSum(packet, 0, PROTOCOL_ICMPV6, message.length);
  put16(packet, at + ICMP_CHECKSUM, checksum(packet, at, pseudo));
  return packet;
}

function udpLength(fields: UdpFields): number {
  return UDP_HEADER + (fields.payload?.length ?? 0);
}

function udpDatagram(fields: UdpFields): Uint8Array {
  const datagram = new Uint8Array(udpLength(fields));
  put16(datagram, 0, fields.sourcePort);
  put16(datagram, 2, fields.destinationPort);
  put16(datagram, 4, datagram.length);
  datagram.set(fields.payload ?? none, UDP_HEADER);
  return datagram;
}

function putUdpChecksum(packet: Uint8Array, at: number, fields: UdpFields, pseudo: (at: number) => number): void {
  const right = checksum(packet, at, pseudo(at));
  put16(packet, at + UDP_CHECKSUM, fields.checksum ?? (right === 0 ? 0xffff : right));
}

function tcpSegment(fields: TcpFields): Uint8Array {
  const options = fields.options ?? none;
  const payload = fields.payload ?? none;
  const headerLength = TCP_HEADER + options.length;
  const segment = new Uint8Array(headerLength + payload.length);
  put16(segment, 0, fields.sourcePort);
  put16(segment, 2, fields.destinationPort);
  put32(segment, 4, fields.sequence ?? 0);
  put32(segment, 8, fields.acknowledgement ?? 0);
  segment[12] = (headerLength >> 2) << 4;
  segment[13] = fields.flags ?? TCP_ACK;
  put16(segment, 14, fields.window ?? 0xffff);
  segment.set(options, TCP_HEADER);
  segment.set(payload, headerLength);
  return segment;
}

function echoBody(fields: EchoFields): { rest: number; body: Uint8Array } {
  return { rest: (fields.identifier << 16) | fields.sequence, body: fields.payload ?? none };
}

function icmpMessage(fields: IcmpFields): Uint8Array {
  const body = fields.body ?? none;
  const message = new Uint8Array(ICMP_HEADER + body.length);
  message[0] = fields.type;
  message[1] = fields.code;
  put32(message, 4, fields.rest ?? 0);
  message.set(body, ICMP_HEADER);
  return message;
}

function checksum(octets: Uint8Array, from: number, pseudo: number): number {
  return ~sumOctets(octets, from, octets.length, pseudo) & 0xffff;
}

function octets4(text: string): Uint8Array {
  const octets = parseIpv4(text);
  if (octets === undefined) throw new RangeError(`Cannot build a packet: "${text}" is no IPv4 address`);
  return octets;
}

function octets6(text: string): Uint8Array {
  const octets = parseIpv6(text);
  if (octets === undefined) throw new RangeError(`Cannot build a packet: "${text}" is no IPv6 address`);
  return octets;
}
