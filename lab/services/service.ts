// What the lab's own services have in common: a JSON configuration whose path is their argument, `ready` on standard
// output once they serve, and a fresh look at the configuration whenever the file is written.

import { readFileSync, watch } from "node:fs";
import { basename, dirname } from "node:path";

// What the lab shows of a service that did not come up is what it said last.
process.once("uncaughtException", (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});

/** Reads the configuration named on the command line. The lab wrote it from a checked topology, so its shape is right. */
export function configurationFile(): string {
  const file = process.argv[2];
  if (file === undefined) throw new Error("Cannot start: the path of the configuration is missing");
  return file;
}

export function readConfiguration<C>(file: string): C {
  return JSON.parse(readFileSync(file, "utf8")) as C;
}

/** Calls `take` with each new configuration. What cannot be read (yet) is skipped: another event follows the last write. */
export function watchConfiguration<C>(file: string, take: (configuration: C) => void): void {
  const name = basename(file);
  watch(dirname(file), (_event, changed) => {
    if (changed !== name) return;
    try {
      take(readConfiguration<C>(file));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  });
}

export function ready(): void {
  process.stdout.write("ready\n");
}

export function onSignal(end: () => void | Promise<void>): void {
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void end());
}
