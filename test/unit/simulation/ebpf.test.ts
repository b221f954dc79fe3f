// The engine ebpf in the simulation: nothing of the host is changed, and nothing is left of a daemon that was killed.

import { describe, expect, it } from "vitest";
import { snapshotDifference } from "../../../lab/checks/snapshot-difference.js";
import { Simulation, simulated } from "../../../src/simulation/simulation.js";
import { configOf } from "../plan/facts-of.js";
import { active, onNetwork, story } from "./stage.js";

const ebpf = "engine=ebpf";
const derived = "2001:db8:1:0:5054:c1:a700:1";

const addressesOf = ({ kernel }: Simulation): string[] =>
  kernel.netns("").addresses.flatMap(({ dev, address, deprecated }) => (deprecated ? [`${dev} ${address}`] : []));
const programsOf = ({ kernel }: Simulation): string[] =>
  kernel.netns("").programs.map(({ program, dev, hook }) => `${program} ${dev} ${hook}`);

describe("Simulation: the engine ebpf", () => {
  it.each([
    ["shared", []],
    ["derived", ["clat-v6-addr=derived"]],
    ["given", ["clat-v6-addr=2001:db8:1::c1a7"]],
  ])("with a %s address adds its device, IPv4, and at most one deprecated IPv6 address", async (how, settings) => {
    const simulation = await onNetwork(ebpf, ...settings);
    const before = await simulation.state();
    simulation.start();
    await simulation.until("active");
    const difference = snapshotDifference(before.snapshot, (await simulation.state()).snapshot);
    const own = difference.filter((line) => line.startsWith("+") && line.includes('"eth0"'));
    expect(difference.filter((line) => !line.includes("clat") && !own.includes(line))).toEqual([]);
    expect(addressesOf(simulation)).toHaveLength(how === "shared" ? 0 : 1);
    // The address, and the local route to it that the kernel makes.
    expect(own).toHaveLength(how === "shared" ? 0 : 2);
    for (const protocol of ["udp", "tcp", "icmp"] as const) {
      expect(await simulation.application.request({ protocol })).toMatchObject({ ok: true });
    }
    expect(await simulation.stop()).toBe(0);
    expect(await simulation.state()).toEqual(before);
  });

  it("SIGKILL leaves nothing but the address, and that until its lifetime ends", async () => {
    const simulation = await onNetwork(ebpf, "clat-v6-addr=derived");
    const before = await simulation.state();
    simulation.start();
    await simulation.until("active");
    simulation.kill();
    expect((await simulation.state()).programs).toEqual([]);
    expect(addressesOf(simulation)).toEqual([`eth0 ${derived}`]);
    await simulation.pass(61_000);
    expect({ ...(await simulation.state()), journal: undefined }).toEqual(before);
  });

  it("where programs are filters in clsact, SIGKILL leaves them for the next start or clatd cleanup", async () => {
    const simulation = await onNetwork(ebpf);
    simulation.kernel.bpf = { attach: "clsact" };
    const before = await simulation.state();
    simulation.start();
    await simulation.until("active");
    simulation.kill();
    expect(programsOf(simulation)).toEqual(["uplink_ingress eth0 ingress", "uplink_egress eth0 egress"]);
    expect((await simulation.cleanUp())?.stuck).toEqual([]);
    expect(await simulation.state()).toEqual(before);
  });

  it("renews the address long before its end, and says nothing", async () => {
    const simulation = await active(ebpf, "clat-v6-addr=derived");
    const said = story(simulation).length;
    const effects = simulation.commands.length;
    await simulation.pass(600_000);
    expect(addressesOf(simulation)).toEqual([`eth0 ${derived}`]);
    expect(await simulation.application.request({ protocol: "udp" })).toMatchObject({ ok: true });
    expect(simulation.commands.length).toBe(effects);
    expect(
      story(simulation)
        .slice(said)
        .filter((line) => line.startsWith("clatd")),
    ).toEqual([]);
  });

  it("is active when nobody else has the address, not before (RFC 4862 §5.4)", async () => {
    const simulation = await onNetwork(ebpf, "clat-v6-addr=derived");
    simulation.start();
    await simulation.until("no-clat-address");
    expect(simulation.status()?.text).toBe(`Asking on eth0 whether anybody else has the CLAT's address ${derived}`);
    await simulation.until("active", 2000);
  });

  it("says so where another host has it, and is active when that one has gone", async () => {
    const simulation = await onNetwork(ebpf, "clat-v6-addr=derived");
    simulation.start();
    for (let round = 0; round < 3; round++) {
      await simulation.waitFor("asking", () => addressesOf(simulation).length === 1);
      simulation.outside.failDad("eth0", derived);
      await simulation.pass(500);
    }
    expect(simulation.status()).toMatchObject({
      reason: "no-clat-address",
      text: `Another host on eth0 has the CLAT's address ${derived}; set clat-v6-addr to another one`,
    });
    await simulation.until("active", 15_000);
  });

  it("does not take its own address for one of the host's", async () => {
    const simulation = await active(ebpf, "eam=192.0.2.1,2001:db8:1::a:1");
    await simulation.pass(40_000);
    expect(simulation.status()?.active?.v6).toBe("2001:db8:1::a:1");
    expect(story(simulation).filter((line) => line.includes("keeps its packets from the relay"))).toEqual([]);
    // The prefix goes, and our address is the only one that the kernel could still choose.
    simulation.router.take(simulated.prefix);
    await simulation.pass(1000);
    expect(simulation.status()?.state).toBe("waiting");
  });

  it("a program that somebody takes off comes back, and is told once", async () => {
    const simulation = await active(ebpf);
    const ns = simulation.kernel.netns("");
    ns.programs = ns.programs.filter(({ program }) => program !== "uplink_ingress");
    simulation.kernel.tell(ns, "link");
    await simulation.pass(1000);
    expect(programsOf(simulation)).toContain("uplink_ingress eth0 ingress");
    expect(story(simulation).filter((line) => line.startsWith("clatd warning"))).toEqual([
      expect.stringMatching(/what="BPF program \\"uplink_ingress on ingress of eth0\\""/),
    ]);
    expect(await simulation.application.request({ protocol: "udp" })).toMatchObject({ ok: true });
  });

  it("another way in gets its program, and loses it, without a new device", async () => {
    const simulation = await active(ebpf);
    const { outside, kernel } = simulation;
    outside.addDevice("eth1");
    outside.setUp("eth1", true);
    const second = {
      family: 6,
      destination: "default",
      dev: "eth1",
      via: "fe80::9",
      table: 254,
      metric: 2048,
    } as const;
    outside.addRoute(second);
    await simulation.pass(200);
    expect(programsOf(simulation)).toContain("uplink_ingress eth1 ingress");
    const made = (): number => simulation.commands.filter((line) => line.includes("tuntap add")).length;
    expect(made()).toBe(1);
    outside.removeRoute(second);
    await simulation.pass(200);
    expect(programsOf(simulation)).not.toContain("uplink_ingress eth1 ingress");
    expect(kernel.netns("").links.has("clat")).toBe(true);
    expect(made()).toBe(1);
    expect(simulation.status()?.state).toBe("active");
  });

  it("a smaller MTU and another PREF64 reach it without a new device", async () => {
    const simulation = await active(ebpf);
    simulation.router.bring(simulated.prefix, 1280);
    await simulation.pass(31_000);
    expect(simulation.status()?.active?.mtu).toEqual({ v4: 1260, v6: 1280 });
    simulation.plat.pref64 = "2001:db8:6464::/96";
    await simulation.pass(400_000);
    expect(simulation.status()?.active?.pref64).toBe("2001:db8:6464::/96");
    expect(await simulation.application.request({ protocol: "udp" })).toMatchObject({ ok: true });
    expect(simulation.commands.filter((line) => line.includes("tuntap add"))).toHaveLength(1);
  });
});

