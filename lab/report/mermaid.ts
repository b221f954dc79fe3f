// A topology as a Mermaid flowchart, for documents. Pure.

import type { Topology } from "../topology.js";
import { nodeText } from "./node-lines.js";

export function mermaid(topology: Topology): string {
  const nodes = topology.nodes.map((node) => {
    const { name, label, lines } = nodeText(node, topology.links);
    const text = [`<b>${quoted(name)}</b>`, quoted(label), ...lines.map((line) => quoted(line.trim()))].join("<br>");
    return `  ${id(name)}["${text}"]`;
  });
  const links = topology.links.flatMap(({ ends, prefixes }, index) => {
    const words = quoted(prefixes.join(", "));
    const [first, second] = ends;
    if (ends.length === 2 && first !== undefined && second !== undefined)
      return [`  ${id(first.node)} ---|"${words}"| ${id(second.node)}`];
    // A LAN is a node of the drawing.
    return [`  lan${index}(("${words}"))`, ...ends.map((end) => `  ${id(end.node)} --- lan${index}`)];
  });
  return ["flowchart LR", ...nodes, ...links].join("\n");
}

/** `end` is a word of Mermaid's own. */
const id = (name: string): string => `n_${name.replaceAll("-", "_")}`;
const quoted = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll('"', "#quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
