// The IPv6 address that an ICMPv6 error came from, told beside the IPv4 address that stands in for it (RFC 6791 §4): an
// Interface Information Object with an IP Address Sub-Object (RFC 5837 §4.1, §4.2), in the extension structure of RFC 4884 §7.

import { put16, put32, u8 } from "../net/octets.js";
import { sumOctets } from "../wire/checksum.js";

/** Octets of the structure's header: version, reserved, checksum. */
const STRUCTURE_HEADER = 4;
/** Octets of the object: its header, the address family, the address. */
const OBJECT = 4 + 4 + 16;

const VERSION = 2;
const CLASS_INTERFACE_INFORMATION = 2;
/** Role 0, "the interface upon which a datagram arrived", and the flag of an IP address. */
const INCOMING_WITH_ADDRESS = 0x04;
/** IANA's number of the address family. */
const FAMILY_IPV6 = 2;

/** Octets that a structure of `extension` octets at `at` grows by; 0 where the object can't be added. `extension` 0: there is none yet. */
export function interfaceObjectGrowth(b: Uint8Array, at: number, extension: number): number {
  if (extension === 0) return STRUCTURE_HEADER + OBJECT;
  return extension >= STRUCTURE_HEADER && u8(b, at) >> 4 === VERSION ? OBJECT : 0;
}

/** Completes the structure b[at, end): its last octets are for the object, the ones before are there unless it is new. The address is four words from `words[from]`. */
export function putInterfaceObject(b: Uint8Array, at: number, end: number, words: Int32Array, from: number): void {
  const object = end - OBJECT;
  if (object === at + STRUCTURE_HEADER) put16(b, at, VERSION << 12);
  put16(b, object, OBJECT);
  b[object + 2] = CLASS_INTERFACE_INFORMATION;
  b[object + 3] = INCOMING_WITH_ADDRESS;
  put32(b, object + 4, FAMILY_IPV6 << 16);
  for (let word = 0; word < 4; word++) put32(b, object + 8 + 4 * word, words[from + word] as number);
  put16(b, at + 2, 0);
  const checksum = ~sumOctets(b, at, end, 0) & 0xffff;
  // Zero would say that there is none (RFC 4884 §7).
  put16(b, at + 2, checksum === 0 ? 0xffff : checksum);
}
