// The log on the terminal, as talkative as the configuration says.

import type { Config } from "../config/key-table.js";
import type { LogOptions } from "../daemon/log.js";
import type { Terminal } from "./terminal.js";

export function logTo(config: Config, terminal: Terminal): LogOptions {
  return {
    quiet: config.quiet,
    debug: config.debug,
    journal: terminal.journal === true,
    write: (line, to) => (to === "stdout" ? terminal.out(`${line}\n`) : terminal.error(`${line}\n`)),
  };
}
