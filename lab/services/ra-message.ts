// The Router Advertisement that an interface's configuration asks for (RFC 4861 §6.2.3). Pure.

import type { RouterAdvertisement } from "../../src/wire/ndp.js";
import type { NdpOption } from "../../src/wire/ndp-options.js";
import type { RaInterface } from "../topology.js";

/** @param mac the sender's link-layer address, `02:00:5e:10:00:01`; undefined: not said */
export function advertisement(face: RaInterface, mac: string | undefined): RouterAdvertisement {
  const options: NdpOption[] = [];
  const address = mac?.split(":").map((octet) => Number.parseInt(octet, 16));
  if (address?.length === 6) options.push({ option: "source-link-layer", address: Uint8Array.from(address) });
  if (face.mtu !== undefined) options.push({ option: "mtu", mtu: face.mtu });
  for (const { prefix, valid, preferred } of face.prefixes) {
    options.push({ option: "prefix", prefix, onLink: true, autonomous: true, valid, preferred });
  }
  if (face.rdnss.length > 0) options.push({ option: "rdnss", servers: face.rdnss, lifetime: face.rdnssLifetime });
  for (const { prefix, lifetime } of face.pref64) options.push({ option: "pref64", prefix, lifetime });
  return {
    message: "router-advertisement",
    hopLimit: face.hopLimit,
    managed: false,
    other: false,
    preference: "medium",
    routerLifetime: face.routerLifetime,
    reachableTime: 0,
    retransTimer: 0,
    options,
  };
}

/** The last one of a router that stops (RFC 4861 §6.2.5). */
export function farewell(face: RaInterface, mac: string | undefined): RouterAdvertisement {
  return advertisement({ ...face, routerLifetime: 0 }, mac);
}
