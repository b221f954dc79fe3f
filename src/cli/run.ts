// `clatd`: the daemon, until SIGINT or SIGTERM; then everything is put back. SIGHUP: it reads its configuration anew.
// A service manager that has started it hears of all of that.

import { isatty } from "node:tty";

import type { Config } from "../config/key-table.js";
import { runDaemon } from "../daemon/daemon.js";
import { createLog, type Log } from "../daemon/log.js";
import { daemonParts, linuxOs, pref64Sources } from "./compose.js";
import { ConfigFiles, type ConfigFilesParts } from "./config-feed.js";
import { exitCodes } from "./exit-code.js";
import type { HangUps } from "./hang-ups.js";
import { logTo } from "./log-to.js";
import { runtimeDir } from "./runtime-dir.js";
import { serviceNotices } from "./service-manager.js";
import { systemClock, timeOfDay } from "./system-clock.js";
import type { Terminal } from "./terminal.js";
import { packageVersion } from "./version.js";

/** @param from what the configuration was read from, to read it anew */
export async function run(
  config: Config,
  from: Pick<ConfigFilesParts, "invocation" | "read">,
  terminal: Terminal,
  hangUps: HangUps,
): Promise<number> {
  const log = createLog(logTo(config, terminal));
  const feed = new ConfigFiles({ ...from, sources: pref64Sources, clock: systemClock });
  const notices = serviceNotices(process.env, process.pid);
  const ending = endingSignals(log, hangUps, () => {
    notices?.reloading();
    feed.reread();
  });
  try {
    const dir = await runtimeDir(process.env);
    await using os = linuxOs(config);
    const parts = {
      ...daemonParts(config, os, dir, log),
      feed,
      about: { version: packageVersion(), timeOfDay },
      ...(notices === undefined ? {} : { notices }),
    };
    const code = await runDaemon(config, parts, ending.signal);
    return ending.crashed() ? exitCodes.failed.code : code;
  } catch (error) {
    log.error(explain(error));
    return exitCodes.failed.code;
  } finally {
    ending.release();
  }
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? error.code : undefined;
  // Node's own words, where nobody between here and the system has found better ones.
  const denied = code === "EACCES" || code === "EPERM";
  return denied
    ? `Cannot start clatd: ${error.message}; it needs to be root, or to be given what root may do`
    : error.message;
}

const signals = ["SIGINT", "SIGTERM"] as const;
const standardStreams = [0, 1, 2] as const;

interface Ending {
  readonly signal: AbortSignal;
  /** A mistake of ours that nobody caught: even then everything is put back. */
  crashed(): boolean;
  release(): void;
}

function endingSignals(log: Log, hangUps: HangUps, reread: () => void): Ending {
  const controller = new AbortController();
  const terminals = standardStreams.filter((stream) => isatty(stream));
  let crashed = false;
  const end = (name: string): void => {
    if (controller.signal.aborted) log.info("putting everything back already", { signal: name });
    controller.abort(new Error(`ended by ${name}`));
  };
  // The terminal has gone: this is the end too, and nothing may be left behind.
  const hangUp = (): void => {
    const gone = terminals.length > 0 && !terminals.some((stream) => isatty(stream));
    if (gone) end("SIGHUP");
    else reread();
  };
  const crash = (error: Error): void => {
    crashed = true;
    log.error(`A mistake in clatd, please report it: ${error.stack ?? error.message}`);
    controller.abort(error);
  };
  for (const name of signals) process.on(name, end);
  const deaf = hangUps.listen(hangUp);
  process.on("uncaughtException", crash);
  return {
    signal: controller.signal,
    crashed: () => crashed,
    release: () => {
      for (const name of signals) process.off(name, end);
      deaf();
      process.off("uncaughtException", crash);
    },
  };
}
