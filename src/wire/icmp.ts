// ICMP for IPv4 (RFC 792) and for IPv6 (RFC 4443): offsets and the types that the code speaks of.

/** Octets, up to the packet in error or the echoed data. */
export const ICMP_HEADER = 8;

export const ICMP_TYPE = 0;
export const ICMP_CODE = 1;
export const ICMP_CHECKSUM = 2;
/** The second word: identifier and sequence, MTU, pointer or zero. */
export const ICMP_REST = 4;
/** RFC 4884 §3: the length of the packet in error, in ICMPv4 in words of 32 bits, … */
export const ICMPV4_EXTENSION_LENGTH = 5;
/** … in ICMPv6 in words of 64 bits. */
export const ICMPV6_EXTENSION_LENGTH = 4;
/** Fragmentation Needed: 16 bits (RFC 1191 §4). */
export const ICMPV4_MTU = 6;

export const ICMPV4_ECHO_REPLY = 0;
export const ICMPV4_UNREACHABLE = 3;
export const ICMPV4_ECHO_REQUEST = 8;
export const ICMPV4_TIME_EXCEEDED = 11;
export const ICMPV4_PARAMETER_PROBLEM = 12;

export const ICMPV6_UNREACHABLE = 1;
export const ICMPV6_TIME_EXCEEDED = 3;
export const ICMPV6_ECHO_REQUEST = 128;
export const ICMPV6_ECHO_REPLY = 129;
export const ICMPV6_REDIRECT = 137;

/** Whether a type of ICMPv4 tells of an error: all but the known queries and their answers, since an error about an unknown one could loop. */
export function isIcmpv4Error(type: number): boolean {
  return !(type === 0 || (type >= 8 && type <= 10) || (type >= 13 && type <= 18));
}

/** RFC 4443 §2.1: types below 128 are errors. */
export function isIcmpv6Error(type: number): boolean {
  return type < 128;
}
