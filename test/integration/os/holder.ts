// A process that holds mount, process and network namespaces for a test. The kernel ends it with the test's process, and
// with it everything that is inside.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, readdir, readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { dieWithParent } from "../../../src/os/linux/die-with-parent.js";
import type { Place } from "../../../src/os/linux/place.js";

export interface Holder {
  readonly place: Place;
  readonly pid: number;
  end(): Promise<void>;
}

/** Undefined where it can be done. */
export async function whyNot(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return "it takes root";
  for (const path of ["/dev/net/tun", "/usr/bin/nsenter", "/usr/bin/unshare", "/usr/bin/setpriv"]) {
    const missing = await access(path).then(
      () => false,
      () => true,
    );
    if (missing) return `there is no ${path}`;
  }
  return undefined;
}

export async function holder(): Promise<Holder> {
  const script = "mount -t tmpfs none /run && mkdir /run/netns && echo ready && exec sleep infinity";
  const [file = "", ...words] = [
    ...dieWithParent,
    "unshare",
    "-nmpf",
    "--kill-child",
    "--mount-proc",
    "sh",
    "-c",
    script,
  ];
  const child = spawn(file, words, { stdio: ["ignore", "pipe", "inherit"] });
  await once(createInterface(child.stdout), "line");
  const pid = await childOf(child.pid ?? 0);
  const ended = once(child, "exit");
  return {
    place: holderPlace(pid),
    pid,
    end: async () => {
      // In this order: the end of unshare would be its end too, and its number could be somebody else's.
      process.kill(pid, "SIGKILL");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** `nsenter` opens `--net` before it goes into the mount namespace, hence the way by /proc. */
function holderPlace(pid: number): Place {
  const root = `/proc/${pid}/root`;
  const file = (netns: string | undefined): string =>
    netns === undefined ? `/proc/${pid}/ns/net` : `${root}/run/netns/${netns}`;
  return {
    root,
    inside: (netns) => ["nsenter", "-t", `${pid}`, "-m", "-p", `--net=${file(netns)}`, "--"],
    network: (netns) => ["nsenter", `--net=${file(netns)}`, "--"],
    netnsFile: file,
  };
}

async function childOf(parent: number): Promise<number> {
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, "latin1").catch(() => "");
    if (Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === parent) return Number(name);
  }
  throw new Error(`Process ${parent} has no child`);
}
