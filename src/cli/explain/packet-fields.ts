// The header fields of a packet as a person reads them, by name, so that two packets can be laid side by side. Lenient:
// takes any octets, and gives what is there of a packet that is cut off (the one inside an ICMP error always is).

import { formatIpv4, formatIpv6 } from "../../net/address.js";
import { i32, u8, u16 } from "../../net/octets.js";
import { FRAGMENT_HEADER } from "../../wire/fragment.js";
import { ICMP_HEADER, isIcmpv4Error, isIcmpv6Error } from "../../wire/icmp.js";
import { IPV4_HEADER, ipv4HeaderLength } from "../../wire/ipv4.js";
import { IPV6_HEADER, isSkippedExtension } from "../../wire/ipv6.js";
import { EXTENSION_FRAGMENT, PROTOCOL_ICMP, PROTOCOL_ICMPV6 } from "../../wire/protocols.js";
import { transportChecksum } from "../../xlat/transport.js";
import { icmpCode, icmpType } from "./icmp-names.js";

/** Fields of an IP header and of what follows it, in the order in which they are shown. */
export const fieldNames = {
  version: "version",
  trafficClass: "traffic class",
  flowLabel: "flow label",
  headerLength: "header length",
  options: "options",
  extensions: "extension headers",
  length: "length field",
  identification: "identification",
  flags: "flags",
  offset: "fragment offset",
  hopLimit: "hop limit",
  protocol: "protocol",
  headerChecksum: "header checksum",
  source: "source",
  destination: "destination",
  type: "ICMP type",
  code: "ICMP code",
  identifier: "echo identifier",
  mtu: "MTU",
  pointer: "pointer",
  quoted: "extension at",
  ports: "ports",
  checksum: "checksum",
} as const;
export type FieldName = keyof typeof fieldNames;

type Fields = ReadonlyMap<FieldName, string>;

export interface PacketFields {
  readonly family: 4 | 6;
  readonly protocol: number;
  /** It has a Fragment Header, or is an IPv4 fragment. */
  readonly isFragment: boolean;
  readonly fields: Fields;
  /** The packet in error. */
  readonly inner?: PacketFields;
}

const protocolNames: Readonly<Record<number, string>> = {
  0: "hop-by-hop options",
  1: "ICMP",
  2: "IGMP",
  4: "IPv4",
  6: "TCP",
  17: "UDP",
  33: "DCCP",
  41: "IPv6",
  43: "routing",
  44: "fragment",
  47: "GRE",
  50: "ESP",
  51: "AH",
  58: "ICMPv6",
  59: "none",
  60: "destination options",
  132: "SCTP",
  136: "UDP-Lite",
};

/** `17 UDP`. */
export function protocolText(protocol: number): string {
  const name = protocolNames[protocol];
  return name === undefined ? `${protocol}` : `${protocol} ${name}`;
}

/** Of protocols whose header begins with two ports. */
const withPorts = [6, 17, 33, 132, 136];

const hex16 = (value: number): string => `0x${value.toString(16).padStart(4, "0")}`;

/** Undefined where not even the fixed header is there. */
export function packetFields(octets: Uint8Array, family: 4 | 6, depth = 0): PacketFields | undefined {
  return family === 4 ? fields4(octets, depth) : fields6(octets, depth);
}

function fields4(b: Uint8Array, depth: number): PacketFields | undefined {
  if (b.length < IPV4_HEADER) return undefined;
  const fields = new Map<FieldName, string>();
  const headerLength = Math.max(IPV4_HEADER, ipv4HeaderLength(b, 0));
  const fragment = u16(b, 6);
  const offset = (fragment & 0x1fff) * 8;
  const protocol = u8(b, 9);
  fields.set("version", `${u8(b, 0) >> 4}`);
  fields.set("trafficClass", trafficClassText(u8(b, 1)));
  fields.set("headerLength", `${ipv4HeaderLength(b, 0)}`);
  if (headerLength > IPV4_HEADER) fields.set("options", `${headerLength - IPV4_HEADER} octets`);
  fields.set("length", `${u16(b, 2)} in all`);
  fields.set("identification", hex16(u16(b, 4)));
  fields.set("flags", flagsText((fragment & 0x4000) !== 0, (fragment & 0x2000) !== 0));
  fields.set("offset", `${offset}`);
  fields.set("hopLimit", `${u8(b, 8)}`);
  fields.set("protocol", protocolText(protocol));
  fields.set("headerChecksum", hex16(u16(b, 10)));
  fields.set("source", formatIpv4(b, 12));
  fields.set("destination", formatIpv4(b, 16));
  const inner = offset === 0 ? upperFields(b, headerLength, 4, protocol, fields, depth) : undefined;
  return {
    family: 4,
    protocol,
    isFragment: (fragment & 0x3fff) !== 0,
    fields,
    ...(inner === undefined ? {} : { inner }),
  };
}

