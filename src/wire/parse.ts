// A packet as a record, for the simulation, the lab, tests and people; says too whether its checksums are right. Not for
// the packet path. Takes any octets: what is no packet gives undefined.

import { formatIpv4, formatIpv6 } from "../net/address.js";
import { i32, u8, u16 } from "../net/octets.js";
import { sumOctets } from "./checksum.js";
import { FRAGMENT_HEADER, FRAGMENT_IDENTIFICATION, FRAGMENT_OFFSET } from "./fragment.js";
import { ICMP_HEADER } from "./icmp.js";
import {
  IPV4_DESTINATION,
  IPV4_DF,
  IPV4_FRAGMENT,
  IPV4_HEADER,
  IPV4_MF,
  IPV4_SOURCE,
  ipv4ChecksumIsRight,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4PseudoSum,
} from "./ipv4.js";
import { IPV6_DESTINATION, IPV6_HEADER, IPV6_SOURCE, ipv6PseudoSum, isSkippedExtension } from "./ipv6.js";
import { EXTENSION_FRAGMENT, PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP } from "./protocols.js";
import { TCP_HEADER, tcpHeaderLength } from "./tcp.js";
import { UDP_HEADER } from "./udp.js";

interface FragmentInfo {
  /** Octets. */
  readonly offset: number;
  readonly more: boolean;
  readonly identification: number;
}

export interface Packet {
  readonly family: 4 | 6;
  readonly source: string;
  readonly destination: string;
  /** TOS or Traffic Class. */
  readonly trafficClass: number;
  /** IPv6 only; 0 in IPv4. */
  readonly flowLabel: number;
  /** TTL or Hop Limit. */
  readonly hopLimit: number;
  /** Of the upper-layer header. */
  readonly protocol: number;
  /** Octets of the whole packet, as its header says. */
  readonly length: number;
  /** IPv4 only; true in IPv6. */
  readonly dontFragment: boolean;
  /** IPv4 only: the field, fragment or not. */
  readonly identification?: number;
  /** There where it is a fragment; in IPv6 also where it is an atomic one. */
  readonly fragment?: FragmentInfo;
  /** Types of the extension headers skipped, the Fragment Header among them. */
  readonly extensions: readonly number[];
  /** Of the IPv4 header. */
  readonly headerChecksumIsRight: boolean;
  /** What stands behind the IP headers. */
  readonly payload: Uint8Array;
  /** There where the transport header is whole, and it is no later fragment. */
  readonly transport?: Transport;
}

export type Transport =
  | {
      readonly kind: "udp";
      readonly sourcePort: number;
      readonly destinationPort: number;
      /** As in its header. */
      readonly length: number;
      readonly checksum: ChecksumState;
      readonly payload: Uint8Array;
    }
  | {
      readonly kind: "tcp";
      readonly sourcePort: number;
      readonly destinationPort: number;
      readonly sequence: number;
      readonly acknowledgement: number;
      readonly flags: number;
      readonly window: number;
      readonly checksum: ChecksumState;
      readonly payload: Uint8Array;
    }
  | {
      readonly kind: "icmp";
      readonly type: number;
      readonly code: number;
      /** The second word of the header, unsigned. */
      readonly rest: number;
      readonly checksum: ChecksumState;
      readonly body: Uint8Array;
    };

/** `none`: UDP without one. `unknown`: a first fragment, which holds only a part of what it covers. */
type ChecksumState = "right" | "wrong" | "none" | "unknown";

/** What a packet of either family says; undefined where it is cut off or no packet. Its arrays are views into `bytes`. */
export function parsePacket(bytes: Uint8Array): Packet | undefined {
  if (bytes.length < 1) return undefined;
  const version = u8(bytes, 0) >> 4;
  return version === 4 ? parseIpv4Packet(bytes) : version === 6 ? parseIpv6Packet(bytes) : undefined;
}

