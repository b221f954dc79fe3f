// `clatd status`: asks the running daemons over their sockets, all of them or the one of a device. It needs no
// configuration, so that a broken one does not hide what runs.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { formatMistake } from "../config/mistake.js";
import { socketPath } from "../daemon/control.js";
import { readStatus } from "../daemon/control-client.js";
import type { StatusRecord } from "../daemon/status.js";
import type { Invocation } from "./arguments.js";
import { exitCodes } from "./exit-code.js";
import { readConfig } from "./read-config.js";
import { runtimeDir } from "./runtime-dir.js";
import { statusText } from "./status-text.js";
import type { Terminal } from "./terminal.js";

export async function status(invocation: Invocation, terminal: Terminal): Promise<number> {
  const wanted = await deviceOf(invocation);
  if (!wanted.ok) {
    for (const mistake of wanted.mistakes) terminal.error(`clatd: ${mistake}\n`);
    return exitCodes.usage.code;
  }
  const dir = await runtimeDir(process.env);
  const paths = wanted.device === undefined ? await socketsIn(dir) : [socketPath(wanted.device, dir)];
  const found: StatusRecord[] = [];
  const troubles: string[] = [];
  for (const asked of await Promise.all(paths.map(readStatus))) {
    if (asked.ok) found.push(asked.status);
    else if (asked.code === "trouble") troubles.push(asked.error);
  }
  if (found.length > 0) terminal.out(textOf(found, invocation.json, terminal.colours));
  for (const trouble of troubles) terminal.error(`clatd: error: ${trouble}\n`);
  if (troubles.length > 0) return exitCodes.failed.code;
  if (found.length > 0) return exitCodes.ok.code;
  const { device } = wanted;
  terminal.error(
    device === undefined
      ? `clatd is not running: nobody answers at a socket in ${dir}; start it with \`clatd\`\n`
      : `clatd is not running for ${device}: nobody answers at its socket; start it with \`clatd clat-dev=${device}\`\n`,
  );
  return exitCodes.notRunning.code;
}

/** One document for each of them, as programs like jq read them. */
function textOf(found: readonly StatusRecord[], json: boolean, colours: boolean): string {
  if (json) return found.map((record) => `${JSON.stringify(record, undefined, 2)}\n`).join("");
  return found.map((record) => statusText(record, colours)).join("\n");
}

type Wanted =
  | { readonly ok: true; readonly device: string | undefined }
  | { readonly ok: false; readonly mistakes: readonly string[] };

/** The device that is named, by itself or by a configuration; undefined: all of them. */
async function deviceOf(invocation: Invocation): Promise<Wanted> {
  const [device] = invocation.words;
  const named = invocation.settings.some((setting) => setting.startsWith("clat-dev="));
  if (device !== undefined || (invocation.file === undefined && !named)) return { ok: true, device };
  const loaded = await readConfig(invocation);
  if (loaded.ok) return { ok: true, device: loaded.config["clat-dev"] };
  return { ok: false, mistakes: loaded.mistakes.map(formatMistake) };
}

async function socketsIn(dir: string): Promise<string[]> {
  try {
    const names = await readdir(dir);
    return names
      .filter((name) => name.endsWith(".sock"))
      .sort()
      .map((name) => join(dir, name));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") return [];
    const why = code === "EACCES" ? "this user may not; try it as root" : String(error);
    throw new Error(`Cannot look into ${dir}: ${why}`, { cause: error });
  }
}
