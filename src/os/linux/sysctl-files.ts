// Sysctls as files. What /proc/sys/net shows depends on the network namespace of the thread that opens it. Synchronous,
// since the kernel answers at once, and so that it can be done in another namespace. A few microseconds each, where a
// command inside would take milliseconds; that is the way where we may not go there ourselves (sysctl-commands.ts).

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { OsError } from "../driver.js";
import { deviceSysctls, plainSysctls, sysctlKey, sysctlPath } from "../sysctl.js";
import { inNetns } from "./netns.js";
import type { Sysctls, SysctlWrite } from "./sysctls.js";

/**
 * @param netnsFile undefined: our own namespace
 * @param root whose /proc it is; empty: ours. In a container ours is read-only, that of a lab in it is not.
 */
export function sysctlFiles(netnsFile: string | undefined, root: string): Sysctls {
  return {
    readShown: async () => readShownSysctls(netnsFile, root),
    read: async (key) => readSysctl(netnsFile, root, key),
    write: async (writes) => writeSysctls(netnsFile, root, writes),
  };
}

function readShownSysctls(netnsFile: string | undefined, root: string): Record<string, string> {
  return inNetns(netnsFile, () => {
    const paths: string[] = plainSysctls.map(sysctlPath);
    for (const [family, names] of Object.entries(deviceSysctls)) {
      const directory = `/proc/sys/net/${family}/conf`;
      for (const dev of list(root + directory)) paths.push(...names.map((name) => `${directory}/${dev}/${name}`));
    }
    const found = paths.flatMap((path): [string, string][] => {
      const value = readOrNothing(root + path);
      return value === undefined ? [] : [[sysctlKey(path), value]];
    });
    return Object.fromEntries(found.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function readSysctl(netnsFile: string | undefined, root: string, key: string): string | undefined {
  return inNetns(netnsFile, () => readOrNothing(root + sysctlPath(key)));
}

function writeSysctls(netnsFile: string | undefined, root: string, writes: readonly SysctlWrite[]): void {
  inNetns(netnsFile, () => {
    for (const [done, { key, value }] of writes.entries()) {
      try {
        writeFileSync(root + sysctlPath(key), value);
      } catch (cause) {
        const [code, why] = reasonOf(cause);
        throw new OsError(code, why, { cause, done });
      }
    }
  });
}

/** IPv6 may be switched off altogether; then its directory is not there. */
function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** A device may go between the listing and the reading. */
function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): [OsError["code"], string] {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return ["missing", "there is no such sysctl here"];
  if (code === "EINVAL") return ["failed", "the kernel does not take that value"];
  if (code === "EROFS") return ["denied", "/proc/sys is read-only; a container needs it writable"];
  if (code === "EACCES" || code === "EPERM") return ["denied", "permission denied; it takes root or CAP_NET_ADMIN"];
  return ["failed", error instanceof Error ? error.message : String(error)];
}
