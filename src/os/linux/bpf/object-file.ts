// Where the compiled programs are: beside the compiled TypeScript of the engine. Under vitest, where this file runs from
// src/, they come from the package's dist/.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { OsError } from "../../driver.js";

/** @throws OsError "missing" */
export function objectFile(): string {
  const compiled = import.meta.url.endsWith(".js");
  const toRoot = compiled ? "../../../" : "../../../../dist/src/";
  const path = fileURLToPath(new URL(`${toRoot}engine/ebpf/clat.bpf.o`, import.meta.url));
  if (!existsSync(path)) {
    throw new OsError("missing", `Cannot load the fast path: ${path} is missing; \`npm run build\` makes it`);
  }
  return path;
}
