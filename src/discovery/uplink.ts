// Which device faces the PLAT: by the kernel's own route look-up, or as `plat-dev` says. Pure, over what was looked at.

import { parseIpv6 } from "../net/address.js";
import { commonPrefixLength, parsePrefix } from "../net/prefix.js";
import type { RouteLookup } from "../os/driver.js";
import type { AddressState, NetSnapshot } from "../os/snapshot.js";

export type Uplink =
  | {
      readonly ok: true;
      readonly dev: string;
      /** Octets: of the path from here, as far as the host knows. */
      readonly mtu: number;
      /** The host's own address towards the PLAT, where it has one. */
      readonly source?: string;
    }
  /** A sentence without its full stop. */
  | { readonly ok: false; readonly reason: string };

export interface UplinkQuestion {
  readonly pref64: string;
  /** What the kernel would do with a packet to `routeProbe(pref64)`; undefined: there is no route. */
  readonly route: RouteLookup | undefined;
  readonly snapshot: NetSnapshot;
  readonly clatDev: string;
  /** `plat-dev`, where it is set. */
  readonly platDev: string | undefined;
}

/** The address that stands for the PLAT in a route look-up: the prefix's own. */
export function routeProbe(pref64: string): string {
  return pref64.replace(/\/.*$/, "");
}

export function findUplink(question: UplinkQuestion): Uplink {
  const { route, snapshot, clatDev, platDev, pref64 } = question;
  const dev = platDev ?? route?.dev;
  if (dev === undefined) return { ok: false, reason: `There is no IPv6 route to the PLAT's prefix ${pref64}` };
  const link = snapshot.links.find(({ name }) => name === dev);
  if (platDev !== undefined) {
    if (link === undefined) return { ok: false, reason: `The uplink ${dev} (plat-dev) does not exist` };
    if (!link.up) return { ok: false, reason: `The uplink ${dev} (plat-dev) is down` };
  }
  if (dev === clatDev)
    return { ok: false, reason: `The route to the PLAT's prefix ${pref64} leads into the CLAT itself` };
  if (dev === "lo") return { ok: false, reason: `The PLAT's prefix ${pref64} is this host's own (its route is local)` };
  const source = route?.dev === dev ? route.source : preferredSource(snapshot, dev, pref64);
  const mtu = route?.dev === dev ? route.mtu : (link?.mtu ?? 1280);
  return { ok: true, dev, mtu, ...(source === undefined ? {} : { source }) };
}

/** Global IPv6 addresses of a device that a new connection may use. */
export function usableAddresses(snapshot: NetSnapshot, dev: string): AddressState[] {
  return snapshot.addresses.filter(
    (address) =>
      address.dev === dev &&
      address.family === 6 &&
      address.scope === "global" &&
      !address.tentative &&
      !address.dadFailed &&
      !address.deprecated,
  );
}

/** How many leading bits an address shares with the PREF64. */
export function sharedBits(address: string, pref64: string): number {
  const octets = parseIpv6(address);
  const prefix = parsePrefix(pref64);
  return octets === undefined || prefix === undefined ? 0 : commonPrefixLength(octets, prefix.octets);
}

/** For a `plat-dev` that the kernel's route does not use: the longest match with the prefix (RFC 6724 §5, rule 8). */
function preferredSource(snapshot: NetSnapshot, dev: string, pref64: string): string | undefined {
  const [best] = usableAddresses(snapshot, dev).sort(
    (a, b) => sharedBits(b.address, pref64) - sharedBits(a.address, pref64),
  );
  return best?.address;
}
