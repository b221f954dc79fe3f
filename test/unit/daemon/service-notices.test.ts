// ServiceNotices: what a service manager hears, in which order, and when it hears nothing (sd_notify(3)).

import { describe, expect, it } from "vitest";
import { loadConfig } from "../../../src/config/load.js";
import type { DaemonParts } from "../../../src/daemon/daemon.js";
import { type NoticeParts, ServiceNotices, statusLine } from "../../../src/daemon/service-notices.js";
import type { Course } from "../../../src/daemon/status.js";
import { Simulation, simulated } from "../../../src/simulation/simulation.js";
import { configOf } from "../plan/facts-of.js";

const course = (desired: Course["desired"], more: Partial<Course> = {}): Course => ({
  desired,
  since: 0,
  reloads: { taken: 0, refused: 0 },
  ...more,
});
const starting = course({ state: "waiting", reason: "starting", text: "Asking" });
const noPlat = course({ state: "waiting", reason: "no-pref64", text: "No PREF64\nis known" });
const stopping = course({ state: "stopping" });

function notices(parts: Partial<NoticeParts> = {}): { notices: ServiceNotices; heard: string[] } {
  const heard: string[] = [];
  const send = (message: string): boolean => heard.push(message) > 0;
  return { notices: new ServiceNotices({ send, monotonic: () => 12n, ...parts }), heard };
}

describe("ServiceNotices", () => {
  it("passed() is READY with the first pass that knows how things stand, once", () => {
    const { notices: told, heard } = notices();
    told.passed(starting);
    told.passed(noPlat);
    told.passed(noPlat);
    told.passed(starting);
    expect(heard).toEqual([
      "STATUS=waiting: Asking",
      "READY=1\nSTATUS=waiting: No PREF64 is known",
      "STATUS=waiting: Asking",
    ]);
  });

  it("reloading() is over with the pass that has judged the new configuration, not with one before", () => {
    const { notices: told, heard } = notices();
    told.passed(noPlat);
    told.reloading();
    told.passed(noPlat);
    told.reloaded();
    told.passed({ ...noPlat, refused: "Cannot take it" });
    told.reloaded();
    told.passed({ ...noPlat, refused: "Cannot take it" });
    expect(heard.slice(1)).toEqual([
      "RELOADING=1\nMONOTONIC_USEC=12",
      "READY=1\nSTATUS=waiting: No PREF64 is known (Cannot take it)",
    ]);
  });

  it("beat() says nothing where nobody waits for it", () => {
    const { notices: told, heard } = notices();
    told.beat();
    expect(heard).toEqual([]);
    const { notices: watched, heard: beats } = notices({ beatEvery: 100 });
    watched.beat();
    expect(beats).toEqual(["WATCHDOG=1"]);
  });

  it("says with the next message what did not get through, but for old signs of life", () => {
    const heard: string[] = [];
    let listens = false;
    const send = (message: string): boolean => {
      if (listens) heard.push(message);
      return listens;
    };
    const { notices: told } = notices({ send, beatEvery: 100 });
    told.passed(noPlat);
    told.beat();
    told.beat();
    listens = true;
    told.beat();
    told.beat();
    expect(heard).toEqual(["READY=1\nSTATUS=waiting: No PREF64 is known\nWATCHDOG=1", "WATCHDOG=1"]);
  });

  it("statusLine() is one line for every state", () => {
    expect(statusLine(stopping)).toBe("putting everything back");
    expect(statusLine(noPlat)).not.toContain("\n");
  });
});