function fields6(b: Uint8Array, depth: number): PacketFields | undefined {
  if (b.length < IPV6_HEADER) return undefined;
  const fields = new Map<FieldName, string>();
  fields.set("version", `${u8(b, 0) >> 4}`);
  fields.set("trafficClass", trafficClassText((u16(b, 0) >> 4) & 0xff));
  fields.set("flowLabel", `0x${(i32(b, 0) & 0xfffff).toString(16).padStart(5, "0")}`);
  fields.set("headerLength", `${IPV6_HEADER}`);
  fields.set("length", `${u16(b, 4)} of payload`);
  const chain: string[] = [];
  let next = u8(b, 6);
  let at = IPV6_HEADER;
  let offset = 0;
  let isFragment = false;
  while (
    (isSkippedExtension(next) || (next === EXTENSION_FRAGMENT && !isFragment)) &&
    at + FRAGMENT_HEADER <= b.length
  ) {
    chain.push(protocolNames[next] ?? `${next}`);
    const length = next === EXTENSION_FRAGMENT ? FRAGMENT_HEADER : (u8(b, at + 1) + 1) * 8;
    if (next === EXTENSION_FRAGMENT) {
      isFragment = true;
      offset = u16(b, at + 2) & 0xfff8;
      fields.set("identification", `0x${(i32(b, at + 4) >>> 0).toString(16).padStart(8, "0")}`);
      fields.set("flags", flagsText(false, (u16(b, at + 2) & 1) !== 0));
      fields.set("offset", `${offset}`);
    }
    next = u8(b, at);
    at += length;
  }
  if (chain.length > 0) fields.set("extensions", chain.join(", "));
  fields.set("hopLimit", `${u8(b, 7)}`);
  fields.set("protocol", protocolText(next));
  fields.set("source", formatIpv6(b, 8));
  fields.set("destination", formatIpv6(b, 24));
  const inner = offset === 0 ? upperFields(b, at, 6, next, fields, depth) : undefined;
  return { family: 6, protocol: next, isFragment, fields, ...(inner === undefined ? {} : { inner }) };
}

function trafficClassText(octet: number): string {
  const ecn = octet & 3;
  return `0x${octet.toString(16).padStart(2, "0")} (DSCP ${octet >> 2}${ecn === 0 ? "" : `, ECN ${ecn}`})`;
}

function flagsText(dontFragment: boolean, more: boolean): string {
  const flags = [...(dontFragment ? ["DF"] : []), ...(more ? ["MF"] : [])];
  return flags.length === 0 ? "none" : flags.join(" ");
}

/** Fills in what follows the IP headers; gives the packet in error, where it is an ICMP error. */
function upperFields(
  b: Uint8Array,
  upper: number,
  family: 4 | 6,
  protocol: number,
  fields: Map<FieldName, string>,
  depth: number,
): PacketFields | undefined {
  if (protocol === (family === 4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6)) return icmpFields(b, upper, family, fields, depth);
  if (withPorts.includes(protocol) && upper + 4 <= b.length) {
    fields.set("ports", `${u16(b, upper)} to ${u16(b, upper + 2)}`);
  }
  const at = upper + transportChecksum(protocol);
  if (at >= upper && at + 2 <= b.length) fields.set("checksum", hex16(u16(b, at)));
  return undefined;
}

function icmpFields(
  b: Uint8Array,
  upper: number,
  family: 4 | 6,
  fields: Map<FieldName, string>,
  depth: number,
): PacketFields | undefined {
  if (upper + ICMP_HEADER > b.length) return undefined;
  const type = u8(b, upper);
  const code = u8(b, upper + 1);
  const isError = family === 4 ? isIcmpv4Error(type) : isIcmpv6Error(type);
  fields.set("type", icmpType(family, type));
  fields.set("code", icmpCode(family, type, code));
  fields.set("checksum", hex16(u16(b, upper + 2)));
  if (!isError) {
    const isEcho = family === 4 ? type === 8 || type === 0 : type === 128 || type === 129;
    if (isEcho) fields.set("identifier", `${hex16(u16(b, upper + 4))}, sequence ${u16(b, upper + 6)}`);
    return undefined;
  }
  if (family === 4 && type === 3 && code === 4) fields.set("mtu", `${u16(b, upper + 6)}`);
  if (family === 6 && type === 2) fields.set("mtu", `${i32(b, upper + 4) >>> 0}`);
  if (family === 4 && type === 12) fields.set("pointer", `${u8(b, upper + 4)}`);
  if (family === 6 && type === 4) fields.set("pointer", `${i32(b, upper + 4) >>> 0}`);
  const quoted = quotedLength(b, upper, family, type);
  if (quoted > 0) fields.set("quoted", `${quoted} octets`);
  // Nobody may quote an error, but a packet may claim to.
  return depth > 0 ? undefined : packetFields(b.subarray(upper + ICMP_HEADER), family, depth + 1);
}

/** RFC 4884 §4: where an extension begins behind the packet in error; 0: there is none. */
function quotedLength(b: Uint8Array, upper: number, family: 4 | 6, type: number): number {
  if (family === 4) return type === 3 || type === 11 || type === 12 ? u8(b, upper + 5) * 4 : 0;
  return type === 1 || type === 3 ? u8(b, upper + 4) * 8 : 0;
}
