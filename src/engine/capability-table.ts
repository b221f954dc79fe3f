// The table of capabilities for the README, in Markdown.

import { type Capability, capabilities, capabilityNames, engineNames, gaps, triedBy } from "./capabilities.js";
import type { EngineName } from "./engine.js";

/** Every reason is a note below the table, in the order in which one meets them. */
export function capabilityTableMarkdown(): string {
  const notes: string[] = [];
  const rows = capabilityNames.map((capability) => {
    const cells = engineNames.map((engine) => cellOf(engine, capability, notes));
    return `| ${[capabilities[capability], ...cells].join(" | ")} |`;
  });
  return [
    `| | ${engineNames.map((engine) => `\`${engine}\``).join(" | ")} |`,
    `|---|${engineNames.map(() => "---").join("|")}|`,
    ...rows,
    `| *Tried by* | ${engineNames.map((engine) => triedBy[engine] ?? "nobody yet").join(" | ")} |`,
    "",
    ...notes.map((note, index) => `${index + 1}. ${note}`),
  ].join("\n");
}

function cellOf(engine: EngineName, capability: Capability, notes: string[]): string {
  const gap = gaps[engine][capability];
  if (gap === undefined) return triedBy[engine] === undefined ? "?" : "yes";
  const note = `${engine}: ${gap}`;
  if (!notes.includes(note)) notes.push(note);
  return `no (${notes.indexOf(note) + 1})`;
}