describe("a daemon that a service manager has started", () => {
  /** Times of the messages, in milliseconds of the simulation's clock. */
  function watched(settings: readonly string[], adapt: (parts: DaemonParts) => Partial<DaemonParts> = () => ({})) {
    const heard: { readonly at: number; readonly text: string }[] = [];
    const simulation: Simulation = new Simulation({
      config: configOf("engine=userspace", "plumbing=classic", ...settings),
      parts: (given) => ({
        ...given,
        notices: new ServiceNotices({
          send: (text) => heard.push({ at: simulation.clock.now(), text }) > 0,
          monotonic: () => 0n,
          beatEvery: 1000,
        }),
        ...adapt(given),
      }),
    });
    simulation.router.bring(simulated.prefix);
    const said = (): string[] => heard.map(({ text }) => text).filter((text) => text !== "WATCHDOG=1");
    return { simulation, heard, said };
  }

  /** The longest time without a message between two times. */
  function longestSilence(heard: readonly { readonly at: number }[], from: number, to: number): number {
    const times = [from, ...heard.map(({ at }) => at).filter((at) => at > from && at < to), to];
    return Math.max(...times.slice(1).map((at, index) => at - (times[index] ?? 0)));
  }

  it("tells READY when it is active, and STOPPING at the end", async () => {
    const { simulation, said } = watched([]);
    await simulation.pass(2000);
    simulation.start();
    await simulation.until("active");
    expect(await simulation.stop()).toBe(0);
    const ready = said().findIndex((text) => text.startsWith("READY=1"));
    expect(said()[ready]).toBe(`READY=1\nSTATUS=active, ${simulated.pref64} via ${simulated.uplink}`);
    expect(said().slice(ready + 1)).toEqual(["STOPPING=1\nSTATUS=putting everything back"]);
  });

  it("tells READY before it ends with 0, as once=yes wants it where the host has IPv4: no failed start", async () => {
    const { simulation, said } = watched(["once=yes"]);
    simulation.outside.addAddress({ dev: simulated.uplink, address: "192.0.2.2/24" });
    simulation.outside.addRoute({
      family: 4,
      destination: "default",
      dev: simulated.uplink,
      via: "192.0.2.1",
      table: 254,
    });
    simulation.start();
    expect(await simulation.exit()).toBe(0);
    expect(said().filter((text) => text.startsWith("READY=1"))).toHaveLength(1);
  });

  it("gives signs of life for as long as its loop turns, though nothing happens", async () => {
    const { simulation, heard } = watched([]);
    simulation.start();
    await simulation.until("active");
    await simulation.pass(2000);
    const from = simulation.clock.now();
    await simulation.pass(120_000);
    expect(longestSilence(heard, from, simulation.clock.now())).toBeLessThanOrEqual(1100);
    expect(await simulation.stop()).toBe(0);
  });

  it("gives none once its loop hangs", async () => {
    let hangs = false;
    const { simulation, heard } = watched([], ({ os }) => ({
      os: {
        ...os,
        snapshot: (netns) => (hangs ? new Promise(() => {}) : os.snapshot(netns)),
      },
    }));
    simulation.start();
    await simulation.until("active");
    hangs = true;
    simulation.outside.addDevice("eth7");
    await simulation.pass(2000);
    const from = simulation.clock.now();
    await simulation.pass(60_000);
    expect(longestSilence(heard, from, simulation.clock.now())).toBe(60_000);
    simulation.kill();
  });

  it("gives them while it waits for a script, which is not its own", async () => {
    let end = (): void => {};
    const { simulation, heard } = watched(["script-up=true"], () => ({
      runScript: () => new Promise((resolve) => (end = resolve)),
    }));
    simulation.start();
    await simulation.pass(5000);
    const from = simulation.clock.now();
    await simulation.pass(60_000);
    expect(simulation.status()?.state).not.toBe("active");
    expect(longestSilence(heard, from, simulation.clock.now())).toBeLessThanOrEqual(1100);
    end();
    await simulation.until("active");
    expect(await simulation.stop()).toBe(0);
  });

  it("counts the configurations that were read anew, and forgets a refusal with the next good one", async () => {
    const { simulation } = watched([]);
    simulation.start();
    await simulation.until("active");
    simulation.reload(loadConfig({ arguments: ["clat-v4-addr=nonsense"], purpose: "daemon" }));
    await simulation.waitFor("the refusal", () => simulation.status()?.reloads.refused === 1);
    expect(simulation.status()?.lastError?.text).toContain("nonsense");
    simulation.reload(loadConfig({ arguments: ["engine=userspace", "plumbing=classic"], purpose: "daemon" }));
    await simulation.waitFor("the other one", () => simulation.status()?.reloads.taken === 1);
    expect(simulation.status()?.lastError).toBeUndefined();
    expect(await simulation.stop()).toBe(0);
  });
});
