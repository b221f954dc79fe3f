// `ra:` of a router, made canonical: on which interfaces, with which prefixes and options (RFC 4861 §6.2.1, 8106, 8781).

import { familyOf } from "../addressing.js";
import type { Interface, RaInterface, RaPref64, RaPrefix } from "../topology.js";
import { listed, readPrefix } from "./brief.js";
import { type Draft, readPref64, resolve } from "./draft.js";
import type { NodeInput, RaInput } from "./file-schema.js";
import { instead, type Path } from "./mistake.js";

type RouterRa = Extract<NodeInput, { kind: "router" }>["ra"];

export function canonicalRa(name: string, given: RouterRa, draft: Draft): RaInterface[] {
  if (given === undefined || given === false) return [];
  const input: RaInput = given === true ? {} : given;
  const path: Path = ["nodes", name, "ra"];
  const own = draft.interfaces.get(name) ?? [];
  for (const [index, dev] of (input.on ?? []).entries()) {
    if (own.some((face) => face.dev === dev)) continue;
    const devs = own.map((face) => face.dev);
    draft.note([...path, "on", index], `Cannot advertise on "${dev}": no link ends there; ${instead(dev, devs)}`);
  }
  const speaking = own.filter((face) => (input.on === undefined ? hasHost(face, draft) : input.on.includes(face.dev)));
  if (input.on === undefined && speaking.length === 0) {
    draft.note(
      ["nodes", name],
      `Cannot advertise anywhere: no link of "${name}" has a host; name the interfaces with "on"`,
    );
  }
  const routerLifetime = input.lifetime ?? 1800;
  const rdnss = listed(input.rdnss).flatMap((server) =>
    resolve(draft, server, [...path, "rdnss"], "DNS server").filter((address) => familyOf(address) === 6),
  );
  const pref64 = pref64s(input, routerLifetime, path, draft);
  return speaking.map((face) => ({
    dev: face.dev,
    routerLifetime,
    interval: input.interval ?? 10,
    hopLimit: input["hop-limit"] ?? 64,
    ...(input.mtu === undefined ? {} : { mtu: input.mtu }),
    prefixes: prefixes(input, face, path, draft),
    rdnss,
    rdnssLifetime: input["rdnss-lifetime"] ?? routerLifetime,
    pref64,
  }));
}

function hasHost(face: Interface, draft: Draft): boolean {
  return draft.links[face.link]?.ends.some((end) => draft.nodes.get(end.node)?.kind === "host") ?? false;
}

/** Default: the link's own /64s, as only those make addresses by SLAAC (RFC 4862 §5.5.3). */
function prefixes(input: RaInput, face: Interface, path: Path, draft: Draft): RaPrefix[] {
  if (input.prefixes === undefined) {
    const own =
      draft.links[face.link]?.prefixes.filter((prefix) => familyOf(prefix) === 6 && prefix.endsWith("/64")) ?? [];
    return own.map((prefix) => ({ prefix, valid: 86400, preferred: 14400 }));
  }
  return input.prefixes.flatMap((item, index) => {
    const { prefix, valid = 86400, preferred = 14400 } = typeof item === "string" ? { prefix: item } : item;
    const read = readPrefix(prefix);
    const at: Path = [...path, "prefixes", index];
    if (!read.ok) draft.note(at, `Cannot advertise "${prefix}": ${read.problem}`);
    else if (familyOf(read.value) === 4) draft.note(at, `Cannot advertise "${prefix}": it is an IPv4 prefix`);
    else if (preferred > valid)
      draft.note(
        at,
        `Cannot advertise "${prefix}": preferred for ${preferred} s but valid for ${valid} s (RFC 4861 §6.2.1)`,
      );
    else return [{ prefix: read.value, valid, preferred }];
    return [];
  });
}

function pref64s(input: RaInput, routerLifetime: number, path: Path, draft: Draft): RaPref64[] {
  return listed(input.pref64).map((item, index) => {
    const at: Path = typeof input.pref64 === "string" ? [...path, "pref64"] : [...path, "pref64", index];
    const { prefix, lifetime = Math.min(routerLifetime, 65528) } = typeof item === "string" ? { prefix: item } : item;
    return { prefix: readPref64(prefix, at, draft), lifetime };
  });
}