describe("Simulation: the choice of an engine", () => {
  const refusal = "the kernel's verifier refuses clat_egress";
  const log = "0: R1=ctx()\n7: (71) r2 = *(u8 *)(r1 +0)\ninvalid access to packet\nprocessed 8 insns";

  async function started(settings: readonly string[], change: (simulation: Simulation) => void): Promise<Simulation> {
    const simulation = new Simulation({ config: configOf(...settings) });
    simulation.router.bring(simulated.prefix);
    await simulation.pass(2000);
    change(simulation);
    simulation.start();
    return simulation;
  }

  it("takes ebpf where the kernel loads it", async () => {
    const simulation = await started([], () => {});
    await simulation.until("active");
    expect(simulation.status()?.active?.engine).toEqual({ name: "ebpf", why: "the best that this host can run" });
  });

  it("takes userspace where the kernel refuses, says why, and shows what the verifier said", async () => {
    const simulation = await started([], ({ kernel }) => {
      kernel.bpf = { attach: "refused", why: refusal, log };
    });
    await simulation.until("active");
    const { name, why } = simulation.status()?.active?.engine ?? {};
    expect(name).toBe("userspace");
    expect(why).toMatch(
      /^the best that this host can run, with classic plumbing; not ebpf, userspace led by BPF: .*verifier refuses.*invalid access to packet/,
    );
    expect(story(simulation)).toContain("clatd ebpf: 7: (71) r2 = *(u8 *)(r1 +0)");
    expect(await simulation.application.request({ protocol: "udp" })).toMatchObject({ ok: true });
  });

  it("leads packets past the host's forwarding, unless plumbing=classic", async () => {
    const led = await onNetwork("engine=userspace", "plumbing=auto");
    led.start();
    await led.until("active");
    expect(led.status()?.active?.engine).toEqual({ name: "userspace", why: "as engine= says, led by BPF" });
    expect(programsOf(led)).not.toEqual([]);
    expect(led.commands.filter((line) => /ip (-6 )?rule|forwarding|nft/.test(line))).toEqual([]);
    expect(await led.application.request({ protocol: "udp" })).toMatchObject({ ok: true });

    const classic = await onNetwork("engine=userspace", "plumbing=classic");
    classic.start();
    await classic.until("active");
    expect(programsOf(classic)).toEqual([]);
    expect(classic.commands.filter((line) => /forwarding/.test(line))).not.toEqual([]);
    expect(await classic.application.request({ protocol: "udp" })).toMatchObject({ ok: true });
  });

  it("with engine=ebpf no other one takes over: there are attempts at growing distances", async () => {
    const simulation = await started([ebpf], ({ kernel }) => {
      kernel.bpf = { attach: "refused", why: refusal, log };
    });
    await simulation.until("failed");
    expect(simulation.status()).toMatchObject({
      text: expect.stringMatching(/^Cannot translate with engine=ebpf: .*verifier refuses/),
      effects: 0,
    });
    simulation.kernel.bpf = { attach: "tcx" };
    await simulation.until("active", 2000);
  });

  it("an effect of it that fails hands over to the next at once, and nothing of it stays", async () => {
    const simulation = await onNetwork("engine=auto", "plumbing=classic");
    simulation.start({ faults: [{ fault: "fail", nth: 1, when: (effect) => effect.do === "bpf.attach" }] });
    await simulation.until("active", 500);
    expect(simulation.status()?.active?.engine).toMatchObject({
      name: "userspace",
      why: expect.stringMatching(/not ebpf: Cannot attach BPF program .*: an injected fault/),
    });
    expect(programsOf(simulation)).toEqual([]);
    expect(story(simulation).filter((line) => line.startsWith("clatd warning"))).toEqual([
      expect.stringMatching(/^clatd warning: The engine ebpf cannot do it, another one takes over: Cannot attach/),
    ]);
  });

  it("so does its translator", async () => {
    const simulation = new Simulation({
      config: configOf(),
      parts: (parts) => ({
        ...parts,
        translators: {
          start: (dev, spec, fastPath) =>
            fastPath === undefined
              ? parts.translators.start(dev, spec)
              : Promise.reject(new Error("Cannot configure the fast path: no memory")),
        },
      }),
    });
    simulation.router.bring(simulated.prefix);
    await simulation.pass(2000);
    simulation.start();
    await simulation.until("active", 1000);
    expect(simulation.status()?.active?.engine.name).toBe("userspace");
    expect(await simulation.application.request({ protocol: "udp" })).toMatchObject({ ok: true });
  });

  it("what is in everybody's way is no engine's fault", async () => {
    const simulation = await onNetwork("engine=auto", "v4-conncheck-enable=no");
    const inTheWay = { family: 4, destination: "default", dev: "eth0", table: 254, metric: 2048 } as const;
    simulation.outside.addRoute(inTheWay);
    simulation.start();
    await simulation.until("failed");
    simulation.outside.removeRoute(inTheWay);
    await simulation.until("active", 5000);
    expect(simulation.status()?.active?.engine.name).toBe("ebpf");
  });

  it("when the last one fails as well, all get another chance", async () => {
    const simulation = await onNetwork("engine=auto");
    simulation.start({
      faults: [1, 2].map((nth) => ({ fault: "fail", nth, when: (effect) => effect.do === "link.set" })),
    });
    await simulation.until("failed");
    await simulation.until("active", 2000);
    expect(simulation.status()?.active?.engine.name).toBe("ebpf");
  });
});
