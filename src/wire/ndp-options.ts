// Options of Neighbor Discovery (RFC 4861 §4.6, 4191 §2.3, 8106 §5, 8781 §4) to and from octets. A record each, for the
// edges: the lab's Router Advertisement sender and the discovery of PREF64s. Parsing never throws; what a receiver must
// ignore becomes "unknown" with its octets, so that nothing is lost on the way back.

import { formatIpv6, parseIpv6 } from "../net/address.js";
import { formatPrefix, maskPrefix, type Prefix, parsePrefix } from "../net/prefix.js";
import { asPref64, type Pref64Length } from "../net/rfc6052.js";

export type RouterPreference = "low" | "medium" | "high";

export type NdpOption =
  | { readonly option: "source-link-layer"; readonly address: Uint8Array }
  | { readonly option: "target-link-layer"; readonly address: Uint8Array }
  | {
      readonly option: "prefix";
      /** Canonical text, as all prefixes here. */
      readonly prefix: string;
      readonly onLink: boolean;
      readonly autonomous: boolean;
      /** Seconds; 0xffffffff: for ever. */
      readonly valid: number;
      readonly preferred: number;
    }
  /** Octets. */
  | { readonly option: "mtu"; readonly mtu: number }
  | {
      readonly option: "route";
      readonly prefix: string;
      readonly preference: RouterPreference;
      readonly lifetime: number;
    }
  | { readonly option: "rdnss"; readonly servers: readonly string[]; readonly lifetime: number }
  | { readonly option: "dnssl"; readonly domains: readonly string[]; readonly lifetime: number }
  /** RFC 8781. `lifetime` in seconds: sent rounded up to a multiple of 8, at most 65528. */
  | { readonly option: "pref64"; readonly prefix: string; readonly lifetime: number }
  | { readonly option: "unknown"; readonly type: number; readonly body: Uint8Array };

const SOURCE_LINK_LAYER = 1;
const TARGET_LINK_LAYER = 2;
const PREFIX_INFORMATION = 3;
const MTU = 5;
const ROUTE_INFORMATION = 24;
const RDNSS = 25;
const DNSSL = 31;
const PREF64 = 38;

/** The Prefix Length Codes of RFC 8781 §4 in their order. */
const plcLengths: readonly Pref64Length[] = [96, 64, 56, 48, 40, 32];
/** RFC 4191 §2.1; 2 is reserved. */
const preferences: readonly (RouterPreference | undefined)[] = ["medium", "high", undefined, "low"];

/** Two bits. */
export const preferenceBits = (preference: RouterPreference): number => preferences.indexOf(preference);
/** The reserved value counts as medium in a Router Advertisement (RFC 4191 §2.2). */
export const preferenceOf = (bits: number): RouterPreference => preferences[bits & 3] ?? "medium";

/**
 * The options behind a message's fixed part. Undefined where one has length 0 or reaches behind the end: the whole
 * message is to be discarded then (RFC 4861 §6.1.2).
 */
export function parseNdpOptions(octets: Uint8Array): NdpOption[] | undefined {
  const options: NdpOption[] = [];
  for (let at = 0; at < octets.length; ) {
    const length = (octets[at + 1] ?? 0) * 8;
    if (length === 0 || at + length > octets.length) return undefined;
    const type = octets[at] ?? 0;
    const body = octets.subarray(at + 2, at + length);
    options.push(parseOption(type, body) ?? { option: "unknown", type, body: body.slice() });
    at += length;
  }
  return options;
}

