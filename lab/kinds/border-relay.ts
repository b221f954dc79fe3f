// border-relay: a SIIT-DC Border Relay (RFC 7755): a stateless translator over mappings and a PREF64, on the TUN `siit` or
// by Jool, between an IPv6-only data centre and the IPv4 internet. No masquerade, no state.

import type { Effect } from "../../src/os/effect.js";
import type { BorderRelayNode } from "../topology.js";
import { embedded } from "./embedded.js";
import { joolService } from "./jool.js";
import { routeInto } from "./route-into.js";
import { ownService, type Programs, type Service } from "./service.js";
import { taygaOn } from "./tayga.js";

/** What the builtin one reads. */
export interface BorderRelayConfiguration {
  readonly dev: string;
  readonly pref64: string;
  readonly eams: readonly { readonly v4: string; readonly v6: string }[];
  readonly translatorV4: string;
  readonly translatorV6: string;
  /** Octets: the largest IPv6 packet of the data centre. */
  readonly mtu: number;
}

const dev = "siit";
/** Its errors come from an address of its own: the kernel takes nothing from a device that seems to come from itself. */
const translatorV4 = "192.0.0.2";

export function borderRelayService(node: BorderRelayNode, programs: Programs): Service[] {
  switch (node.engine) {
    case "builtin":
      return [builtin(node, programs)];
    case "tayga":
      return [tayga(node)];
    case "jool":
      return [jool(node, programs)];
  }
}

function builtin(node: BorderRelayNode, programs: Programs): Service {
  const configuration: BorderRelayConfiguration = {
    dev,
    pref64: node.pref64,
    eams: node.mappings,
    translatorV4,
    translatorV6: embedded(node.pref64, translatorV4),
    mtu: 1500,
  };
  const { files, start } = ownService(node.name, "border-relay", configuration, programs);
  return {
    name: "border-relay",
    what: "our translator as Border Relay",
    files,
    effects: [start, { do: "link.set", in: node.name, name: dev, up: true }, ...routes(node)],
    needs: [],
    optional: false,
  };
}

function tayga(node: BorderRelayNode): Service {
  const { files, effects } = taygaOn(node.name, dev, [
    `ipv4-addr ${translatorV4}`,
    `ipv6-addr ${taygaAddress}`,
    `prefix ${node.pref64}`,
    ...node.mappings.map(({ v4, v6 }) => `map ${v4} ${v6}`),
  ]);
  return {
    name: "border-relay",
    what: "TAYGA as Border Relay",
    files,
    effects: [...effects, routeInto(node.name, dev, taygaAddress), ...routes(node)],
    needs: ["tayga"],
    optional: false,
  };
}

function jool({ name, pref64, mappings }: BorderRelayNode, programs: Programs): Service {
  const global = {
    pool6: pref64,
    // Routers without an IPv4 address show as this one (RFC 7335).
    "rfc6791v4-prefix": "192.0.0.8/32",
    // It would drop datagrams without a checksum, as RFC 7915 §4.5 lets it.
    "amend-udp-checksum-zero": true,
  };
  return joolService(name, "border-relay", "Jool as Border Relay", "jool_siit", { global, eamt: mappings }, programs);
}

/** Never outside the node. */
const taygaAddress = "fd64:64:64::2";

function routes(node: BorderRelayNode): Effect[] {
  const destinations = [node.pref64, translatorV4, ...node.mappings.map(({ v4 }) => v4)];
  return destinations.map((destination) => routeInto(node.name, dev, destination));
}
