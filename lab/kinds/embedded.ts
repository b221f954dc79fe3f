// The IPv4-embedded IPv6 address of an IPv4 address, as text (RFC 6052 §2.2).

import { formatIpv6, parseIpv4 } from "../../src/net/address.js";
import { embed, parsePref64 } from "../../src/net/rfc6052.js";

export function embedded(pref64: string, v4: string): string {
  const prefix = parsePref64(pref64);
  const octets = parseIpv4(v4);
  if (prefix === undefined || octets === undefined)
    throw new RangeError(`Cannot embed ${v4} in ${pref64}: the schema lets only PREF64s and IPv4 addresses through`);
  return formatIpv6(embed(prefix, octets));
}