/** `body` stands behind type and length, so what the RFCs draw at offset n is here at n - 2. */
function parseOption(type: number, body: Uint8Array): NdpOption | undefined {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  switch (type) {
    case SOURCE_LINK_LAYER:
      return { option: "source-link-layer", address: body.slice() };
    case TARGET_LINK_LAYER:
      return { option: "target-link-layer", address: body.slice() };
    case PREFIX_INFORMATION: {
      const length = body[0] ?? 0;
      if (body.length !== 30 || length > 128) return undefined;
      const flags = body[1] ?? 0;
      return {
        option: "prefix",
        prefix: formatPrefix(maskPrefix(body.subarray(14), length)),
        onLink: (flags & 0x80) !== 0,
        autonomous: (flags & 0x40) !== 0,
        valid: view.getUint32(2),
        preferred: view.getUint32(6),
      };
    }
    case MTU:
      return body.length === 6 ? { option: "mtu", mtu: view.getUint32(2) } : undefined;
    case ROUTE_INFORMATION:
      return parseRoute(body, view);
    case RDNSS: {
      if (body.length < 22 || (body.length - 6) % 16 !== 0) return undefined;
      const servers: string[] = [];
      for (let at = 6; at < body.length; at += 16) servers.push(formatIpv6(body, at));
      return { option: "rdnss", servers, lifetime: view.getUint32(2) };
    }
    case DNSSL: {
      const domains = body.length < 14 ? undefined : parseDomains(body.subarray(6));
      return domains === undefined ? undefined : { option: "dnssl", domains, lifetime: view.getUint32(2) };
    }
    case PREF64:
      return parsePref64Option(body, view);
    default:
      return undefined;
  }
}

function parseRoute(body: Uint8Array, view: DataView): NdpOption | undefined {
  const length = body[0] ?? 0;
  const octets = body.subarray(6);
  // As many octets of prefix as its length asks for, rounded up to 8 (RFC 4191 §2.3).
  if (![6, 14, 22].includes(body.length) || length > octets.length * 8) return undefined;
  const preference = preferences[((body[1] ?? 0) >> 3) & 3];
  // A reserved preference: the option MUST be ignored.
  if (preference === undefined) return undefined;
  const address = new Uint8Array(16);
  address.set(octets);
  return {
    option: "route",
    prefix: formatPrefix(maskPrefix(address, length)),
    preference,
    lifetime: view.getUint32(2),
  };
}

/** RFC 8781 §4: ignored unless it is 16 octets long and its code is one of six. */
function parsePref64Option(body: Uint8Array, view: DataView): NdpOption | undefined {
  if (body.length !== 14) return undefined;
  const scaled = view.getUint16(0);
  const length = plcLengths[scaled & 7];
  if (length === undefined) return undefined;
  const address = new Uint8Array(16);
  address.set(body.subarray(2));
  const prefix = maskPrefix(address, length);
  // Octet 8 of a PREF64 of 96 bits can be wrong on the wire; such a prefix can't be used (RFC 6052 §2.2).
  return asPref64(prefix) === undefined
    ? undefined
    : { option: "pref64", prefix: formatPrefix(prefix), lifetime: (scaled >> 3) * 8 };
}

function parseDomains(octets: Uint8Array): string[] | undefined {
  const domains: string[] = [];
  let labels: string[] = [];
  for (let at = 0; at < octets.length; ) {
    const length = octets[at] ?? 0;
    // Compression is not allowed here (RFC 8106 §5.2), and 64 and more would be just that.
    if (length > 63 || at + 1 + length > octets.length) return undefined;
    if (length === 0) {
      if (labels.length > 0) domains.push(labels.join("."));
      labels = [];
    } else {
      const label = octets.subarray(at + 1, at + 1 + length);
      // A label with a dot or anything unprintable in it has no unique text.
      if (!label.every((octet) => octet > 0x20 && octet < 0x7f && octet !== 0x2e)) return undefined;
      labels.push(String.fromCharCode(...label));
    }
    at += 1 + length;
  }
  return labels.length > 0 || domains.length === 0 ? undefined : domains;
}

/** Octets that the option takes: a multiple of 8. */
export function ndpOptionLength(option: NdpOption): number {
  return Math.ceil((2 + bodyLength(option)) / 8) * 8;
}

function bodyLength(option: NdpOption): number {
  switch (option.option) {
    case "source-link-layer":
    case "target-link-layer":
      return option.address.length;
    case "prefix":
      return 30;
    case "mtu":
      return 6;
    case "route":
      return 6 + routeOctets(prefixOf(option.prefix).length);
    case "rdnss":
      return 6 + option.servers.length * 16;
    case "dnssl":
      return 6 + option.domains.reduce((sum, domain) => sum + domain.length + 2, 0);
    case "pref64":
      return 14;
    case "unknown":
      return option.body.length;
  }
}

