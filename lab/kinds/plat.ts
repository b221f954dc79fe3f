// plat: a stateful NAT64 (RFC 6146), either out of a stateless translator on the TUN `nat64` and an nft masquerade, or Jool.

import { parsePrefix } from "../../src/net/prefix.js";
import type { Effect } from "../../src/os/effect.js";
import { addressInPrefix, bare, familyOf } from "../addressing.js";
import type { PlatNode } from "../topology.js";
import { embedded } from "./embedded.js";
import { joolService } from "./jool.js";
import { routeInto } from "./route-into.js";
import { ownService, type Programs, type Service } from "./service.js";
import { taygaOn } from "./tayga.js";

/** What the builtin PLAT reads. */
export interface PlatConfiguration {
  readonly dev: string;
  readonly pref64: string;
  readonly translatorV4: string;
  readonly translatorV6: string;
  /** All clients are one to the translator: the address behind the IPv6 masquerade and its IPv4 counterpart. */
  readonly clients: { readonly v6: string; readonly v4: string };
  /** Of those that are not masqueraded. */
  readonly mappings: readonly { readonly v6: string; readonly v4: string }[];
  readonly mtu: number;
}

/** The ULA behind which the clients stand on the way into the builtin translator; never outside the node. */
const CLIENTS_V6 = "fd64:64:64::1";
const dev = "nat64";

export function platService(node: PlatNode, programs: Programs): Service[] {
  switch (node.engine) {
    case "builtin":
      return [builtin(node, programs)];
    case "tayga":
      return [tayga(node)];
    case "jool": {
      // Without addresses of its own for it, it uses the node's, with high ports.
      const instance = { global: { pool6: node.pref64 } };
      return [joolService(node.name, "plat", "Jool, a stateful NAT64", "jool", instance, programs)];
    }
  }
}

function tayga(node: PlatNode): Service {
  const { files, effects } = taygaOn(node.name, dev, [
    `ipv4-addr ${inPool(node.pool, 1)}`,
    `prefix ${node.pref64}`,
    `dynamic-pool ${node.pool}`,
  ]);
  return {
    name: "plat",
    what: "TAYGA and nft masquerade",
    files,
    effects: [...effects, ...routes(node, node.pref64, node.pool), masqueradeV4(node)],
    needs: ["tayga", "nft"],
    optional: false,
  };
}

function builtin(node: PlatNode, programs: Programs): Service {
  const clientsV4 = inPool(node.pool, 2);
  const configuration: PlatConfiguration = {
    dev,
    pref64: node.pref64,
    translatorV4: inPool(node.pool, 1),
    // So that a CLAT can show it as what it is.
    translatorV6: embedded(node.pref64, inPool(node.pool, 1)),
    clients: { v6: CLIENTS_V6, v4: clientsV4 },
    mappings: node.mappings,
    mtu: 1500,
  };
  const { files, start } = ownService(node.name, "plat", configuration, programs);
  return {
    name: "plat",
    what: "our translator and nft masquerade",
    files,
    effects: [
      start,
      { do: "link.set", in: node.name, name: dev, up: true },
      ...routes(node, node.pref64, CLIENTS_V6, clientsV4, ...node.mappings.map(({ v4 }) => v4)),
      {
        do: "nft.table",
        in: node.name,
        family: "ip6",
        name: "plat",
        body: `chain clients {\n  type nat hook postrouting priority srcnat;\n  oifname "${dev}" ${notMapped(node)}snat to ${CLIENTS_V6}\n}`,
      },
      masqueradeV4(node),
    ],
    needs: ["nft"],
    optional: false,
  };
}

const inPool = (pool: string, number: number): string => {
  const prefix = parsePrefix(pool);
  return bare((prefix === undefined ? undefined : addressInPrefix(prefix, number)) ?? pool);
};

function notMapped({ mappings }: PlatNode): string {
  return mappings.length === 0 ? "" : `ip6 saddr != { ${mappings.map(({ v6 }) => v6).join(", ")} } `;
}

const routes = (node: PlatNode, ...destinations: readonly string[]): Effect[] =>
  destinations.map((destination) => routeInto(node.name, dev, destination));

function masqueradeV4(node: PlatNode): Effect {
  const outside = node.interfaces.filter((face) => face.addresses.some((address) => familyOf(address) === 4));
  const devs = outside.map((face) => `"${face.dev}"`).join(", ");
  const body = `chain outside {\n  type nat hook postrouting priority srcnat;\n  oifname { ${devs} } ip saddr ${node.pool} masquerade\n}`;
  return { do: "nft.table", in: node.name, family: "ip", name: "plat", body };
}
