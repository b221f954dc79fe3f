// The IPv4 header (RFC 791 §3.1): offsets by name, numbers of the field, and the sum of its pseudo-header.

import { put16, u8, u16 } from "../net/octets.js";
import { fold, sumOctets } from "./checksum.js";

/** Octets, without options. */
export const IPV4_HEADER = 20;

export const IPV4_TOS = 1;
export const IPV4_TOTAL_LENGTH = 2;
export const IPV4_IDENTIFICATION = 4;
/** Flags and, in units of 8 octets, the fragment's offset. */
export const IPV4_FRAGMENT = 6;
export const IPV4_TTL = 8;
export const IPV4_PROTOCOL = 9;
export const IPV4_CHECKSUM = 10;
export const IPV4_SOURCE = 12;
export const IPV4_DESTINATION = 16;

export const IPV4_DF = 0x4000;
export const IPV4_MF = 0x2000;
export const IPV4_OFFSET_MASK = 0x1fff;

/** Every IPv4 link takes this much (RFC 791 §3.2). */
export const IPV4_MINIMUM_MTU = 68;
/** The largest packet that a 16-bit length can say. */
export const IPV4_MAXIMUM_LENGTH = 0xffff;

const OPTION_END = 0;
const OPTION_NOP = 1;
const OPTION_LOOSE_SOURCE_ROUTE = 131;
const OPTION_STRICT_SOURCE_ROUTE = 137;

/** Octets, options included. */
export function ipv4HeaderLength(bytes: Uint8Array, at: number): number {
  return (u8(bytes, at) & 0x0f) << 2;
}

/** Writes the checksum of a header of `length` octets. */
export function putIpv4Checksum(bytes: Uint8Array, at: number, length: number): void {
  put16(bytes, at + IPV4_CHECKSUM, 0);
  put16(bytes, at + IPV4_CHECKSUM, ~sumOctets(bytes, at, at + length, 0) & 0xffff);
}

export function ipv4ChecksumIsRight(bytes: Uint8Array, at: number, length: number): boolean {
  return sumOctets(bytes, at, at + length, 0) === 0xffff;
}

/** The pseudo-header's sum, folded (RFC 768, RFC 9293 §3.1). `length`: of the transport header and its data, in octets. */
export function ipv4PseudoSum(bytes: Uint8Array, at: number, protocol: number, length: number): number {
  return fold(sumOctets(bytes, at + IPV4_SOURCE, at + IPV4_DESTINATION + 4, 0) + protocol + length);
}

/** Whether a source route option is there that is not yet used up (RFC 791 §3.1): its pointer is not behind its length. */
export function hasUnexpiredSourceRoute(bytes: Uint8Array, at: number, headerLength: number): boolean {
  const end = at + headerLength;
  let option = at + IPV4_HEADER;
  while (option < end) {
    const type = u8(bytes, option);
    if (type === OPTION_END) return false;
    if (type === OPTION_NOP) {
      option++;
      continue;
    }
    if (option + 2 > end) return false;
    const length = u8(bytes, option + 1);
    if (length < 2 || option + length > end) return false;
    if ((type === OPTION_LOOSE_SOURCE_ROUTE || type === OPTION_STRICT_SOURCE_ROUTE) && length >= 3) {
      return u8(bytes, option + 2) <= length;
    }
    option += length;
  }
  return false;
}

/** The fragment's offset in octets. */
export function ipv4FragmentOffset(bytes: Uint8Array, at: number): number {
  return (u16(bytes, at + IPV4_FRAGMENT) & IPV4_OFFSET_MASK) << 3;
}
