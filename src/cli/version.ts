// The version of this clatd, out of its package.json.

import { readFileSync } from "node:fs";

/** The file is a folder up from `src/` or `dist/src/`. */
export function packageVersion(): string {
  for (const path of ["../../package.json", "../../../package.json"]) {
    try {
      const parsed: unknown = JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
      if (typeof parsed === "object" && parsed !== null && "version" in parsed) return `${parsed.version}`;
    } catch {
      // Not there: it is the other one.
    }
  }
  return "unknown";
}
