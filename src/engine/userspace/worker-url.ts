// Where the worker's program is. A thread needs compiled JavaScript (Node 20 runs no TypeScript), so under vitest, where
// this file runs from src/, the worker comes from the package's dist/: `npm run build` goes before the tests.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

export function workerUrl(): URL {
  const compiled = import.meta.url.endsWith(".js");
  const url = new URL(compiled ? "./worker.js" : "../../../dist/src/engine/userspace/worker.js", import.meta.url);
  if (!existsSync(url)) {
    throw new Error(`Cannot start the translator: ${fileURLToPath(url)} is missing; \`npm run build\` makes it`);
  }
  return url;
}
