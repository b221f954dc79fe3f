// `clatd cleanup`: puts back what a clatd left that was killed. Nothing to put back is a success too.

import type { Config } from "../config/key-table.js";
import { cleanUp } from "../daemon/cleanup.js";
import { createLog } from "../daemon/log.js";
import { linuxOs, openLinuxJournal } from "./compose.js";
import { exitCodes } from "./exit-code.js";
import { logTo } from "./log-to.js";
import { runtimeDir } from "./runtime-dir.js";
import type { Terminal } from "./terminal.js";

export async function cleanup(config: Config, terminal: Terminal): Promise<number> {
  const dir = await runtimeDir(process.env);
  await using os = linuxOs(config);
  const log = createLog(logTo(config, terminal));
  const { undone, stuck } = await cleanUp({ os, openJournal: () => openLinuxJournal(config, dir), log });
  for (const text of stuck) terminal.error(`clatd: error: ${text}\n`);
  if (config.quiet === 0) terminal.out(`${undoneText(undone)}\n`);
  return stuck.length === 0 ? exitCodes.ok.code : exitCodes.failed.code;
}

function undoneText(undone: number): string {
  if (undone === 0) return "Nothing to put back";
  return undone === 1 ? "Put back: 1 change" : `Put back: ${undone} changes`;
}
