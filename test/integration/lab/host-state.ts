// What a lab must leave as it was: the host's network, mounts and namespaces, and no process.

import { readdir, readFile, readlink } from "node:fs/promises";
import { expect, vi } from "vitest";
import { LinuxOs } from "../../../src/os/linux/linux-os.js";
import type { NetSnapshot } from "../../../src/os/snapshot.js";

export interface HostState {
  readonly network: NetSnapshot;
  readonly mounts: string;
  readonly netns: readonly string[];
}

export async function hostState(): Promise<HostState> {
  const mounts = await readFile("/proc/self/mountinfo", "utf8");
  const netns = await readdir("/run/netns").catch(() => []);
  return { network: await new LinuxOs().snapshot(), mounts, netns: netns.sort() };
}

/** Until it is as before: what the kernel is still taking down, or what a program of somebody else's had for a moment, is no trace. */
export async function untilAsBefore(before: HostState): Promise<void> {
  await vi.waitFor(async () => expect(await hostState()).toEqual(before), { timeout: 60_000, interval: 200 });
}

/** Processes in the same PID namespace as process `pid`, the namespace's own PID 1 included. */
export async function companions(pid: number): Promise<number[]> {
  const namespace = await readlink(`/proc/${pid}/ns/pid`);
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    if ((await readlink(`/proc/${name}/ns/pid`).catch(() => "")) === namespace) found.push(Number(name));
  }
  return found;
}

export const isThere = (pid: number): Promise<boolean> =>
  readlink(`/proc/${pid}/ns/pid`).then(
    () => true,
    () => false,
  );

/** Resolves when `state` is true; rejects with the last thing seen. */
export async function until(what: string, state: () => Promise<boolean | string>, within = 60_000): Promise<void> {
  const deadline = performance.now() + within;
  for (;;) {
    const seen = await state();
    if (seen === true) return;
    if (performance.now() > deadline)
      throw new Error(`Not within ${within / 1000} s: ${what}; last seen: ${String(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
