// An engine that is a program of others, on the model kernel: its death, and its configuration's change.

import { describe, expect, it } from "vitest";
import { taygaEngine } from "../../../src/engine/tayga/plan.js";
import { Simulation, simulated } from "../../../src/simulation/simulation.js";
import { configOf } from "../plan/facts-of.js";
import { story } from "../simulation/stage.js";

const process = "tayga clat";

async function active(): Promise<Simulation> {
  const simulation = new Simulation({
    config: configOf("engine=tayga"),
    parts: (given) => ({
      ...given,
      engines: { wanted: "tayga", engines: [taygaEngine({ command: "tayga", dir: "/run/clatd" })] },
    }),
  });
  simulation.router.bring(simulated.prefix);
  await simulation.pass(2000);
  simulation.start();
  await simulation.until("active");
  return simulation;
}

describe("Reconciler: the engine's process", () => {
  it("ends by itself: everything is reverted, it is counted, and there is another attempt", async () => {
    const simulation = await active();
    simulation.endProcess(process, "signal SIGKILL");
    await simulation.until("failed");
    expect(simulation.status()).toMatchObject({
      text: 'The process "tayga clat" has ended: signal SIGKILL',
      restarts: 1,
      effects: 0,
    });
    await simulation.until("active", 2000);
    expect(simulation.status()).toMatchObject({ restarts: 1, active: { engine: { name: "tayga" } } });
    expect(await simulation.stop()).toBe(0);
  });

  it("ends over and over: the attempts come at growing distances, and it stays the engine", async () => {
    const simulation = await active();
    for (let round = 0; round < 4; round++) {
      await simulation.until("active", 20_000);
      simulation.endProcess(process, "exit code 1");
      await simulation.until("failed");
    }
    const waits = story(simulation).flatMap((line) => /again=(\d+s)/.exec(line)?.[1] ?? []);
    expect(waits).toEqual(["1s", "2s", "4s", "8s"]);
    expect(simulation.status()?.restarts).toBe(4);
  });

  it("is begun again when its configuration is another, without a failure", async () => {
    const simulation = await active();
    simulation.plat.pref64 = "64:ff9b::/96";
    const starts = (): number => simulation.commands.filter((line) => line.startsWith("tayga ")).length;
    await simulation.waitFor("TAYGA to be begun again", () => starts() === 2, 600_000);
    await simulation.until("active");
    expect(simulation.status()).toMatchObject({ restarts: 0, active: { pref64: "64:ff9b::/96" } });
    expect(simulation.status()?.lastError).toBeUndefined();
  });

  it("gives IPv4 a route of 1260 octets", async () => {
    const simulation = await active();
    expect(simulation.status()?.active?.mtu.v4).toBe(1260);
    expect(simulation.commands.join("\n")).toMatch(/ip route add default dev clat .*mtu 1260 advmss 1220/);
  });
});
