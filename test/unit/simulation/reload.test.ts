// The configuration is read anew while the daemon runs: taken whole, or not at all.

import { describe, expect, it } from "vitest";
import { type Loaded, loadConfig } from "../../../src/config/load.js";
import { Simulation, simulated } from "../../../src/simulation/simulation.js";
import { configOf } from "../plan/facts-of.js";
import { story } from "./stage.js";

const static64 = `plat-prefix=${simulated.pref64}`;
const userspace = ["engine=userspace", "plumbing=classic"];
const one = "eam=192.0.2.1,2001:db8:1::a:1";
const two = "eam=192.0.2.2,2001:db8:1::a:2";
const eams = [
  { v4: "192.0.2.1", v6: "2001:db8:1::a:1" },
  { v4: "192.0.2.2", v6: "2001:db8:1::a:2" },
  { v4: "10.6.0.0/16", v6: "2001:db8:c::/112" },
];
const load = (...settings: string[]): Loaded => loadConfig({ arguments: [static64, ...userspace, ...settings] });
const withFile = (text: string, ...settings: string[]): Loaded =>
  loadConfig({ arguments: [static64, ...userspace, ...settings], eamFile: { name: "/etc/clatd.eam", text } });

async function running(...settings: string[]): Promise<Simulation> {
  const simulation = new Simulation({ config: configOf(static64, ...userspace, ...settings), border: eams });
  simulation.router.bring(simulated.prefix);
  simulation.router.route("2001:db8:c::/112");
  await simulation.pass(2000);
  simulation.start();
  await simulation.until("active");
  return simulation;
}

const reaches = async (simulation: Simulation, to: string): Promise<boolean> =>
  (await simulation.client.request({ protocol: "udp", to })).ok;

