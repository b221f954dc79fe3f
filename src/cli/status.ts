// `clatd status`: asks the running daemon over its socket.

import type { Config } from "../config/key-table.js";
import { socketPath } from "../daemon/control.js";
import { readStatus } from "../daemon/control-client.js";
import type { Invocation } from "./arguments.js";
import { exitCodes } from "./exit-code.js";
import { runtimeDir } from "./runtime-dir.js";
import { statusText } from "./status-text.js";
import type { Terminal } from "./terminal.js";

export async function status(config: Config, { json }: Invocation, terminal: Terminal): Promise<number> {
  const asked = await readStatus(socketPath(config["clat-dev"], await runtimeDir(process.env)));
  if (asked.ok) {
    terminal.out(json ? `${JSON.stringify(asked.status, undefined, 2)}\n` : statusText(asked.status, terminal.colours));
    return exitCodes.ok.code;
  }
  if (asked.code === "nobody") {
    const name = config["clat-dev"];
    terminal.error(`clatd is not running for ${name}: nobody answers at its socket; start it with \`clatd\`\n`);
    return exitCodes.notRunning.code;
  }
  terminal.error(`clatd: error: ${asked.error}\n`);
  return exitCodes.failed.code;
}
