// The key table as text: for the README (Markdown) and for `--help`.

import { groupTitles, keyGroups } from "./key-spec.js";
import { type KeyName, keyNames, keySpec } from "./key-table.js";

const none = "–";

/** The default as people read it: `yes`, `detected`, `–` where there is none. */
export function defaultText(name: KeyName): string {
  const spec = keySpec(name);
  return spec.defaultText ?? (spec.default === "" ? none : spec.default);
}

/** A test that would fail if the key did nothing: its title as it stands in the file. */
export interface KeyProof {
  readonly file: string;
  readonly title: string;
}

/** The README's table: one row a key, in the groups' order. */
export function keyTableMarkdown(proofs: Readonly<Record<string, KeyProof>>): string {
  const rows = byGroup().flatMap(([, names]) => names.map((name) => markdownRow(name, proofs[name])));
  return ["| Key | Default | Meaning | Proved by |", "|---|---|---|---|", ...rows, ""].join("\n");
}

/** The keys for `--help`, at most `width` columns wide. */
export function keyHelp(width = 80): string {
  const column = 2 + Math.max(...keyNames.map((name) => name.length)) + 2;
  const lines: string[] = [];
  for (const [title, names] of byGroup()) {
    lines.push("", `${title}:`);
    for (const name of names) {
      const preset = defaultText(name) === none ? "" : ` [${defaultText(name)}]`;
      const words = `${keySpec(name).help}${preset}${effectNote(name)}`;
      const [first = "", ...rest] = wrap(words, width - column);
      lines.push(`  ${name}`.padEnd(column) + first, ...rest.map((line) => " ".repeat(column) + line));
    }
  }
  return `${lines.slice(1).join("\n")}\n`;
}

/** Breaks at spaces; a word that is too long by itself stays whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line === "") line = word;
    else if (line.length + 1 + word.length <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  lines.push(line);
  return lines;
}

function byGroup(): [string, KeyName[]][] {
  return keyGroups.map((group) => [groupTitles[group], keyNames.filter((name) => keySpec(name).group === group)]);
}

function markdownRow(name: KeyName, proof: KeyProof | undefined): string {
  const spec = keySpec(name);
  const meaning = [
    `${spec.help[0]?.toUpperCase()}${spec.help.slice(1)}. ${spec.description}`,
    ...(spec.toolsOnly === undefined
      ? []
      : [`*For \`clatd translate\` and \`clatd explain\` only: ${spec.toolsOnly}.*`]),
    ...(spec.perl === undefined ? [] : [`*Unlike the Perl clatd:* ${spec.perl}`]),
  ].join(" ");
  const proved = proof === undefined ? none : `[${proof.title.replace(/[[\]]/g, "\\$&")}](${proof.file})`;
  return `| \`${name}\` | ${[defaultText(name), meaning, proved].map(escapeCell).join(" | ")} |`;
}

function effectNote(name: KeyName): string {
  return keySpec(name).toolsOnly === undefined ? "" : " (translate, explain)";
}

/** A bar would end the cell, also inside code. */
function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|");
}
