// Ends the daemon at every point of its course, in every way, and finds the host as it was before.

import { describe, expect, it } from "vitest";
import type { Trouble } from "../../../src/simulation/process.js";
import { type Simulation, simulated } from "../../../src/simulation/simulation.js";
import { active, onNetwork } from "./stage.js";

/** Every kind of effect: the shared address needs a mark and rules, an address of its own proxy-ND; replacing withholds. */
const hosts: readonly (readonly [string, readonly string[]])[] = [
  ["a shared address", []],
  ["an address of its own", ["clat-v6-addr=derived"]],
  ["a default route replaced", ["v4-defaultroute-replace=yes", "ctmark=0"]],
  ["the engine ebpf", ["engine=ebpf"]],
  ["the engine ebpf and an address of its own", ["engine=ebpf", "clat-v6-addr=derived"]],
];

async function host(settings: readonly string[]): Promise<Simulation> {
  const simulation = await onNetwork(...settings);
  if (settings.some((setting) => setting.startsWith("v4-defaultroute-replace"))) {
    simulation.outside.addAddress({ dev: "eth0", address: "192.0.2.10/24" });
    simulation.outside.addRoute({ family: 4, destination: "default", dev: "eth0", via: "192.0.2.1", table: 254 });
  }
  return simulation;
}

/** Start, active, stop; as far as it comes. */
async function course(simulation: Simulation, trouble: Trouble): Promise<void> {
  simulation.start(trouble);
  const gone = (): boolean => !simulation.alive;
  await simulation.waitFor("active, or its end", () => gone() || simulation.status()?.state === "active");
  if (gone()) return;
  simulation.terminate();
  await simulation.waitFor("its end", gone);
}

async function effectsOf(settings: readonly string[]): Promise<number> {
  const simulation = await host(settings);
  simulation.start();
  await simulation.until("active");
  return simulation.status()?.effects ?? 0;
}

async function callsOf(settings: readonly string[]): Promise<number> {
  const simulation = await host(settings);
  await course(simulation, {});
  return simulation.calls;
}

describe.each(hosts)("Simulation: the daemon with %s", (_name, settings) => {
  it("stopped in order leaves the host as it was", async () => {
    const simulation = await host(settings);
    const before = await simulation.state();
    simulation.start();
    await simulation.until("active");
    expect((await simulation.state()).snapshot).not.toEqual(before.snapshot);
    expect(await simulation.stop()).toBe(0);
    expect(await simulation.state()).toEqual(before);
  });

  it("where any effect fails: puts everything back, says which, tries again and succeeds", async () => {
    const count = await effectsOf(settings);
    expect(count).toBeGreaterThan(7);
    for (let nth = 1; nth <= count; nth++) {
      const simulation = await host(settings);
      const before = await simulation.state();
      simulation.start({ faults: [{ fault: "fail", nth }] });
      await simulation.until("failed");
      expect(await simulation.state(), `effect ${nth}`).toEqual(before);
      expect(simulation.status()?.text).toMatch(/^Cannot .*: an injected fault/);
      await simulation.until("active", 3000);
      expect(await simulation.application.request({ protocol: "udp" })).toMatchObject({ ok: true });
      expect(await simulation.stop()).toBe(0);
      expect(await simulation.state(), `effect ${nth}`).toEqual(before);
    }
  });

  it("where any revert fails: exits with 1, and clatd cleanup puts the rest back", async () => {
    const count = await effectsOf(settings);
    for (let nth = 1; nth <= count; nth++) {
      const simulation = await host(settings);
      const before = await simulation.state();
      simulation.start({ faults: [{ fault: "fail", nth, on: "revert" }] });
      await simulation.until("active");
      expect(await simulation.stop()).toBe(1);
      expect((await simulation.state()).journal).toBeDefined();
      // The last rule for the local table stays where its successor could not come back.
      expect(await simulation.cleanUp()).toEqual({
        undone: expect.toSatisfy((n: number) => n === 1 || n === 2),
        stuck: [],
      });
      expect(await simulation.state(), `revert ${nth}`).toEqual(before);
    }
  });

  it("killed at any point, then clatd cleanup: the host is as it was", async () => {
    const calls = await callsOf(settings);
    expect(calls).toBeGreaterThan(25);
    for (let killAt = 1; killAt <= calls; killAt++) {
      const simulation = await host(settings);
      const before = await simulation.state();
      await course(simulation, { killAt });
      expect(simulation.dead, `call ${killAt}`).toBe(true);
      expect((await simulation.cleanUp())?.stuck).toEqual([]);
      expect(await simulation.state(), `call ${killAt}`).toEqual(before);
    }
  });

  it("killed at any point, then started and stopped: the host is as it was", async () => {
    const calls = await callsOf(settings);
    for (let killAt = 1; killAt <= calls; killAt++) {
      const simulation = await host(settings);
      const before = await simulation.state();
      await course(simulation, { killAt });
      simulation.start();
      await simulation.until("active");
      expect(await simulation.application.request({ protocol: "udp" })).toMatchObject({ ok: true });
      expect(await simulation.stop()).toBe(0);
      expect(await simulation.state(), `call ${killAt}`).toEqual(before);
    }
  });

  it("killed while active, and its clean-up killed at any point: a second clean-up does the rest", async () => {
    const effects = await effectsOf(settings);
    for (let killAt = 1; killAt <= 4 * effects + 8; killAt++) {
      const simulation = await host(settings);
      const before = await simulation.state();
      simulation.start();
      await simulation.until("active");
      simulation.kill();
      await simulation.cleanUp({ killAt });
      await simulation.cleanUp();
      expect(await simulation.state(), `call ${killAt}`).toEqual(before);
    }
  });
});

describe("Simulation: the daemon while the network changes", () => {
  /** Another prefix, then none, then the first one again: steps of a pass of every kind. */
  async function changes(simulation: Simulation): Promise<void> {
    simulation.router.bring(simulated.otherPrefix);
    await simulation.pass(2000);
    simulation.router.take(simulated.prefix);
    await simulation.pass(2000);
    simulation.router.take(simulated.otherPrefix);
    await simulation.pass(2000);
    simulation.router.bring(simulated.prefix);
    await simulation.pass(3000);
  }

  it("killed at any point, then clatd cleanup: the host is as one that never had a daemon", async () => {
    const twin = await onNetwork();
    await changes(twin);
    const untouched = await twin.state();

    const whole = await active();
    await changes(whole);
    const calls = whole.calls;
    expect(calls).toBeGreaterThan(60);
    for (let killAt = 1; killAt <= calls; killAt++) {
      const simulation = await onNetwork();
      simulation.start({ killAt });
      await simulation.waitFor("active, or its end", () => simulation.dead || simulation.status()?.state === "active");
      await changes(simulation);
      expect(simulation.dead, `call ${killAt}`).toBe(true);
      await simulation.cleanUp();
      expect(await simulation.state(), `call ${killAt}`).toEqual(untouched);
    }
  });
});

describe("Simulation: one daemon", () => {
  it("clatd cleanup refuses while the daemon runs", async () => {
    const simulation = await active();
    await expect(simulation.cleanUp()).rejects.toThrow(/clatd runs already, as process 101/);
    expect(simulation.status()?.state).toBe("active");
  });
});
