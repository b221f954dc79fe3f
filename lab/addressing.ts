// Addresses by order: the first end of a link has the prefix's address 1, the second 2, and so on.

import { formatAddress } from "../src/net/address.js";
import { type Prefix, prefixFamily } from "../src/net/prefix.js";

/** `2001:db8:1::/64`, 2 → `2001:db8:1::2/64`; undefined where the prefix has no such address. */
export function addressInPrefix(prefix: Prefix, number: number): string | undefined {
  const hostBits = prefix.octets.length * 8 - prefix.length;
  // A link of two (RFC 3021, RFC 6164) begins with address 0; elsewhere the last one of IPv4 is the broadcast address.
  const value = hostBits === 1 ? number - 1 : number;
  const last = 2 ** Math.min(hostBits, 48) - (prefixFamily(prefix) === 4 && hostBits > 1 ? 2 : 1);
  if (value > last) return undefined;
  const octets = Uint8Array.from(prefix.octets);
  let carry = value;
  for (let index = octets.length - 1; carry > 0 && index >= 0; index--) {
    octets[index] = (octets[index] ?? 0) + (carry & 0xff);
    carry = Math.floor(carry / 256);
  }
  return `${formatAddress(octets)}/${prefix.length}`;
}

export const familyOf = (address: string): 4 | 6 => (address.includes(":") ? 6 : 4);

/** `2001:db8:1::2/64` → `2001:db8:1::2`. */
export const bare = (address: string): string => address.split("/")[0] ?? address;
