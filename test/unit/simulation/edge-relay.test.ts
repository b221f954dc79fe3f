// RFC 7756 in the simulation: a client on the IPv4 internet, a Border Relay (our own translator), the host as Edge Relay.

import { describe, expect, it } from "vitest";
import { Simulation, simulated } from "../../../src/simulation/simulation.js";
import { configOf } from "../plan/facts-of.js";
import { story } from "./stage.js";

/** The service address 192.0.2.1 and its neighbour, in the uplink's own prefix. */
const eams = [
  { v4: "192.0.2.1", v6: "2001:db8:1::a:1" },
  { v4: "192.0.2.2", v6: "2001:db8:1::a:2" },
  { v4: "192.0.2.24/29", v6: "2001:db8:1::b:18/125" },
  { v4: "198.51.100.16/28", v6: "2001:db8:c::/124" },
];
const asKeys = eams.map(({ v4, v6 }) => `eam=${v4},${v6}`);
const static64 = `plat-prefix=${simulated.pref64}`;

describe.each(["userspace", "ebpf"] as const)("engine=%s", (engine) => {
  async function prepared(settings: readonly string[]): Promise<Simulation> {
    const simulation = new Simulation({ config: configOf(static64, `engine=${engine}`, ...settings), border: eams });
    simulation.router.bring(simulated.prefix);
    await simulation.pass(2000);
    return simulation;
  }

  async function relaying(...settings: string[]): Promise<Simulation> {
    const simulation = await prepared(settings);
    simulation.start();
    await simulation.until("active");
    return simulation;
  }

  const says = (to: string, who = "this host") => ({
    ok: true,
    text: `${who} sees 203.0.113.50 call ${to}: hello`,
    by: "internet",
  });

  describe("Simulation: a node-based Edge Relay (RFC 7756 §3.1)", () => {
    for (const protocol of ["udp", "tcp", "icmp"] as const) {
      it(`a program on the service address sees the client's own address (${protocol})`, async () => {
        const { client } = await relaying("clat-v4-addr=192.0.2.1", "clat-v6-addr=2001:db8:1::a:1");
        expect(await client.request({ protocol, to: "192.0.2.1" })).toEqual(says("192.0.2.1"));
      });
    }

    it("a program calls the internet from the service address", async () => {
      const { application } = await relaying(...asKeys);
      expect(await application.request({ protocol: "tcp" })).toEqual({ ok: true, text: "echo of hello", by: "clat" });
    });

    it("every mapping is a service address; a prefix is as many", async () => {
      const simulation = await relaying(...asKeys);
      simulation.router.route("2001:db8:c::/124");
      for (const to of ["192.0.2.1", "192.0.2.2", "192.0.2.24", "192.0.2.31", "198.51.100.16", "198.51.100.31"]) {
        expect(await simulation.client.request({ protocol: "tcp", to })).toEqual(says(to));
      }
    });

    it("an address that no mapping has here is not reached", async () => {
      const { client } = await relaying(asKeys[0] ?? "");
      expect(await client.request({ protocol: "udp", to: "192.0.2.2" })).toMatchObject({
        why: "nobody on eth0 answers for 2001:db8:1::a:2",
      });
    });

    it("a prefix off the link has to be routed here by the network", async () => {
      const simulation = await relaying(...asKeys, "proxynd-enable=no");
      expect(await simulation.client.request({ protocol: "udp", to: "198.51.100.20" })).toMatchObject({
        why: "the router does not carry packets to 2001:db8:c::4",
      });
      simulation.router.route("2001:db8:c::/124");
      expect(await simulation.client.request({ protocol: "udp", to: "198.51.100.20" })).toMatchObject({ ok: true });
    });

    it("mappings of other relays are no addresses of this one (§5.2)", async () => {
      const { client, kernel } = await relaying(...asKeys, "eam-local=192.0.2.1");
      expect(await client.request({ protocol: "udp", to: "192.0.2.1" })).toEqual(says("192.0.2.1"));
      expect(await client.request({ protocol: "udp", to: "192.0.2.2" })).toMatchObject({ ok: false });
      const answered = kernel.netns("").addresses.filter(({ deprecated }) => deprecated);
      expect(answered.map(({ address }) => address)).toEqual(["2001:db8:1::a:1"]);
    });

    it("forged sources are dropped and counted (§6)", async () => {
      const simulation = await relaying("clat-v4-addr=192.0.2.1", "clat-v6-addr=2001:db8:1::a:1");
      const forged = { protocol: "udp", to: "192.0.2.1", from: "192.0.2.1" } as const;
      expect(await simulation.client.request(forged)).toMatchObject({ why: "nothing came back out of clat" });
      expect(simulation.status()?.counters?.v6ToV4.drops).toEqual({ "spoofed-source": 1 });
    });

    it("stopped in order leaves the host as it was", async () => {
      const simulation = await prepared(asKeys);
      const before = await simulation.state();
      simulation.start();
      await simulation.until("active");
      expect(simulation.status()?.active?.relay).toEqual({ mappings: 4, behind: [] });
      expect(await simulation.stop()).toBe(0);
      expect(await simulation.state()).toEqual(before);
    });

    it("killed at any point, then clatd cleanup: the host is as it was", async () => {
      const whole = await prepared(asKeys);
      whole.start();
      await whole.until("active");
      const calls = whole.calls;
      expect(calls).toBeGreaterThan(40);
      for (let killAt = 1; killAt <= calls; killAt++) {
        const simulation = await prepared(asKeys);
        const before = await simulation.state();
        simulation.start({ killAt });
        await simulation.waitFor(
          "active, or its end",
          () => simulation.dead || simulation.status()?.state === "active",
        );
        expect(simulation.dead, `call ${killAt}`).toBe(true);
        expect((await simulation.cleanUp())?.stuck).toEqual([]);
        expect(await simulation.state(), `call ${killAt}`).toEqual(before);
      }
    });
  });

  describe("Simulation: a network-based Edge Relay (RFC 7756 §3.2)", () => {
    const settings = [asKeys[2] ?? ""];

    async function withLan(...more: string[]): Promise<Simulation> {
      const simulation = await prepared([...settings, ...more]);
      simulation.outside.addDevice("eth1");
      simulation.outside.setUp("eth1", true);
      simulation.outside.addAddress({ dev: "eth1", address: "192.0.2.25/29" });
      simulation.lan.add("192.0.2.26");
      simulation.lan.add("192.0.2.27");
      return simulation;
    }

    it("nodes on the network behind it are called by their service addresses", async () => {
      const simulation = await withLan();
      simulation.start();
      await simulation.until("active");
      expect(simulation.status()?.active?.relay).toEqual({ mappings: 1, behind: ["eth1"] });
      for (const to of ["192.0.2.26", "192.0.2.27"]) {
        expect(await simulation.client.request({ protocol: "tcp", to })).toEqual(says(to, "a node"));
      }
      expect(await simulation.client.request({ protocol: "tcp", to: "192.0.2.28" })).toMatchObject({
        why: "nobody on eth1 answers",
      });
      expect(await simulation.client.request({ protocol: "icmp", to: "192.0.2.25" })).toEqual(says("192.0.2.25"));
    });

    it("stopped in order leaves the host as it was, forwarding too", async () => {
      const simulation = await withLan();
      // Until duplicate address detection is over there.
      await simulation.pass(2000);
      const before = await simulation.state();
      simulation.start();
      await simulation.until("active");
      expect(simulation.kernel.netns("").sysctls.get("net.ipv4.conf.eth1.forwarding")).toBe("1");
      expect(simulation.kernel.netns("").sysctls.get("net.ipv4.ip_forward")).toBe("0");
      expect(await simulation.stop()).toBe(0);
      expect(await simulation.state()).toEqual(before);
    });

    it("the network's device comes after clatd: the addresses move there", async () => {
      const simulation = await relaying(...settings);
      expect(await simulation.client.request({ protocol: "tcp", to: "192.0.2.26" })).toEqual(says("192.0.2.26"));
      simulation.outside.addDevice("eth1");
      simulation.outside.setUp("eth1", true);
      simulation.outside.addAddress({ dev: "eth1", address: "192.0.2.25/29" });
      simulation.lan.add("192.0.2.26");
      await simulation.pass(1000);
      expect(await simulation.client.request({ protocol: "tcp", to: "192.0.2.26" })).toEqual(
        says("192.0.2.26", "a node"),
      );
      expect(await simulation.stop()).toBe(0);
    });

    it("relay=network before that device is there: says what is missing, and no packet goes round in circles", async () => {
      const simulation = await relaying(...settings, "relay=network");
      expect(story(simulation).join("\n")).toMatch(/clatd warning: relay=network, but there is no IPv4 route/);
      expect(await simulation.client.request({ protocol: "udp", to: "192.0.2.26" })).toMatchObject({ ok: false });
    });
  });
});
