// The daemon with its real socket, on the model kernel and the clock of the wall.

import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cleanUp } from "../../../src/daemon/cleanup.js";
import { socketPath } from "../../../src/daemon/control.js";
import { readStatus } from "../../../src/daemon/control-client.js";
import { type DaemonParts, runDaemon } from "../../../src/daemon/daemon.js";
import { createLog } from "../../../src/daemon/log.js";
import { planOnce } from "../../../src/daemon/plan-once.js";
import type { StatusRecord } from "../../../src/daemon/status.js";
import { fixedSource } from "../../../src/discovery/fixed.js";
import { classicUserspaceEngine } from "../../../src/engine/userspace/plan.js";
import type { Clock } from "../../../src/os/clock.js";
import { FakeOs } from "../../../src/os/fake/fake-os.js";
import { FakeKernel } from "../../../src/os/fake/kernel.js";
import { Outside } from "../../../src/os/fake/outside.js";
import { openJournal } from "../../../src/os/journal.js";
import { memoryStorage } from "../../../src/os/journal-storage.js";
import { simulatedTranslators } from "../../../src/simulation/translators.js";
import { configOf } from "../plan/facts-of.js";

const wall: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
};

let dir: string;
let kernel: FakeKernel;
let storage: ReturnType<typeof memoryStorage>;
const config = configOf("plat-prefix=2001:db8:64::/96");

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "clatd-daemon-"));
  storage = memoryStorage();
  kernel = new FakeKernel(wall);
  const outside = new Outside(kernel);
  outside.setUp("lo", true);
  outside.addDevice("eth0");
  outside.setUp("eth0", true);
  outside.addAddress({ dev: "eth0", address: "2001:db8:1::2/64", nodad: true });
  outside.addRoute({ family: 6, destination: "default", dev: "eth0", via: "fe80::1", table: 254 });
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

function partsOf(
  pid: number,
  os = new FakeOs({ kernel }),
): DaemonParts & { readonly os: FakeOs; readonly lines: string[] } {
  const lines: string[] = [];
  return {
    os,
    lines,
    clock: wall,
    random: { fill: (octets) => void octets.fill(7) },
    log: createLog({ quiet: 0, debug: 0, write: (line) => void lines.push(line) }),
    sources: [fixedSource("static", "2001:db8:64::/96")],
    engines: { wanted: "auto", engines: [classicUserspaceEngine] },
    translators: simulatedTranslators(os),
    openJournal: () => journalOf(pid),
    pid,
    runtimeDir: dir,
  };
}

function journalOf(pid: number) {
  const owner = { version: "test", pid, started: "1", boot: "b", netns: "n" };
  return openJournal({ storage, path: "journal", owner, isAlive: () => false });
}

/** Asks over the socket until the status satisfies. */
async function statusWhere(holds: (status: StatusRecord) => boolean): Promise<StatusRecord> {
  const deadline = wall.now() + 60_000;
  for (;;) {
    const asked = await readStatus(socketPath("clat", dir));
    if (asked.ok && holds(asked.status)) return asked.status;
    if (wall.now() > deadline) throw new Error(`The last status was ${JSON.stringify(asked)}`);
    await sleep(5);
  }
}

const isActive = ({ state }: StatusRecord): boolean => state === "active";

describe("runDaemon()", () => {
  it("runDaemon() answers over its socket, and leaves nothing behind when the signal aborts", async () => {
    const eye = new FakeOs({ kernel });
    const before = await eye.snapshot();
    const stop = new AbortController();
    const ended = runDaemon(config, partsOf(4711), stop.signal);
    expect(await statusWhere(isActive)).toMatchObject({
      pid: 4711,
      clatDev: "clat",
      effects: expect.toSatisfy((count: number) => count > 8),
      active: {
        v4: "192.0.0.1",
        v6: "2001:db8:1::2",
        engine: { name: "userspace", why: "the best that this host can run, with classic plumbing" },
      },
      counters: { v4ToV6: { packets: 0 } },
    });
    stop.abort();
    expect(await ended).toBe(0);
    expect(await eye.snapshot()).toEqual(before);
    expect(await readdir(dir)).toEqual([]);
  });

  it("runDaemon() refuses to be the second one for a device, and touches nothing of the first", async () => {
    const stop = new AbortController();
    const ended = runDaemon(config, partsOf(4711), stop.signal);
    await statusWhere(isActive);
    const second = partsOf(4712);
    await expect(runDaemon(config, second, stop.signal)).rejects.toThrow(
      "Cannot start clatd for clat: it runs already, as process 4711; stop that one, or choose another clat-dev",
    );
    expect(second.os.transcript).toEqual([]);
    expect((await statusWhere(isActive)).pid).toBe(4711);
    stop.abort();
    expect(await ended).toBe(0);
  });

  it("runDaemon() puts back what a killed one left, before it begins, and says so", async () => {
    const killed = partsOf(4711);
    const effect = { do: "sysctl.set", key: "net.ipv6.conf.all.forwarding", value: "1" } as const;
    await (await killed.openJournal()).apply(killed.os, [effect]);
    killed.os.kill();
    const next = partsOf(4712);
    const stop = new AbortController();
    const ended = runDaemon(config, next, stop.signal);
    await statusWhere(isActive);
    stop.abort();
    expect(await ended).toBe(0);
    expect(next.lines[0]).toBe(
      "clatd warning: An earlier clatd ended without putting everything back; doing it now effects=1",
    );
    expect(kernel.netns("").sysctls.get("net.ipv6.conf.all.forwarding")).toBe("0");
  });

  it("runDaemon() closes its socket where the journal must not be touched", async () => {
    const parts = { ...partsOf(4711), openJournal: () => Promise.reject(new Error("Cannot use the journal: damaged")) };
    await expect(runDaemon(config, parts, new AbortController().signal)).rejects.toThrow(/damaged/);
    expect(await readdir(dir)).toEqual([]);
  });
});