describe("Simulation: the configuration is read anew", () => {
  it("a new mapping works, those before it go on, and nothing else is touched", async () => {
    const simulation = await running(one);
    const before = simulation.commands.length;
    simulation.reload(load(one, two));
    await simulation.pass(200);
    expect(await reaches(simulation, "192.0.2.1")).toBe(true);
    expect(await reaches(simulation, "192.0.2.2")).toBe(true);
    expect(simulation.commands.slice(before)).toEqual([
      "ip -6 route add 2001:db8:1::a:2/128 dev clat table 49575",
      "ip -6 rule add pref 1 from all to 2001:db8:1::a:2/128 lookup 49575",
      "ip -6 neighbour add proxy 2001:db8:1::a:2 dev eth0",
      "ip address add 192.0.2.2/32 dev clat",
    ]);
    expect(story(simulation)).toContain("clatd takes the new configuration cause=SIGHUP");
  });

  it("a mapping that is gone works no more, and its plumbing goes last", async () => {
    const simulation = await running(one, two);
    simulation.reload(load(one));
    await simulation.pass(200);
    expect(await reaches(simulation, "192.0.2.1")).toBe(true);
    expect(await reaches(simulation, "192.0.2.2")).toBe(false);
  });

  it.each<[string, Loaded, RegExp]>([
    [
      "a line that is no mapping",
      withFile("192.0.2.1,2001:db8:1::a:1\nhere be dragons\n", "eam-file=/etc/clatd.eam"),
      /Cannot take the configuration anew \(SIGHUP\): \/etc\/clatd.eam:2: error: cannot read mapping .*the one before stays/,
    ],
    ["a mapping twice", load(one, one), /command line: error: cannot use mapping/],
    ["an unknown key", load(one, "eamm=1"), /there is no key "eamm"; did you mean eam\?/],
    ["a key that is settled at the start", load(one, two, "clat-dev=other"), /clat-dev cannot change while clatd runs/],
    ["another engine", load(one, two, "engine=jool"), /: engine cannot change while clatd runs/],
    ["any engine after a named one", load(one, two, "engine=auto"), /: engine cannot change while clatd runs/],
    ["other plumbing, and with it a mapping", load(one, "plumbing=auto"), /: plumbing cannot change while clatd runs/],
    [
      "a file that is gone",
      loadConfig({
        arguments: [static64, "eam-file=/etc/clatd.eam"],
        eamFile: { name: "/etc/clatd.eam", problem: "there is no such file" },
      }),
      /cannot read eam-file/,
    ],
  ])("%s: the one before stays whole, and status says why", async (_what, loaded, text) => {
    const simulation = await running(one, two);
    const before = await simulation.state();
    simulation.reload(loaded);
    await simulation.pass(2000);
    expect(await simulation.state()).toEqual(before);
    expect(await reaches(simulation, "192.0.2.2")).toBe(true);
    expect(simulation.status()).toMatchObject({
      state: "active",
      reloads: { taken: 0, refused: 1 },
      lastError: { text: expect.stringMatching(text), hint: expect.stringMatching(/^(Mend|Restart) /) },
    });
    expect(story(simulation).filter((line) => line.startsWith("clatd error"))).toHaveLength(1);
  });

  it("engine=auto that stays so is taken, and the engine that was chosen goes on", async () => {
    const simulation = new Simulation({ config: configOf(static64, one), border: eams });
    simulation.router.bring(simulated.prefix);
    await simulation.pass(2000);
    simulation.start();
    await simulation.until("active");
    const engine = simulation.status()?.active?.engine;
    simulation.reload(loadConfig({ arguments: [static64, "engine=auto", one, two] }));
    // The kernel asks first whether anybody else has the new mapping's address.
    await simulation.pass(2000);
    expect(simulation.status()).toMatchObject({ reloads: { taken: 1, refused: 0 }, active: { engine } });
    expect(await reaches(simulation, "192.0.2.2")).toBe(true);
  });

  it("after a wrong one a right one is taken, and the error is forgotten", async () => {
    const simulation = await running(one);
    simulation.reload(load(one, one));
    await simulation.pass(200);
    simulation.reload(load(one, two), "/etc/clatd.eam changed");
    await simulation.pass(200);
    expect(simulation.status()).not.toHaveProperty("lastError");
    expect(await reaches(simulation, "192.0.2.2")).toBe(true);
  });

  it("what clatd can only see together with the host is judged before anything is touched", async () => {
    const simulation = await running("clat-v6-addr=derived");
    const derived = simulation.status()?.active?.v6 ?? "";
    const before = await simulation.state();
    simulation.reload(load("clat-v6-addr=derived", `eam=192.0.2.1,${derived}`));
    await simulation.pass(2000);
    expect(await simulation.state()).toEqual(before);
    expect(simulation.status()?.lastError?.text).toMatch(/each prefix may stand in one mapping only/);
  });

  it("all mistakes of a file are told, a line each", async () => {
    const simulation = await running(one);
    simulation.reload(withFile("a\nb\nc\n", "eam-file=/etc/clatd.eam"));
    await simulation.pass(200);
    const errors = story(simulation).filter((line) => line.startsWith("clatd error"));
    expect(errors).toHaveLength(3);
    expect(errors[2]).toMatch(/\/etc\/clatd.eam:3/);
  });

  it("warnings of the new one are told", async () => {
    const simulation = await running(one);
    simulation.reload(load(one, "eam=192.0.2.0/24,2001:db8:d::/120"));
    await simulation.pass(200);
    expect(story(simulation).join("\n")).toMatch(/clatd warning: .*overlaps/);
  });

  it("another plat-prefix: the translator hears of it, and packets go on until it does", async () => {
    const simulation = await running(one);
    const before = simulation.commands.length;
    simulation.reload(loadConfig({ arguments: [...userspace, "plat-prefix=2001:db8:6464::/96", one] }));
    await simulation.pass(500);
    expect(simulation.status()?.active?.pref64).toBe("2001:db8:6464::/96");
    expect(simulation.commands.slice(before)).toEqual([]);
    expect(await simulation.stop()).toBe(0);
  });

  it("a failure is forgotten with a new configuration", async () => {
    const simulation = await running(one);
    simulation.outside.addAddress({ dev: "lo", address: "192.0.2.2/32" });
    simulation.outside.addRoute({ family: 4, destination: "default", dev: "eth0", table: 254, metric: 7 });
    await simulation.until("native-ipv4");
    simulation.reload(load(one, "v4-conncheck-enable=no", "v4-defaultroute-metric=7"));
    await simulation.until("failed", 500);
    simulation.reload(load(one, "v4-conncheck-enable=no"));
    await simulation.until("active", 500);
  });

  it("the same again changes nothing and says nothing", async () => {
    const simulation = await running(one);
    const lines = story(simulation).length;
    const before = await simulation.state();
    simulation.reload(load(one));
    await simulation.pass(2000);
    expect(await simulation.state()).toEqual(before);
    expect(
      story(simulation)
        .slice(lines)
        .filter((line) => !/told|the same/.test(line)),
    ).toEqual([]);
  });

  it("the next start takes the new one", async () => {
    const simulation = await running(one);
    simulation.reload(load(one, two));
    await simulation.pass(200);
    simulation.kill();
    simulation.start();
    await simulation.until("active");
    expect(await reaches(simulation, "192.0.2.2")).toBe(true);
  });

  it("scripts that run after it are the new one's", async () => {
    const lines: string[] = [];
    const simulation = new Simulation({
      config: configOf(static64, ...userspace, one, "script-down=old"),
      border: eams,
      parts: (parts) => ({
        ...parts,
        runScript: async (line) => {
          lines.push(line);
        },
      }),
    });
    simulation.router.bring(simulated.prefix);
    await simulation.pass(2000);
    simulation.start();
    await simulation.until("active");
    simulation.reload(load(one, "script-down=new"));
    await simulation.pass(200);
    await simulation.stop();
    expect(lines).toEqual(["new"]);
  });
});

describe("Simulation: ten thousand mappings", () => {
  const table = (count: number): string =>
    Array.from({ length: count }, (_, n) => `10.6.${n >> 8}.${n & 255},2001:db8:c::${n.toString(16)}`).join("\n");
  const settings = ["eam-file=/etc/clatd.eam", "proxynd-enable=no"];

  it("are read anew under traffic, and no packet is lost", async () => {
    const simulation = await running(one, "proxynd-enable=no");
    simulation.router.route("2001:db8:1::a:0/112");
    let lost = 0;
    let calls = 0;
    const call = async (): Promise<void> => {
      calls++;
      if (!(await reaches(simulation, "192.0.2.1"))) lost++;
    };
    await call();
    for (const count of [10_000, 9_999, 10_000, 5]) {
      simulation.reload(withFile(table(count), one, ...settings), "/etc/clatd.eam changed");
      const done = (): boolean => simulation.status()?.active?.relay?.mappings === count + 1;
      const until = simulation.clock.now() + 5000;
      while (!done() && simulation.clock.now() < until) {
        await call();
        await simulation.pass(10);
      }
      expect(done()).toBe(true);
      expect(await reaches(simulation, "10.6.0.4")).toBe(true);
    }
    expect(await reaches(simulation, "10.6.39.15")).toBe(false);
    expect(calls).toBeGreaterThan(8);
    expect(lost).toBe(0);
    expect(simulation.status()?.effects).toBeLessThan(60);
    expect(await simulation.stop()).toBe(0);
  });
});
