// Whether an IPv6 address is the host's own, on a device that is not the CLAT's.

import { parseAddress } from "../net/address.js";
import { type Prefix, prefixContains } from "../net/prefix.js";
import type { Facts } from "./facts.js";

export function hasHostAddress({ snapshot, config }: Facts, address: string): boolean {
  return snapshot.addresses.some((state) => state.address === address && state.dev !== config["clat-dev"]);
}

/** The first of the host's own addresses in one of the prefixes. */
export function hostAddressIn(
  { snapshot, config }: Facts,
  prefixes: readonly Prefix[],
): { readonly dev: string; readonly address: string } | undefined {
  const own = snapshot.addresses.filter(({ family, dev }) => family === 6 && dev !== config["clat-dev"]);
  return own.find(({ address }) => {
    const octets = parseAddress(address);
    return octets !== undefined && prefixes.some((prefix) => prefixContains(prefix, octets));
  });
}
