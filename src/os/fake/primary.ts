// IPv4 addresses of one network on one device: the first is the primary one, the others stand and fall with it.

import { parseAddress } from "../../net/address.js";
import { commonPrefixLength } from "../../net/prefix.js";
import type { FakeAddress, FakeNetns } from "./state.js";

/** Itself where it is the first; always itself for IPv6, which knows no such thing. */
export function primaryOf(ns: FakeNetns, address: FakeAddress): FakeAddress {
  if (address.family === 6) return address;
  return ns.addresses.find((one) => sameNetwork(one, address)) ?? address;
}

export function sameNetwork(a: FakeAddress, b: FakeAddress): boolean {
  if (a.dev !== b.dev || a.family !== b.family || a.length !== b.length) return false;
  const [one, other] = [parseAddress(a.peer ?? a.address), parseAddress(b.peer ?? b.address)];
  return one !== undefined && other !== undefined && commonPrefixLength(one, other) >= a.length;
}