const routeOctets = (length: number): number => (length === 0 ? 0 : length <= 64 ? 8 : 16);

/** Writes the option at `offset` and returns the offset behind it. Throws a RangeError for what no octets can say. */
export function writeNdpOption(option: NdpOption, out: Uint8Array, offset: number): number {
  const length = ndpOptionLength(option);
  if (length > 255 * 8)
    throw new RangeError(`Cannot write option "${option.option}": it would be ${length} octets, allowed are 2040`);
  const whole = out.subarray(offset, offset + length);
  if (whole.length < length) throw new RangeError(`Cannot write option "${option.option}": it takes ${length} octets`);
  whole.fill(0);
  whole[1] = length / 8;
  const body = whole.subarray(2);
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  switch (option.option) {
    case "source-link-layer":
    case "target-link-layer":
      whole[0] = option.option === "source-link-layer" ? SOURCE_LINK_LAYER : TARGET_LINK_LAYER;
      body.set(option.address);
      break;
    case "prefix": {
      const prefix = prefixOf(option.prefix);
      whole[0] = PREFIX_INFORMATION;
      body[0] = prefix.length;
      body[1] = (option.onLink ? 0x80 : 0) | (option.autonomous ? 0x40 : 0);
      view.setUint32(2, option.valid);
      view.setUint32(6, option.preferred);
      body.set(prefix.octets, 14);
      break;
    }
    case "mtu":
      whole[0] = MTU;
      view.setUint32(2, option.mtu);
      break;
    case "route": {
      const prefix = prefixOf(option.prefix);
      whole[0] = ROUTE_INFORMATION;
      body[0] = prefix.length;
      body[1] = preferenceBits(option.preference) << 3;
      view.setUint32(2, option.lifetime);
      body.set(prefix.octets.subarray(0, routeOctets(prefix.length)), 6);
      break;
    }
    case "rdnss":
      whole[0] = RDNSS;
      view.setUint32(2, option.lifetime);
      for (const [index, server] of option.servers.entries()) body.set(addressOf(server), 6 + index * 16);
      break;
    case "dnssl":
      whole[0] = DNSSL;
      view.setUint32(2, option.lifetime);
      writeDomains(option.domains, body.subarray(6));
      break;
    case "pref64":
      whole[0] = PREF64;
      writePref64(option.prefix, option.lifetime, body, view);
      break;
    case "unknown":
      whole[0] = option.type;
      body.set(option.body);
      break;
  }
  return offset + length;
}

function writePref64(text: string, lifetime: number, body: Uint8Array, view: DataView): void {
  const prefix = asPref64(prefixOf(text));
  if (prefix === undefined) throw new RangeError(`Cannot write a PREF64 option for "${text}": it is no PREF64`);
  // RFC 8781 §4.1: rounded up, so that a short lifetime is not none.
  const scaled = Math.min(Math.ceil(lifetime / 8), 8191);
  view.setUint16(0, (scaled << 3) | plcLengths.indexOf(prefix.length));
  body.set(prefix.octets.subarray(0, 12), 2);
}

function writeDomains(domains: readonly string[], out: Uint8Array): void {
  let at = 0;
  for (const domain of domains) {
    for (const label of domain.split(".")) {
      if (label.length === 0 || label.length > 63)
        throw new RangeError(`Cannot write domain "${domain}": its labels must have 1 to 63 octets`);
      out[at] = label.length;
      for (let index = 0; index < label.length; index++) out[at + 1 + index] = label.charCodeAt(index);
      at += 1 + label.length;
    }
    at++;
  }
}

function prefixOf(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (prefix === undefined || prefix.octets.length !== 16)
    throw new RangeError(`Cannot write "${text}": it is no IPv6 prefix`);
  return prefix;
}

function addressOf(text: string): Uint8Array {
  const octets = parseIpv6(text);
  if (octets === undefined) throw new RangeError(`Cannot write "${text}": it is no IPv6 address`);
  return octets;
}
