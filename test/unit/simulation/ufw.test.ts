// A host whose administrator uses UFW: the CLAT's packets are let through, and UFW is as it was when clatd has ended, in
// whatever way.

import { describe, expect, it } from "vitest";
import type { Simulation } from "../../../src/simulation/simulation.js";
import { active, onNetwork } from "./stage.js";

const theirs = { "allow 22/tcp": "" };
const ours = {
  "allow in on clat to 2001:db8:64::/96": "clatd: clat",
  "allow out on clat from 2001:db8:64::/96": "clatd: clat",
};
const rulesOf = (simulation: Simulation) => Object.fromEntries(simulation.kernel.netns("").ufw ?? []);

const withUfw = async (): Promise<Simulation> => {
  const simulation = await onNetwork();
  simulation.outside.setUfw(theirs);
  return simulation;
};

describe("Simulation: UFW", () => {
  it("is given a rule each way for the PREF64 while the CLAT is active", async () => {
    const simulation = await withUfw();
    const before = await simulation.state();
    simulation.start();
    await simulation.until("active");
    expect(rulesOf(simulation)).toEqual({ ...theirs, ...ours });
    expect(await simulation.stop()).toBe(0);
    expect(await simulation.state()).toEqual(before);
  });

  it("that is not active is left alone, and gets its rules when it is switched on", async () => {
    const simulation = await active();
    expect(simulation.commands.filter((line) => line.startsWith("ufw"))).toEqual([]);
    simulation.outside.setUfw(theirs);
    await simulation.pass(1000);
    expect(rulesOf(simulation)).toEqual({ ...theirs, ...ours });
    simulation.outside.setUfw(undefined);
    await simulation.pass(1000);
    expect(simulation.status()?.state).toBe("active");
    expect(simulation.status()?.lastError).toBeUndefined();
  });

  it("hears of another PREF64", async () => {
    const simulation = await withUfw();
    simulation.start();
    await simulation.until("active");
    simulation.plat.pref64 = "2001:db8:6464::/96";
    await simulation.pass(300_000);
    expect(Object.keys(rulesOf(simulation))).toEqual([
      "allow 22/tcp",
      "allow in on clat to 2001:db8:6464::/96",
      "allow out on clat from 2001:db8:6464::/96",
    ]);
  });

  it("is as it was where clatd is killed at any point, and cleaned up", async () => {
    const whole = await withUfw();
    whole.start();
    await whole.until("active");
    const { calls } = whole;
    for (let killAt = 1; killAt <= calls; killAt++) {
      const simulation = await withUfw();
      const before = await simulation.state();
      simulation.start({ killAt });
      await simulation.waitFor("its end", () => simulation.dead);
      await simulation.cleanUp();
      expect(await simulation.state(), `call ${killAt}`).toEqual(before);
    }
  });
});
