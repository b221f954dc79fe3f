// What an address of a translated packet was mapped by, seen from the packets before and after.

import { parseAddress, sameOctets } from "../../net/address.js";
import { parsePrefix, prefixContains } from "../../net/prefix.js";
import type { TranslationSpec } from "../../xlat/spec.js";
import { through } from "./address-text.js";
import type { Lookup, Mappings } from "./mappings.js";
import type { PacketFields } from "./packet-fields.js";

export interface AddressUse {
  /** `7757 §3.3.1`. */
  readonly section: string;
  /** `mapping …`, `PREF64 …`. */
  readonly text: string;
}

/** Undefined where it was not mapped: an answer comes from the translator itself. */
export function addressUse(
  before: PacketFields,
  after: PacketFields,
  name: "source" | "destination",
  spec: TranslationSpec,
  mappings: Mappings,
): AddressUse | undefined {
  const old = parseAddress(before.fields.get(name) ?? "");
  const fresh = parseAddress(after.fields.get(name) ?? "");
  if (old === undefined || fresh === undefined || before.family === after.family) return undefined;
  const lookup = mappings.lookup(old);
  if (lookup.how !== "none" && sameOctets(lookup.octets, fresh)) {
    return { section: sectionOf(lookup, before.family), text: through(lookup, mappings) };
  }
  const pool = parsePrefix(spec.icmpSource);
  if (pool !== undefined && prefixContains(pool, fresh)) {
    return { section: "6791 §3.2", text: `icmp-source ${spec.icmpSource}, since it has no IPv4 address of use` };
  }
  return undefined;
}

function sectionOf(lookup: Lookup, family: 4 | 6): string {
  if (lookup.how === "eam") return family === 4 ? "7757 §3.3.1" : "7757 §3.3.2";
  return "6052 §2.3";
}
