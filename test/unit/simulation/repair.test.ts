// Somebody deletes what is ours: it comes back.

import { describe, expect, it } from "vitest";
import type { Simulation } from "../../../src/simulation/simulation.js";
import { active, story } from "./stage.js";

const clatV6 = "2001:db8:1:0:5054:ff:fe00:1";

const deeds: readonly (readonly [string, (simulation: Simulation) => void, RegExp, (readonly string[])?])[] = [
  ["the TUN", ({ outside }) => outside.removeDevice("clat"), /what="link \\"clat\\""/],
  [
    "the IPv4 address",
    ({ outside }) => outside.removeAddress("clat", "192.0.0.1/32"),
    /what="address \\"192.0.0.1\/32/,
  ],
  [
    "the IPv4 default route",
    ({ outside }) => outside.removeRoute({ family: 4, destination: "default", dev: "clat", table: 254, metric: 2048 }),
    /what="route \\"default dev clat/,
  ],
  [
    "the route to the CLAT",
    ({ outside }) => outside.removeRoute({ family: 6, destination: `${clatV6}/128`, dev: "clat", table: 0xc1a7 }),
    /what="route \\"2001:db8:1:0:5054:ff:fe00:1\/128 dev clat/,
  ],
  [
    "the rule",
    ({ outside }) => outside.removeRule({ family: 6, priority: 1, fwmark: 0xc1a7, table: 0xc1a7 }),
    /what="rule \\".*fwmark 0xc1a7/,
  ],
  ["the nft table", ({ outside }) => outside.removeNft("ip6", "clatd-clat"), /what="nft table/],
  [
    "forwarding",
    ({ outside }) => outside.setSysctl("net.ipv6.conf.all.forwarding", "0"),
    /net.ipv6.conf.all.forwarding=1/,
  ],
  ["the TUN's being up", ({ outside }) => outside.setUp("clat", false), /what="link \\"clat\\""/],
  [
    "the proxy-ND entry",
    ({ outside }) => outside.removeProxy("eth0", "2001:db8:1:0:5054:c1:a700:1"),
    /what="proxy neighbour/,
    ["clat-v6-addr=derived"],
  ],
];

describe("Simulation: somebody takes away", () => {
  for (const [what, deed, told, settings = []] of deeds) {
    it(`${what}: it comes back, is told once, and all works`, async () => {
      const simulation = await active(...settings);
      const before = await simulation.state();
      deed(simulation);
      expect(await simulation.state()).not.toEqual(before);
      await simulation.pass(1000);
      const { journal: _later, ...now } = await simulation.state();
      const { journal: _earlier, ...then } = before;
      expect(now).toEqual(then);
      expect(await simulation.application.request({ protocol: "udp" })).toMatchObject({ ok: true });
      const repairs = story(simulation).filter((line) => line.startsWith("clatd warning"));
      expect(repairs).toEqual([expect.stringMatching(told)]);
      expect(await simulation.stop()).toBe(0);
    });
  }

  it("a sysctl without notification: it comes back within the time of the slow look", async () => {
    const simulation = await active();
    await simulation.pass(1000);
    // Past the model's notification, which the kernel would not give.
    simulation.kernel.netns("").sysctls.set("net.ipv6.conf.all.forwarding", "0");
    await simulation.pass(29_000);
    expect(await simulation.application.request({ protocol: "udp" })).toMatchObject({ why: /does not forward/ });
    await simulation.pass(2000);
    expect(await simulation.application.request({ protocol: "udp" })).toMatchObject({ ok: true });
  });

  it("a route of somebody else's in our place: waits, says who is in the way, and takes it when it is free", async () => {
    const simulation = await active("v4-conncheck-enable=no");
    const ours = { family: 4, destination: "default", dev: "clat", table: 254, metric: 2048 } as const;
    const theirs = { ...ours, dev: "eth0" };
    simulation.outside.removeRoute(ours);
    simulation.outside.addRoute(theirs);
    await simulation.until("failed");
    expect(simulation.status()?.text).toMatch(/Cannot add route "default dev clat metric 2048/);
    expect(simulation.status()?.lastError?.hint).toMatch(/v4-defaultroute-metric/);
    simulation.outside.removeRoute(theirs);
    await simulation.until("active", 5000);
  });

  it("over and over, as soon as it is back: clatd slows down instead of fighting", async () => {
    const simulation = await active();
    const ns = simulation.kernel.netns("");
    const stop = simulation.kernel.listen(ns, () => {
      if (ns.nft.has("ip6 clatd-clat")) simulation.outside.removeNft("ip6", "clatd-clat");
    });
    simulation.outside.removeNft("ip6", "clatd-clat");
    await simulation.pass(60_000);
    const repairs = story(simulation).filter((line) => line.startsWith("clatd warning: Putting back"));
    expect(repairs.length).toBeGreaterThan(8);
    expect(repairs.length).toBeLessThan(20);
    stop();
    await simulation.pass(11_000);
    expect(await simulation.application.request({ protocol: "udp" })).toMatchObject({ ok: true });
  });
});

describe("Simulation: devices come and go", () => {
  it("a new device hears Router Advertisements although the host forwards, and is as it was at the end", async () => {
    const simulation = await active();
    const value = () => simulation.kernel.netns("").sysctls.get("net.ipv6.conf.eth1.accept_ra");
    simulation.outside.addDevice("eth1");
    await simulation.pass(200);
    expect(value()).toBe("2");
    expect(await simulation.stop()).toBe(0);
    expect(value()).toBe("1");
  });

  it("a device that goes takes its settings along, and nothing is told or stuck", async () => {
    const simulation = await active();
    simulation.outside.addDevice("eth1");
    await simulation.pass(200);
    const effects = simulation.status()?.effects ?? 0;
    simulation.outside.removeDevice("eth1");
    await simulation.pass(200);
    expect(simulation.status()?.effects).toBe(effects - 1);
    expect(story(simulation).filter((line) => line.includes("warning"))).toEqual([]);
  });

  it("the uplink itself goes: waits, all else is as it was; a new one comes: active", async () => {
    const simulation = await active();
    simulation.outside.removeDevice("eth0");
    await simulation.until("no-route");
    expect(simulation.status()).toMatchObject({
      effects: 0,
      text: expect.stringMatching(/the host has no network device/),
    });
    expect(simulation.kernel.netns("").sysctls.get("net.ipv6.conf.all.forwarding")).toBe("0");
    simulation.outside.addDevice("eth0", { mac: "52:54:00:00:00:01" });
    simulation.router.setLink(true);
    await simulation.until("active", 3000);
    expect(await simulation.application.request({ protocol: "udp" })).toMatchObject({ ok: true });
  });

  it("the uplink's MTU shrinks: the IPv4 route and the translator follow", async () => {
    const simulation = await active();
    simulation.router.bring("2001:db8:1::/64", 1280);
    await simulation.pass(31_000);
    expect(simulation.status()?.active?.mtu).toEqual({ v4: 1260, v6: 1280 });
    expect((await simulation.state()).snapshot.routes).toContainEqual(
      expect.objectContaining({ destination: "default", dev: "clat", mtu: 1260, advmss: 1220 }),
    );
    expect(await simulation.application.request({ protocol: "udp" })).toMatchObject({ ok: true });
    expect(await simulation.stop()).toBe(0);
  });
});
