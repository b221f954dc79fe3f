// The lines of a clatd.conf: `key=value`; blank lines and lines that begin with #, ; or // do not count. Splits, and
// does not judge keys or values (load.ts does). Takes any text; never throws.

import { type Mistake, type Place, visible } from "./mistake.js";

/** One `key=value` as it was written. */
export interface Setting {
  readonly key: string;
  readonly text: string;
  readonly place: Place;
}

/** Splits the text of a file. `file` is its name for messages. */
export function parseConfFile(file: string, text: string): { settings: Setting[]; mistakes: Mistake[] } {
  const settings: Setting[] = [];
  const mistakes: Mistake[] = [];
  // Editors of other systems leave a byte order mark in front and a carriage return behind.
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  for (const [index, raw] of lines.entries()) {
    const place: Place = { in: "file", file, line: index + 1 };
    const line = raw.trim();
    if (line === "" || /^(#|;|\/\/)/.test(line)) continue;
    const setting = splitSetting(line, place);
    if (setting !== undefined) settings.push(setting);
    else
      mistakes.push({ severity: "error", place, text: `cannot read ${quote(line)}: it is not of the form key=value` });
  }
  return { settings, mistakes };
}

/** `key=value` with any spaces around either; undefined where there is no key or no equals sign. */
export function splitSetting(text: string, place: Place): Setting | undefined {
  const equals = text.indexOf("=");
  if (equals < 0) return undefined;
  const key = text.slice(0, equals).trim();
  if (key === "") return undefined;
  return { key, text: text.slice(equals + 1).trim(), place };
}

/** For messages: in quotes, control characters visible, and not longer than a line takes. */
export function quote(text: string): string {
  const short = text.length > 80 ? `${text.slice(0, 77)}…` : text;
  return `"${visible(short)}"`;
}