describe("cleanUp()", () => {
  it("cleanUp() undoes what the journal holds, and tells what it can't", async () => {
    const { os, log } = partsOf(1);
    const journal = await journalOf(1);
    await journal.apply(os, [
      { do: "sysctl.set", key: "net.ipv6.conf.eth0.accept_ra", value: "2" },
      { do: "neighbour.proxy", dev: "eth0", address: "2001:db8:1::c1a7" },
    ]);
    const other = new FakeOs({ kernel });
    other.faults.arm({ fault: "fail", nth: 1, on: "revert" });
    expect(await cleanUp({ os: other, openJournal: () => journalOf(2), log })).toEqual({
      undone: 1,
      stuck: [expect.stringMatching(/^Cannot undo proxy neighbour "2001:db8:1::c1a7 dev eth0": an injected fault/)],
    });
    expect(await cleanUp({ os: other, openJournal: () => journalOf(3), log })).toEqual({ undone: 1, stuck: [] });
    expect(await cleanUp({ os: other, openJournal: () => journalOf(4), log })).toEqual({ undone: 0, stuck: [] });
  });
});

describe("planOnce()", () => {
  it("planOnce() says what would be done, and does nothing", async () => {
    const { os, ...parts } = partsOf(1);
    const before = await os.snapshot();
    const desired = await planOnce(config, { ...parts, os }, new AbortController().signal);
    expect(desired).toMatchObject({ state: "active", uplink: "eth0", clatV6: "2001:db8:1::2" });
    expect(os.transcript).toEqual([]);
    expect(await os.snapshot()).toEqual(before);
  });

  it("planOnce() takes a running daemon's effects for its own: the plan is the same", async () => {
    const { os, ...parts } = partsOf(1);
    const signal = new AbortController().signal;
    const first = await planOnce(config, { ...parts, os }, signal);
    if (first.state !== "active") throw new Error(first.state);
    const applied = await (await journalOf(1)).apply(os, first.plan.effects);
    expect(await planOnce(config, { ...parts, os, applied }, signal)).toEqual(first);
  });

  it("planOnce() asks nobody any more where the system cannot be looked at", async () => {
    const { os, ...parts } = partsOf(1);
    let asked: AbortSignal | undefined;
    const source = {
      origin: "dns64",
      async *watch(signal: AbortSignal) {
        asked = signal;
        yield { origin: "dns64", found: true, prefixes: ["2001:db8:64::/96"] } as const;
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      },
      wake() {},
    } as const;
    await os[Symbol.asyncDispose]();
    const planned = planOnce(config, { ...parts, os, sources: [source] }, new AbortController().signal);
    await expect(planned).rejects.toThrow("killed");
    expect(asked?.aborted).toBe(true);
  });

  it("planOnce() says what would be waited for where no source knows a prefix", async () => {
    const { os, ...parts } = partsOf(1);
    const reports = [{ origin: "dns64", found: false, reason: "nobody answers" }] as const;
    const source = {
      origin: "dns64",
      async *watch() {
        yield* reports;
      },
      wake() {},
    } as const;
    let now = 0;
    const clock = { now: () => (now += 500), sleep: () => Promise.resolve() };
    const desired = await planOnce(config, { ...parts, os, clock, sources: [source] }, new AbortController().signal);
    expect(desired).toMatchObject({ state: "waiting", reason: "no-pref64" });
  });
});
