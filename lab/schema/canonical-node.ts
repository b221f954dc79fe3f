// Nodes of a topology file, made canonical: what is common to all kinds, then each kind's own.

import { loadConfig } from "../../src/config/load.js";
import { parseMapping } from "../../src/config/mapping.js";
import { formatAddress, parseAddress, parseIpv4, parseIpv6 } from "../../src/net/address.js";
import { bare, familyOf } from "../addressing.js";
import { routesFromLinks } from "../routing.js";
import type { Dns64Node, Interface, Node, StaticRoute } from "../topology.js";
import { listed, readPrefix } from "./brief.js";
import { canonicalRa } from "./canonical-ra.js";
import { canonicalPrefix, type Draft, readPref64, resolve } from "./draft.js";
import type { NodeInput } from "./file-schema.js";
import type { Path } from "./mistake.js";

type Input<K extends NodeInput["kind"]> = Extract<NodeInput, { kind: K }>;

export function canonicalNode(name: string, input: NodeInput, draft: Draft): Node {
  const path: Path = ["nodes", name];
  const interfaces = draft.interfaces.get(name) ?? [];
  if (interfaces.length === 0) draft.note(path, `Cannot use node "${name}": no link ends there`);
  const base = {
    name,
    interfaces,
    routes: routes(name, input, interfaces, draft),
    resolver: resolver(input, interfaces, draft, path),
    dad: input.dad ?? false,
    sysctls: Object.fromEntries(Object.entries(input.sysctls ?? {}).map(([key, value]) => [key, String(value)])),
  };
  switch (input.kind) {
    case "host": {
      const clatd = canonicalClatd(input, path, draft);
      const label = input.label ?? (clatd === undefined ? "host" : "IPv6-only host with clatd");
      const services = input.services ?? [];
      const files = input.files ?? {};
      return { ...base, kind: "host", label, ...(clatd === undefined ? {} : { clatd }), services, files };
    }
    case "router":
      return { ...base, kind: "router", label: input.label ?? "router", ra: canonicalRa(name, input.ra, draft) };
    case "plat": {
      const engine = input.engine ?? "builtin";
      const label = input.label ?? `PLAT (NAT64), ${engine}`;
      const pref64 = readPref64(input.pref64, [...path, "pref64"], draft);
      return {
        ...base,
        kind: "plat",
        label,
        engine,
        pref64,
        pool: pool(input, path, draft),
        mappings: mappings(input, path, draft),
      };
    }
    case "border-relay": {
      const engine = input.engine ?? "builtin";
      const label = input.label ?? `Border Relay, ${engine}`;
      const pref64 = readPref64(input.pref64, [...path, "pref64"], draft);
      return { ...base, kind: "border-relay", label, engine, pref64, mappings: eams(input, path, draft) };
    }
    case "dns64": {
      const engine = input.engine ?? "builtin";
      const label = input.label ?? `DNS64, ${engine}`;
      return {
        ...base,
        kind: "dns64",
        label,
        engine,
        pref64: dnsPref64(input, path, draft),
        zone: zone(input, path, draft),
      };
    }
    case "server":
      return {
        ...base,
        kind: "server",
        label: input.label ?? "server",
        services: input.services ?? ["http", "udp-echo"],
      };
  }
}

function routes(name: string, input: NodeInput, interfaces: readonly Interface[], draft: Draft): StaticRoute[] {
  const nodes = [...draft.nodes].map(([other, node]) => ({
    name: other,
    kind: node.kind,
    interfaces: draft.interfaces.get(other) ?? [],
  }));
  const pref64s = [...draft.nodes].flatMap(([other, node]) =>
    node.kind === "plat" || node.kind === "border-relay" ? [{ node: other, prefix: canonicalPrefix(node.pref64) }] : [],
  );
  const own = (input.routes ?? []).flatMap((text, index) =>
    explicitRoute(text, ["nodes", name, "routes", index], interfaces, draft),
  );
  const fromLinks = routesFromLinks({ name, kind: input.kind, interfaces }, nodes, draft.links, pref64s);
  return [
    ...own,
    ...fromLinks.filter(
      (route) => !own.some((other) => other.destination === route.destination && other.family === route.family),
    ),
  ];
}

/** `2001:db8::/32 via router`. */
function explicitRoute(text: string, path: Path, interfaces: readonly Interface[], draft: Draft): StaticRoute[] {
  const [, destination = "", via = ""] = /^(\S+)\s+via\s+(\S+)$/.exec(text) ?? [];
  const prefix = destination === "default" ? undefined : readPrefix(destination);
  if (via === "" || prefix?.ok === false) {
    draft.note(path, `Cannot read route "${text}": write "PREFIX via NODE" or "PREFIX via ADDRESS"`);
    return [];
  }
  const family = prefix === undefined ? undefined : familyOf(prefix.value);
  const asAddress = parseAddress(via);
  for (const face of interfaces) {
    const near = [...draft.interfaces].flatMap(([node, faces]) =>
      faces.flatMap((other) =>
        other.link === face.link && other !== face
          ? other.addresses.map((address) => ({ node, address: bare(address) }))
          : [],
      ),
    );
    const hop = near.find(
      ({ node, address }) =>
        (node === via || (asAddress !== undefined && formatAddress(asAddress) === address)) &&
        (family === undefined || familyOf(address) === family),
    );
    if (hop !== undefined)
      return [
        { family: familyOf(hop.address), destination: prefix?.value ?? "default", via: hop.address, dev: face.dev },
      ];
  }
  draft.note(
    path,
    `Cannot route "${destination}" via "${via}": no neighbour of this node has that name or address${family === undefined ? "" : ` and IPv${family}`}`,
  );
  return [];
}

