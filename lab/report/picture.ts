// A topology as a picture in text, at most 80 columns wide. The way from the first node to the one that is farthest from
// it goes down the left side; what hangs on it stands to its right; what hangs on that is listed below, as is everything
// beside the way on a narrower terminal. Pure.

import { wrap } from "../../src/config/key-docs.js";
import type { Link, Node, Topology } from "../topology.js";
import { nodeText } from "./node-lines.js";

const WIDTH = 80;
const GAP = 3;
const LEFT = 43;
const RIGHT = WIDTH - LEFT - GAP;

/** @param width in columns */
export function picture(topology: Topology, width = WIDTH): string {
  const left = Math.min(LEFT, width);
  const spine = longestWay(topology);
  const drawn = new Set(spine.map((node) => node.name));
  const rows: string[] = [];
  for (const [index, node] of spine.entries()) {
    const before = spine[index - 1];
    const after = spine[index + 1];
    const up = before === undefined ? undefined : linkBetween(topology, before, node);
    const down = after === undefined ? undefined : linkBetween(topology, node, after);
    const sides = topology.nodes.filter(
      (other) => width >= WIDTH && !drawn.has(other.name) && linkBetween(topology, node, other) !== undefined,
    );
    for (const side of sides) drawn.add(side.name);
    rows.push(...drawRow(topology, node, sides, left, up !== undefined, down !== undefined));
    const half = Math.floor(left / 2);
    if (down !== undefined) rows.push(`${" ".repeat(half)}│ ${clip(linkWords(down), width - half - 2)}`);
  }
  const rest = topology.nodes.filter((node) => !drawn.has(node.name));
  return [...rows, ...rest.flatMap((node) => ["", ...apart(topology, node, left, width)])]
    .map((row) => row.trimEnd())
    .join("\n");
}

/** From the first node (the host, mostly) to the one farthest from it; the last of equals. */
function longestWay(topology: Topology): Node[] {
  const [first] = topology.nodes;
  if (first === undefined) return [];
  let longest: Node[] = [first];
  const ways = new Map<string, Node[]>([[first.name, [first]]]);
  const queue = [first];
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    const way = ways.get(node.name) ?? [];
    if (way.length >= longest.length) longest = way;
    for (const other of topology.nodes) {
      if (ways.has(other.name) || linkBetween(topology, node, other) === undefined) continue;
      ways.set(other.name, [...way, other]);
      queue.push(other);
    }
  }
  return longest;
}

function linkBetween(topology: Topology, a: Node, b: Node): Link | undefined {
  if (a.name === b.name) return undefined;
  return topology.links.find((link) => [a, b].every((node) => link.ends.some((end) => end.node === node.name)));
}

const linkWords = (link: Link): string =>
  [...link.prefixes, ...(link.mtu === 1500 ? [] : [`MTU ${link.mtu}`])].join(", ");

/** A box of the left side and the boxes that hang on it, each joined to it by a line from its first row. */
function drawRow(
  topology: Topology,
  node: Node,
  sides: readonly Node[],
  width: number,
  up: boolean,
  down: boolean,
): string[] {
  const right = sides.flatMap((side) => box(topology, side, RIGHT));
  const joints = new Set<number>();
  let at = 0;
  for (const side of sides) {
    joints.add(at + 1);
    at += box(topology, side, RIGHT).length;
  }
  const left = box(topology, node, width, right.length - 2, up, down);
  return left.map((row, index) => {
    // The right side starts one row lower: at the left box's first line of text.
    const beside = right[index - 1];
    if (beside === undefined) return row;
    if (!joints.has(index - 1)) return `${row}${" ".repeat(GAP)}${beside}`;
    return `${row.slice(0, -1)}├${"─".repeat(GAP)}┤${beside.slice(1)}`;
  });
}

/** @param least rows of text at least */
function box(topology: Topology, node: Node, width: number, least = 0, up = false, down = false): string[] {
  const { name, label, lines } = nodeText(node, topology.links);
  const inner = width - 4;
  const text = [...heading(name, label, inner), ...lines];
  while (text.length < least + 1) text.push("");
  const line = (left: string, right: string, joined: boolean, joint: string): string => {
    const half = Math.floor(width / 2);
    const bar = "─".repeat(width - 2);
    return joined ? `${left}${bar.slice(0, half - 1)}${joint}${bar.slice(half)}${right}` : `${left}${bar}${right}`;
  };
  return [
    line("┌", "┐", up, "┴"),
    ...text.map((row) => `│ ${clip(row, inner).padEnd(inner)} │`),
    line("└", "┘", down, "┬"),
  ];
}

/** Name and label in one row where they fit. */
function heading(name: string, label: string, width: number): string[] {
  if (label.toLowerCase() === name.toLowerCase()) return [name];
  const one = `${name}: ${label}`;
  return one.length <= width ? [one] : [name, label];
}

const clip = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, width - 1)}…`);

/** A node without a place in the picture proper. */
function apart(topology: Topology, node: Node, left: number, width: number): string[] {
  const links = topology.links.filter((link) => link.ends.some((end) => end.node === node.name));
  const ways = links.map((link) => {
    const others = link.ends.filter((end) => end.node !== node.name).map((end) => end.node);
    return `linked to ${others.join(", ")} (${linkWords(link)})`;
  });
  return [...box(topology, node, left), ...ways.flatMap((way) => wrap(way, width - 4)).map((way) => `  ${way}`)];
}
