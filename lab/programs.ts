// Where the programs are that labs run.

import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Programs } from "./kinds/service.js";

/** This file is dist/lab/programs.js; under vitest it is lab/programs.ts, and what nodes run is still the built one. */
const above = fileURLToPath(new URL("..", import.meta.url));
const built = import.meta.url.endsWith(".ts") ? join(above, "dist") : above;

/** The directory that has lab/topologies. */
export const projectDirectory = import.meta.url.endsWith(".ts") ? above : join(above, "..");

export function version(): string {
  const { version: own } = JSON.parse(readFileSync(join(projectDirectory, "package.json"), "utf8")) as {
    readonly version: string;
  };
  return own;
}

export const programs: Programs = { node: process.execPath, dist: built.replace(/\/$/, "") };

/** Debian packages whose name is not the program's. */
const packages: Readonly<Record<string, string>> = {
  ip: "iproute2",
  jool: "jool-tools",
  jool_siit: "jool-tools",
  mount: "mount",
  nft: "nftables",
  nsenter: "util-linux",
  perf: "linux-perf",
  ping: "iputils-ping",
  setpriv: "util-linux",
  unshare: "util-linux",
};

/** `tayga and nft are not installed (apt-get install tayga nftables)`; undefined: all are there. */
export function missingPrograms(names: readonly string[]): string | undefined {
  const missing = names.filter((name) => !hasProgram(name));
  if (missing.length === 0) return undefined;
  const install = [...new Set(missing.map((name) => packages[name] ?? name))];
  return `${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} not installed (apt-get install ${install.join(" ")})`;
}

/** Kernel modules that are not loaded, and the Debian package that builds each. The lab loads none: that is not undone. */
export function missingModules(names: readonly string[]): string | undefined {
  const missing = names.filter((name) => !existsSync(`/sys/module/${name}`));
  if (missing.length === 0) return undefined;
  return `the kernel module ${missing.join(" and ")} is not loaded (modprobe ${missing.join(" ")}; Debian's package jool-dkms has it)`;
}

/** Root's commands are often missing from the PATH of others. */
const directories = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];

function hasProgram(name: string): boolean {
  if (name.includes("/")) return executable(name);
  return directories.some((directory) => directory !== "" && executable(join(directory, name)));
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