/** What `dns` says, else what the routers on its links announce to it. */
function resolver(input: NodeInput, interfaces: readonly Interface[], draft: Draft, path: Path): string[] {
  if (input.dns !== undefined) {
    return listed(input.dns).flatMap((name) => resolve(draft, name, [...path, "dns"], "DNS server").slice(0, 1));
  }
  return interfaces
    .filter((face) => face.autoconf)
    .flatMap((face) => draft.links[face.link]?.ends ?? [])
    .flatMap((end) => {
      const router = draft.nodes.get(end.node);
      if (router?.kind !== "router" || typeof router.ra !== "object") return [];
      // What cannot be resolved is noted where the router is looked at.
      const quiet: Draft = { ...draft, note: () => undefined };
      return listed(router.ra.rdnss).flatMap((name) => resolve(quiet, name, [], "DNS server").slice(0, 1));
    });
}

function canonicalClatd(input: Input<"host">, path: Path, draft: Draft): { keys: string[] } | undefined {
  if (input.clatd === undefined || input.clatd === false) return undefined;
  const given = input.clatd === true ? {} : input.clatd;
  const keys = Object.entries(given).map(
    ([key, value]) => `${key}=${value === true ? "yes" : value === false ? "no" : value}`,
  );
  const loaded = loadConfig({ arguments: keys });
  if (!loaded.ok)
    for (const mistake of loaded.mistakes) draft.note([...path, "clatd"], `Cannot run clatd: ${mistake.text}`);
  return { keys };
}

function pool(input: Input<"plat">, path: Path, draft: Draft): string {
  const text = input.pool ?? "192.168.255.0/24";
  const read = readPrefix(text);
  const ok = read.ok && familyOf(read.value) === 4 && Number(read.value.split("/")[1]) <= 30;
  if (!ok)
    draft.note([...path, "pool"], `Cannot use "${text}" as pool: it must be an IPv4 prefix of length 30 or less`);
  return read.ok ? read.value : text;
}

function mappings(input: Input<"plat">, path: Path, draft: Draft): { v4: string; v6: string }[] {
  const entries = Object.entries(input.mappings ?? {});
  const { engine = "builtin" } = input;
  if (engine !== "builtin" && entries.length > 0)
    draft.note([...path, "mappings"], `Cannot map addresses with the engine "${engine}": only "builtin" does`);
  return entries.map(([v4, v6]) => {
    const at: Path = [...path, "mappings", v4];
    if (parseIpv4(v4) === undefined) draft.note(at, `Cannot map "${v4}": it is no IPv4 address`);
    if (parseIpv6(v6) === undefined) draft.note(at, `Cannot map "${v4}" to "${v6}": that is no IPv6 address`);
    return { v4, v6 };
  });
}

function eams(input: Input<"border-relay">, path: Path, draft: Draft): { v4: string; v6: string }[] {
  return Object.entries(input.mappings).map(([v4, v6]) => {
    const parsed = parseMapping(`${v4},${v6}`);
    if (!parsed.ok) draft.note([...path, "mappings", v4], `Cannot map "${v4}" to "${v6}": ${parsed.problem}`);
    return { v4, v6 };
  });
}

function dnsPref64(input: Input<"dns64">, path: Path, draft: Draft): string {
  if (input.pref64 !== undefined) return readPref64(input.pref64, [...path, "pref64"], draft);
  const plats = [...draft.nodes.values()].flatMap((node) => (node.kind === "plat" ? [node.pref64] : []));
  const [only] = plats;
  if (plats.length === 1 && only !== undefined) return canonicalPrefix(only);
  draft.note(
    path,
    `Missing key "pref64": there are ${plats.length} PLATs, so it must say which PREF64 it synthesises with`,
  );
  return "64:ff9b::/96";
}

function zone(input: Input<"dns64">, path: Path, draft: Draft): Dns64Node["zone"] {
  const entries = Object.entries(input.zone ?? {}).map(([name, value]) => {
    const at: Path = [...path, "zone", name];
    if (!/^(?!-)[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(name))
      draft.note(at, `Cannot use "${name}" as name in a zone: write it in lower case, without a last dot`);
    const addresses = listed(value).flatMap((item) => resolve(draft, item, at, `address of "${name}"`));
    return [name, addresses] as const;
  });
  return Object.fromEntries(entries);
}
