// What is said about a node in a picture: a heading and lines. Pure.

import type { Interface, Link, Node } from "../topology.js";

export interface NodeText {
  readonly name: string;
  readonly label: string;
  readonly lines: readonly string[];
}

export function nodeText(node: Node, links: readonly Link[]): NodeText {
  return {
    name: node.name,
    label: node.label,
    lines: [...node.interfaces.flatMap((face) => faceLines(face, links)), ...kindLines(node)],
  };
}

function faceLines(face: Interface, links: readonly Link[]): string[] {
  const mtu = links[face.link]?.mtu ?? 1500;
  const words = [...face.addresses, ...(face.autoconf ? ["IPv6 by SLAAC"] : [])];
  return words.map(
    (word, index) =>
      `${index === 0 ? face.dev : " ".repeat(face.dev.length)}  ${word}${index === 0 && mtu !== 1500 ? `, MTU ${mtu}` : ""}`,
  );
}

function kindLines(node: Node): string[] {
  switch (node.kind) {
    case "host":
      return [
        ...(node.clatd === undefined ? [] : [`clatd ${node.clatd.keys.join(" ") || "without configuration"}`]),
        ...(node.services.length === 0 ? [] : [node.services.join(", ")]),
      ];
    case "router":
      return node.ra.flatMap((face) => [
        `RA on ${face.dev}: ${face.prefixes.map(({ prefix }) => prefix).join(", ") || "no prefix"}`,
        ...(face.rdnss.length > 0 ? [`  RDNSS ${face.rdnss.join(", ")}`] : []),
        ...face.pref64.map(({ prefix }) => `  PREF64 ${prefix}`),
      ]);
    case "plat":
      return [`PREF64 ${node.pref64}`, ...node.mappings.map(({ v4, v6 }) => `${v4} is ${v6}`)];
    case "border-relay":
      return [`PREF64 ${node.pref64}`, ...node.mappings.map(({ v4, v6 }) => `${v4} is ${v6}`)];
    case "dns64":
      return Object.keys(node.zone).length === 0 ? [] : [`knows ${Object.keys(node.zone).join(", ")}`];
    case "server":
      return [node.services.join(", ")];
  }
}
