// The pair of addresses that stands for this host: that of the CLAT, or, of an Edge Relay, one of its mappings.

import { clatAddress } from "../discovery/clat-address.js";
import { parseIpv4 } from "../net/address.js";
import type { Facts } from "./facts.js";
import { hasHostAddress } from "./host-address.js";
import { localMappings, mappingFor, pairOf } from "./mappings.js";

export type OwnPair =
  | {
      readonly ok: true;
      readonly v4: string;
      /** `shared`: the host has the address too. */
      readonly v6: { readonly address: string; readonly shared: boolean };
      /** It is one of the mappings; else it is a mapping beside them. */
      readonly mapped: boolean;
    }
  /** A sentence without its full stop. */
  | { readonly ok: false; readonly reason: string };

export interface OwnPairQuestion {
  readonly facts: Facts;
  readonly pref64: string;
  readonly uplink: { readonly dev: string; readonly source?: string };
}

/** RFC 7335: what the key has where nobody set it, and what no Border Relay maps. */
const clatsOwn = "192.0.0.1";

/**
 * A mapping for `clat-v4-addr` is the pair. Without one, mappings and the defaults of both address keys mean an Edge Relay
 * that has nothing else: a shared address is of no use there, since a Border Relay has no mapping for it.
 */
export function ownPair({ facts, pref64, uplink }: OwnPairQuestion): OwnPair {
  const { config, snapshot, random } = facts;
  const v4 = config["clat-v4-addr"];
  const choice = config["clat-v6-addr"];
  const local = localMappings(config);
  const octets = parseIpv4(v4);
  const own = octets === undefined ? undefined : mappingFor(local, octets);
  const [first] = local;
  const mapped =
    own !== undefined && octets !== undefined
      ? pairOf(own, octets)
      : first !== undefined && choice.how === "shared" && v4 === clatsOwn
        ? pairOf(first)
        : undefined;
  if (mapped !== undefined) {
    const shared = hasHostAddress(facts, mapped.v6);
    return { ok: true, v4: mapped.v4, v6: { address: mapped.v6, shared }, mapped: true };
  }
  const found = clatAddress({ choice, pref64, uplink, snapshot, clatDev: config["clat-dev"], random });
  if (!found.ok) return found;
  return { ok: true, v4, v6: { address: found.address, shared: found.shared }, mapped: false };
}
