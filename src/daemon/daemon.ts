// The daemon from start to exit code: its socket (only one daemon for a device), what an earlier run left behind, the
// reconciler until the signal aborts, and everything put back.

import type { Config } from "../config/key-table.js";
import type { Journal } from "../os/journal.js";
import { openControl } from "./control.js";
import { undoAll } from "./ledger.js";
import { serveMetrics } from "./metrics-server.js";
import { incumbentOf, Reconciler, type ReconcilerParts } from "./reconciler.js";
import { type StatusRecord, statusOf } from "./status.js";

export interface DaemonParts extends Omit<ReconcilerParts, "config" | "journal"> {
  /** Opened after the socket: who has that has the device. */
  openJournal(): Promise<Journal>;
  /** Where the control socket goes. Absent: there is none (the simulation). */
  readonly runtimeDir?: string;
  /** Called with the way to ask for the status, as soon as there is one. */
  readonly onStatus?: (status: () => StatusRecord) => void;
}

/** Throws, with a message for people, where it cannot start. Resolves with the exit code when everything is back. */
export async function runDaemon(config: Config, parts: DaemonParts, signal: AbortSignal): Promise<number> {
  const { clock, runtimeDir } = parts;
  const clatDev = config["clat-dev"];
  const course = {
    desired: { state: "waiting", reason: "starting", text: "Putting back what an earlier clatd left" },
    since: clock.now(),
    reloads: { taken: 0, refused: 0 },
  } as const;
  const still = { started: clock.now(), restarts: 0, clatDev, engineWhy: "", applied: [] };
  let status = (): StatusRecord => statusOf(course, clock.now(), { ...incumbentOf(parts), ...still });
  parts.onStatus?.(() => status());
  const control = runtimeDir === undefined ? undefined : await openControl(clatDev, runtimeDir, () => status());
  const metrics = config["metrics-listen"];
  const serving = new AbortController();
  const served = metrics === undefined ? undefined : serveMetrics(metrics, () => status(), parts, serving.signal);
  try {
    const journal = await parts.openJournal();
    await recover(journal, parts);
    const reconciler = new Reconciler({ ...parts, config, journal });
    status = () => reconciler.status();
    return await reconciler.run(signal);
  } finally {
    serving.abort();
    await served;
    await control?.[Symbol.asyncDispose]();
  }
}

async function recover(journal: Journal, { os, log }: DaemonParts): Promise<void> {
  const left = journal.entries.length;
  if (left === 0) return;
  log.warn("An earlier clatd ended without putting everything back; doing it now", { effects: left });
  for (const text of await undoAll({ os, journal, log })) log.warn(`${text}; clatd tries again`);
}
