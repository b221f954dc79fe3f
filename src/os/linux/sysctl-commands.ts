// Sysctls by commands inside the namespace, for places that this process cannot enter itself.

import { OsError } from "../driver.js";
import { deviceSysctls, plainSysctls, sysctlKey, sysctlPath } from "../sysctl.js";
import { codeOf, oneLine } from "./kernel-words.js";
import { run } from "./run.js";
import type { Sysctls } from "./sysctls.js";

const shown = [
  ...plainSysctls.map(sysctlPath),
  ...Object.entries(deviceSysctls).flatMap(([family, names]) =>
    names.map((name) => `/proc/sys/net/${family}/conf/*/${name}`),
  ),
];

/** Takes paths and values by turns from stdin, so that no shell reads them. Says where it failed. */
const writeAll =
  'n=0; while IFS= read -r path && IFS= read -r value; do printf %s "$value" >"$path" || { echo "$n"; exit 1; }; n=$((n+1)); done';

export function sysctlCommands(prefix: readonly string[]): Sysctls {
  return {
    readShown: async () => {
      // grep prints names and values in one process; it fails where some file is missing, which is no error here.
      const { stdout } = await run([...prefix, "sh", "-c", `grep -sH "" ${shown.join(" ")}`]);
      const found = stdout.split("\n").flatMap((line): [string, string][] => {
        const colon = line.indexOf(":");
        return colon < 0 ? [] : [[sysctlKey(line.slice(0, colon)), line.slice(colon + 1).trim()]];
      });
      return Object.fromEntries(found.toSorted(([a], [b]) => (a < b ? -1 : 1)));
    },
    read: async (key) => {
      const { code, stdout } = await run([...prefix, "cat", sysctlPath(key)]);
      return code === 0 ? stdout.trim() : undefined;
    },
    write: async (writes) => {
      const input = writes.map(({ key, value }) => `${sysctlPath(key)}\n${value}\n`).join("");
      const { code, stdout, stderr } = await run([...prefix, "sh", "-c", writeAll], { input });
      if (code !== 0) throw new OsError(codeOf(stderr), oneLine(stderr), { done: Number(stdout.trim()) || 0 });
    },
  };
}
