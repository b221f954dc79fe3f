// Text in columns that fits a terminal of 80: facts with a label in front, and tables whose cells wrap.

import { wrap } from "../../config/key-docs.js";

const WIDTH = 80;
const NO_BREAK = "\u00a0";

/** `  label  text`, the text wrapped behind its label. */
export function facts(rows: readonly (readonly [label: string, text: string])[]): string {
  const column = 2 + Math.max(0, ...rows.map(([label]) => label.length)) + 2;
  const lines = rows.flatMap(([label, text]) => {
    // "RFC 7915 §4.1" stays on one line.
    const joined = text.replaceAll(/\bRFC (\d+) §/g, `RFC${NO_BREAK}$1${NO_BREAK}§`);
    const [first = "", ...rest] = wrap(joined, WIDTH - column).map((line) => line.replaceAll(NO_BREAK, " "));
    return [`  ${label}`.padEnd(column) + first, ...rest.map((line) => " ".repeat(column) + line)];
  });
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n`;
}

/** A table with a line under its heading. Where it is too wide, the widest columns get narrower and their cells wrap. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heading.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const between = 2 * (widths.length - 1);
  while (widths.reduce((sum, width) => sum + width, between) > WIDTH) {
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  const line = (cells: readonly string[]): string[] => {
    const wrapped = cells.map((cell, column) => wrapCell(cell, widths[column] ?? cell.length));
    const height = Math.max(...wrapped.map((parts) => parts.length));
    return Array.from({ length: height }, (_, row) =>
      wrapped
        .map((parts, column) => (parts[row] ?? "").padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  };
  const rule = widths.map((width) => "-".repeat(width)).join("  ");
  return `${[...line(heading), rule, ...rows.flatMap(line)].join("\n")}\n`;
}

/** At spaces; a word that is too long by itself, such as an address, behind a colon or wherever it must be. */
function wrapCell(text: string, width: number): string[] {
  return wrap(text, width).flatMap((line) => breakWord(line, width));
}

function breakWord(word: string, width: number): string[] {
  const lines: string[] = [];
  let rest = word;
  while (rest.length > width) {
    const colon = rest.lastIndexOf(":", width - 1);
    const at = colon > 0 ? colon + 1 : width;
    lines.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
  return [...lines, rest];
}
