// Links of a topology file: brief forms read, ends and prefixes looked at, addresses given out.

import { formatAddress } from "../../src/net/address.js";
import { parseInterfaceAddress, parsePrefix, prefixContains } from "../../src/net/prefix.js";
import { addressInPrefix, familyOf } from "../addressing.js";
import type { Link, LinkEnd } from "../topology.js";
import { listed, readEnd, readLink, readPrefix } from "./brief.js";
import type { FileInput, LinkInput, NodeInput } from "./file-schema.js";
import { instead, type Path } from "./mistake.js";

export const IPV6_LEAST_MTU = 1280;

type Note = (path: Path, text: string) => void;

/** A link with the addresses of each end, by position. */
export interface WiredLink extends Link {
  readonly addresses: readonly (readonly string[])[];
  /** The end's addresses stand in the file (it takes none from Router Advertisements then). */
  readonly explicit: readonly boolean[];
}

export function canonicalLinks(input: FileInput, nodes: ReadonlyMap<string, NodeInput>, note: Note): WiredLink[] {
  const taken = new Set<string>();
  const links = input.links.map((link, index) => wire(link, ["links", index], nodes, taken, note));
  for (const [index, link] of links.entries()) {
    for (const prefix of link.prefixes) {
      const first = links.findIndex((other) => other.prefixes.includes(prefix));
      if (first < index)
        note(["links", index], `Cannot use prefix "${prefix}" twice: link ${first + 1} has it already`);
    }
  }
  return links;
}

function wire(
  link: LinkInput,
  path: Path,
  nodes: ReadonlyMap<string, NodeInput>,
  taken: Set<string>,
  note: Note,
): WiredLink {
  const text = typeof link === "string" ? readLink(link) : undefined;
  if (text?.ok === false) note(path, `Cannot read link "${String(link)}": ${text.problem}`);
  const given = typeof link === "string" ? (text?.ok ? text.value : { ends: [], prefixes: [] }) : link;
  const at = (key: string, index: number): Path => (typeof link === "string" ? path : [...path, key, index]);
  const ends = given.ends.flatMap((end, index) => readLinkEnd(end, at("ends", index), nodes, taken, note) ?? []);
  const prefixes = (given.prefixes ?? []).flatMap((prefix, index) => {
    const read = readPrefix(prefix);
    if (!read.ok) note(at("prefixes", index), `Cannot use "${prefix}" as prefix of a link: ${read.problem}`);
    return read.ok ? [read.value] : [];
  });
  if (given.mtu !== undefined && given.mtu < IPV6_LEAST_MTU && prefixes.some((prefix) => familyOf(prefix) === 6))
    note(path, `Cannot use "mtu ${given.mtu}" on a link with IPv6: ${IPV6_LEAST_MTU} is its least (RFC 8200 §5)`);
  const explicit = typeof link === "string" ? {} : (link.addresses ?? {});
  for (const name of Object.keys(explicit)) {
    if (given.ends.includes(name)) continue;
    note(
      [...path, "addresses", name],
      `Cannot give "${name}" addresses: it is no end of this link; ${instead(name, given.ends)}`,
    );
  }
  const addresses = ends.map((end, index) => {
    const key = `${end.node}:${end.dev}`;
    const own = listed(explicit[key]);
    if (own.length > 0)
      return own.flatMap((address) => readAddress(address, prefixes, [...path, "addresses", key], note));
    return prefixes.flatMap((prefix) => numbered(prefix, index + 1, path, note));
  });
  return {
    ends,
    prefixes,
    mtu: given.mtu ?? 1500,
    addresses,
    explicit: ends.map((end) => `${end.node}:${end.dev}` in explicit),
  };
}

function readLinkEnd(
  text: string,
  path: Path,
  nodes: ReadonlyMap<string, NodeInput>,
  taken: Set<string>,
  note: Note,
): LinkEnd | undefined {
  const read = readEnd(text);
  if (!read.ok) {
    note(path, `Cannot read "${text}" as end of a link: ${read.problem}`);
    return undefined;
  }
  const { node, dev } = read.value;
  if (!nodes.has(node))
    note(path, `Cannot link "${text}": there is no node "${node}"; ${instead(node, [...nodes.keys()])}`);
  else if (taken.has(text)) note(path, `Cannot link "${text}" twice: each device is the end of one link`);
  else if (["lo", "nat64", "siit", "clat"].includes(dev))
    note(path, `Cannot link "${text}": the node makes a device of that name itself`);
  taken.add(text);
  return read.value;
}

function readAddress(text: string, prefixes: readonly string[], path: Path, note: Note): string[] {
  const parsed = parseInterfaceAddress(text);
  if (parsed === undefined) {
    note(path, `Cannot use "${text}" as address: it is none such as 2001:db8:1::1/64`);
    return [];
  }
  const address = formatAddress(parsed.octets);
  if (text.includes("/")) return [`${address}/${parsed.length}`];
  const home = prefixes.find((prefix) => {
    const net = parsePrefix(prefix);
    return net !== undefined && familyOf(prefix) === familyOf(address) && prefixContains(net, parsed.octets);
  });
  if (home === undefined) {
    note(path, `Cannot use "${text}" as address: it has no length and lies in no prefix of this link`);
    return [];
  }
  return [`${address}/${home.split("/")[1]}`];
}

function numbered(prefix: string, number: number, path: Path, note: Note): string[] {
  const net = parsePrefix(prefix);
  const address = net === undefined ? undefined : addressInPrefix(net, number);
  if (address === undefined)
    note(path, `Cannot number the ends of this link: prefix "${prefix}" has no address ${number}`);
  return address === undefined ? [] : [address];
}
