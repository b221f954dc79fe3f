// The CLAT's IPv6 address: the host's own, one derived from it, or a given one. Pure; unpredictable octets come in.

import { formatIpv6, parseIpv6 } from "../net/address.js";
import type { AddressState, NetSnapshot } from "../os/snapshot.js";
import { sharedBits, usableAddresses } from "./uplink.js";

/** What `clat-v6-addr` asks for. */
export type ClatAddressChoice =
  | { readonly how: "shared" }
  | { readonly how: "derived" }
  | { readonly how: "given"; readonly address: string };

export type ClatAddress =
  /** `shared`: the host has this address too, so its connections must be told from the CLAT's. */
  | { readonly ok: true; readonly address: string; readonly shared: boolean }
  /** A sentence without its full stop. */
  | { readonly ok: false; readonly reason: string };

export interface ClatAddressQuestion {
  readonly choice: ClatAddressChoice;
  readonly pref64: string;
  readonly uplink: { readonly dev: string; readonly source?: string };
  readonly snapshot: NetSnapshot;
  readonly clatDev: string;
  /** 16 unpredictable octets, the same for as long as the daemon runs, so that a random address stays. */
  readonly random: Uint8Array;
}

/** Longer prefixes leave too few bits for a random interface ID that nobody else has. */
const longestForRandom = 120;

export function clatAddress(question: ClatAddressQuestion): ClatAddress {
  switch (question.choice.how) {
    case "shared":
      return sharedAddress(question);
    case "derived":
      return derivedAddress(question);
    case "given": {
      const { address } = question.choice;
      return { ok: true, address, shared: isHosts(address, question) };
    }
  }
}

/** The source that the kernel picks towards the PLAT. */
function sharedAddress({ uplink, pref64 }: ClatAddressQuestion): ClatAddress {
  if (uplink.source === undefined || isLinkLocal(uplink.source)) {
    const has = uplink.source === undefined ? "no IPv6 address" : `only the link-local address ${uplink.source}`;
    return {
      ok: false,
      reason: `The host has ${has} to use towards the PLAT's prefix ${pref64} on ${uplink.dev}; it needs a global one`,
    };
  }
  return { ok: true, address: uplink.source, shared: true };
}

/** EUI-64 with c1a7 in the place of fffe, else a random interface ID; of several, the nearest to the PREF64. */
function derivedAddress(question: ClatAddressQuestion): ClatAddress {
  const { snapshot, uplink, pref64, random } = question;
  const candidates = usableAddresses(snapshot, uplink.dev)
    .flatMap((state) => {
      const octets = parseIpv6(state.address);
      return octets === undefined ? [] : [{ state, octets }];
    })
    .sort((a, b) => sharedBits(b.state.address, pref64) - sharedBits(a.state.address, pref64));
  if (candidates.length === 0) {
    return { ok: false, reason: `There is no global IPv6 address on ${uplink.dev} to derive the CLAT's from` };
  }
  const eui64 = candidates.find(
    ({ state, octets }) => state.length === 64 && octets[11] === 0xff && octets[12] === 0xfe,
  );
  if (eui64 !== undefined) {
    const octets = Uint8Array.from(eui64.octets);
    octets.set([0xc1, 0xa7], 11);
    return { ok: true, address: formatIpv6(octets), shared: false };
  }
  const roomy = candidates.find(({ state }) => state.length <= longestForRandom);
  if (roomy === undefined)
    return {
      ok: false,
      reason: noRoom(
        uplink.dev,
        candidates.map(({ state }) => state),
      ),
    };
  const { address, length } = roomy.state;
  const found = randomAddress(roomy.octets, length, random, snapshot);
  if (found === undefined) return { ok: false, reason: `There is no free address left in ${address}/${length}` };
  return { ok: true, address: found, shared: false };
}

function noRoom(dev: string, states: readonly AddressState[]): string {
  const seen = states.map(({ address, length }) => `${address}/${length}`).join(", ");
  return (
    `Cannot derive the CLAT's IPv6 address on ${dev}: it has ${seen}, and a random interface ID needs a prefix of ` +
    `/${longestForRandom} or shorter; set clat-v6-addr to shared or to an address`
  );
}

/** Takes `length` bits from `prefix` and the rest from `random`, and steps on while the result is not free to use. */
function randomAddress(
  prefix: Uint8Array,
  length: number,
  random: Uint8Array,
  snapshot: NetSnapshot,
): string | undefined {
  const taken = new Set(snapshot.addresses.map(({ address }) => address));
  const octets = Uint8Array.from(prefix, (octet, index) => {
    const mask = 0xff >> Math.min(8, Math.max(0, length - index * 8));
    return (octet & ~mask) | ((random[index % random.length] ?? 0) & mask);
  });
  // A /120 has 256 of them, and no host has as many in a larger prefix.
  for (let tries = 0; tries < 256; tries++) {
    if (isReservedAnycast(octets, length)) octets[15] = (octets[15] ?? 0) & 0x7f;
    const address = formatIpv6(octets);
    if (!interfaceBits(octets, length).every((bit) => bit === 0) && !taken.has(address)) return address;
    step(octets, length);
  }
  return undefined;
}

/** The 128 highest interface IDs (RFC 2526 §2); all zeros are the subnet-router anycast (RFC 4291 §2.6.1). */
function isReservedAnycast(octets: Uint8Array, length: number): boolean {
  const high = interfaceBits(octets, length).slice(0, -7);
  // In a 64-bit interface ID the universal/local bit of those is zero.
  return high.every((bit, index) => bit === (length === 64 && index === 6 ? 0 : 1));
}

function interfaceBits(octets: Uint8Array, length: number): number[] {
  return Array.from({ length: 128 - length }, (_, index) => {
    const at = length + index;
    return ((octets[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
  });
}

/** Adds one to the bits behind `length`. */
function step(octets: Uint8Array, length: number): void {
  for (let index = 15; index >= 0; index--) {
    const mask = 0xff >> Math.min(8, Math.max(0, length - index * 8));
    const octet = octets[index] ?? 0;
    octets[index] = (octet & ~mask) | ((octet + 1) & mask);
    if ((octet & mask) !== mask) return;
  }
}

/** Whether the host has the address on a device that is not the CLAT's. */
function isHosts(address: string, { snapshot, clatDev }: ClatAddressQuestion): boolean {
  return snapshot.addresses.some((state) => state.address === address && state.dev !== clatDev);
}

function isLinkLocal(address: string): boolean {
  const octets = parseIpv6(address);
  return octets?.[0] === 0xfe && ((octets[1] ?? 0) & 0xc0) === 0x80;
}