function parseIpv4Packet(bytes: Uint8Array): Packet | undefined {
  if (bytes.length < IPV4_HEADER) return undefined;
  const headerLength = ipv4HeaderLength(bytes, 0);
  const length = u16(bytes, 2);
  if (headerLength < IPV4_HEADER || length < headerLength || length > bytes.length) return undefined;
  const flags = u16(bytes, IPV4_FRAGMENT);
  const offset = ipv4FragmentOffset(bytes, 0);
  const more = (flags & IPV4_MF) !== 0;
  const identification = u16(bytes, 4);
  const protocol = u8(bytes, 9);
  const payload = bytes.subarray(headerLength, length);
  const pseudo = protocol === PROTOCOL_ICMP ? 0 : ipv4PseudoSum(bytes, 0, protocol, payload.length);
  const transport = offset === 0 ? parseTransport(payload, protocol, pseudo, more) : undefined;
  return {
    family: 4,
    source: formatIpv4(bytes, IPV4_SOURCE),
    destination: formatIpv4(bytes, IPV4_DESTINATION),
    trafficClass: u8(bytes, 1),
    flowLabel: 0,
    hopLimit: u8(bytes, 8),
    protocol,
    length,
    dontFragment: (flags & IPV4_DF) !== 0,
    identification,
    ...(more || offset > 0 ? { fragment: { offset, more, identification } } : {}),
    extensions: [],
    headerChecksumIsRight: ipv4ChecksumIsRight(bytes, 0, headerLength),
    payload,
    ...(transport === undefined ? {} : { transport }),
  };
}

function parseIpv6Packet(bytes: Uint8Array): Packet | undefined {
  if (bytes.length < IPV6_HEADER) return undefined;
  const length = IPV6_HEADER + u16(bytes, 4);
  if (length > bytes.length) return undefined;
  const extensions: number[] = [];
  let protocol = u8(bytes, 6);
  let at = IPV6_HEADER;
  let fragment: FragmentInfo | undefined;
  while (isSkippedExtension(protocol) || (protocol === EXTENSION_FRAGMENT && fragment === undefined)) {
    if (at + 8 > length) return undefined;
    extensions.push(protocol);
    if (protocol === EXTENSION_FRAGMENT) {
      const field = u16(bytes, at + FRAGMENT_OFFSET);
      const identification = i32(bytes, at + FRAGMENT_IDENTIFICATION) >>> 0;
      fragment = { offset: field & 0xfff8, more: (field & 1) !== 0, identification };
    }
    const size = protocol === EXTENSION_FRAGMENT ? FRAGMENT_HEADER : (u8(bytes, at + 1) + 1) << 3;
    protocol = u8(bytes, at);
    at += size;
    if (at > length) return undefined;
    if (fragment !== undefined && fragment.offset > 0) break;
  }
  const payload = bytes.subarray(at, length);
  const pseudo = ipv6PseudoSum(bytes, 0, protocol, payload.length);
  const isFirst = fragment === undefined || fragment.offset === 0;
  const transport = isFirst ? parseTransport(payload, protocol, pseudo, fragment?.more ?? false) : undefined;
  return {
    family: 6,
    source: formatIpv6(bytes, IPV6_SOURCE),
    destination: formatIpv6(bytes, IPV6_DESTINATION),
    trafficClass: (u16(bytes, 0) >> 4) & 0xff,
    flowLabel: i32(bytes, 0) & 0xfffff,
    hopLimit: u8(bytes, 7),
    protocol,
    length,
    dontFragment: true,
    ...(fragment === undefined ? {} : { fragment }),
    extensions,
    headerChecksumIsRight: true,
    payload,
    ...(transport === undefined ? {} : { transport }),
  };
}

function parseTransport(octets: Uint8Array, protocol: number, pseudo: number, isPart: boolean): Transport | undefined {
  const sum = (): ChecksumState =>
    isPart ? "unknown" : sumOctets(octets, 0, octets.length, pseudo) === 0xffff ? "right" : "wrong";
  if (protocol === PROTOCOL_UDP && octets.length >= UDP_HEADER) {
    return {
      kind: "udp",
      sourcePort: u16(octets, 0),
      destinationPort: u16(octets, 2),
      length: u16(octets, 4),
      checksum: u16(octets, 6) === 0 ? "none" : sum(),
      payload: octets.subarray(UDP_HEADER),
    };
  }
  if (protocol === PROTOCOL_TCP && octets.length >= TCP_HEADER) {
    return {
      kind: "tcp",
      sourcePort: u16(octets, 0),
      destinationPort: u16(octets, 2),
      sequence: i32(octets, 4) >>> 0,
      acknowledgement: i32(octets, 8) >>> 0,
      flags: u8(octets, 13),
      window: u16(octets, 14),
      checksum: sum(),
      payload: octets.subarray(Math.max(TCP_HEADER, tcpHeaderLength(octets, 0))),
    };
  }
  if ((protocol === PROTOCOL_ICMP || protocol === PROTOCOL_ICMPV6) && octets.length >= ICMP_HEADER) {
    return {
      kind: "icmp",
      type: u8(octets, 0),
      code: u8(octets, 1),
      rest: i32(octets, 4) >>> 0,
      checksum: sum(),
      body: octets.subarray(ICMP_HEADER),
    };
  }
  return undefined;
}
