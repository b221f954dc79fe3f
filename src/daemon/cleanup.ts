// `clatd cleanup`: puts back what a clatd left that could not do it itself.

import type { OsDriver } from "../os/driver.js";
import type { Journal } from "../os/journal.js";
import { undoAll } from "./ledger.js";
import type { Log } from "./log.js";

export interface CleanupParts {
  readonly os: OsDriver;
  /** Opening it refuses where the clatd that wrote it still runs. */
  openJournal(): Promise<Journal>;
  readonly log: Log;
}

/** How many effects were put back, and why others could not be, a line each. */
export interface CleanedUp {
  readonly undone: number;
  readonly stuck: readonly string[];
}

export async function cleanUp({ os, openJournal, log }: CleanupParts): Promise<CleanedUp> {
  const journal = await openJournal();
  const before = journal.entries.length;
  const stuck = await undoAll({ os, journal, log });
  return { undone: before - journal.entries.length, stuck };
}
