// The lines of an eam-file: one mapping a line; blank lines and everything from a # on do not count. Pure: who calls
// reads the file. Takes any text; never throws; tells all wrong lines together.

import { quote } from "./conf-file.js";
import { mappingForm, parseMapping } from "./mapping.js";
import type { MappingList } from "./mapping-list.js";
import type { Mistake } from "./mistake.js";

/** More are counted, not listed. */
const LISTED = 20;

/** Puts the mappings of `text` into `list`; gives what is wrong with its lines. `file` is its name for messages. */
export function parseEamFile(file: string, text: string, list: MappingList): Mistake[] {
  const mistakes: Mistake[] = [];
  let wrong = 0;
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  for (const [index, raw] of lines.entries()) {
    const hash = raw.indexOf("#");
    const line = (hash < 0 ? raw : raw.slice(0, hash)).trim();
    if (line === "") continue;
    const place = { in: "file", file, line: index + 1 } as const;
    const parsed = parseMapping(line);
    if (parsed.ok) {
      const [v4 = "", v6 = ""] = line.split(",", 2);
      // As it was written: a million canonical texts would take seconds, and a person finds the line again by its own.
      list.add(parsed.value, place, { v4: v4.trim(), v6: v6.trim() });
      continue;
    }
    wrong++;
    if (wrong > LISTED) continue;
    const message = `cannot read mapping ${quote(line)}: ${parsed.problem}; allowed: ${mappingForm}`;
    mistakes.push({ severity: "error", place, text: message });
  }
  const last = mistakes.at(-1);
  if (wrong > LISTED && last !== undefined) {
    mistakes.push({
      severity: "error",
      place: last.place,
      text: `and ${wrong - LISTED} more lines that are no mappings`,
    });
  }
  return mistakes;
}
