// Router Solicitations and Advertisements (RFC 4861 §4.1, §4.2; RFC 4191 §2.2) to and from octets. The checksum is left
// zero: a raw ICMPv6 socket fills it in and has checked it (RFC 3542 §3.1). Parsing never throws.

import {
  type NdpOption,
  ndpOptionLength,
  parseNdpOptions,
  preferenceBits,
  preferenceOf,
  type RouterPreference,
  writeNdpOption,
} from "./ndp-options.js";

export const ROUTER_SOLICITATION = 133;
const ROUTER_ADVERTISEMENT = 134;
/** A receiver discards what has another hop limit: it came through a router (RFC 4861 §6.1). */
export const NDP_HOP_LIMIT = 255;

interface RouterSolicitation {
  readonly message: "router-solicitation";
  readonly options: readonly NdpOption[];
}

export interface RouterAdvertisement {
  readonly message: "router-advertisement";
  /** 0: says nothing about it; likewise the two timers. */
  readonly hopLimit: number;
  readonly managed: boolean;
  readonly other: boolean;
  readonly preference: RouterPreference;
  /** Seconds; 0: no default router. */
  readonly routerLifetime: number;
  /** Milliseconds. */
  readonly reachableTime: number;
  readonly retransTimer: number;
  readonly options: readonly NdpOption[];
}

export type NdpMessage = RouterSolicitation | RouterAdvertisement;

const RS_LENGTH = 8;
const RA_LENGTH = 16;

/** An ICMPv6 message from its type on. Undefined: another type, or one that is to be discarded (RFC 4861 §6.1). */
export function parseNdp(octets: Uint8Array): NdpMessage | undefined {
  const type = octets[0];
  if (octets[1] !== 0) return undefined;
  if (type === ROUTER_SOLICITATION && octets.length >= RS_LENGTH) {
    const options = parseNdpOptions(octets.subarray(RS_LENGTH));
    return options === undefined ? undefined : { message: "router-solicitation", options };
  }
  if (type !== ROUTER_ADVERTISEMENT || octets.length < RA_LENGTH) return undefined;
  const options = parseNdpOptions(octets.subarray(RA_LENGTH));
  if (options === undefined) return undefined;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const flags = view.getUint8(5);
  return {
    message: "router-advertisement",
    hopLimit: view.getUint8(4),
    managed: (flags & 0x80) !== 0,
    other: (flags & 0x40) !== 0,
    preference: preferenceOf(flags >> 3),
    routerLifetime: view.getUint16(6),
    reachableTime: view.getUint32(8),
    retransTimer: view.getUint32(12),
    options,
  };
}

/** Octets that the message takes. */
export function ndpLength(message: NdpMessage): number {
  const fixed = message.message === "router-solicitation" ? RS_LENGTH : RA_LENGTH;
  return message.options.reduce((sum, option) => sum + ndpOptionLength(option), fixed);
}

/** Writes the message at `offset` and returns the offset behind it. Throws a RangeError for what no octets can say. */
export function writeNdp(message: NdpMessage, out: Uint8Array, offset: number): number {
  const fixed = message.message === "router-solicitation" ? RS_LENGTH : RA_LENGTH;
  if (out.length - offset < fixed)
    throw new RangeError(`Cannot write a ${message.message}: it takes ${ndpLength(message)} octets`);
  out.fill(0, offset, offset + fixed);
  if (message.message === "router-solicitation") {
    out[offset] = ROUTER_SOLICITATION;
  } else {
    const view = new DataView(out.buffer, out.byteOffset + offset, RA_LENGTH);
    view.setUint8(0, ROUTER_ADVERTISEMENT);
    view.setUint8(4, message.hopLimit);
    view.setUint8(
      5,
      (message.managed ? 0x80 : 0) | (message.other ? 0x40 : 0) | (preferenceBits(message.preference) << 3),
    );
    view.setUint16(6, message.routerLifetime);
    view.setUint32(8, message.reachableTime);
    view.setUint32(12, message.retransTimer);
  }
  return message.options.reduce((at, option) => writeNdpOption(option, out, at), offset + fixed);
}

/** The message in octets of its own. */
export function encodeNdp(message: NdpMessage): Uint8Array {
  const out = new Uint8Array(ndpLength(message));
  writeNdp(message, out, 0);
  return out;
}
