import { describe, expect, it } from "vitest";
import { Simulation, simulated } from "../../../src/simulation/simulation.js";
import { configOf } from "../plan/facts-of.js";
import { active, onNetwork, story } from "./stage.js";

const echo = { ok: true, text: "echo of hello", by: "clat" };
/** The IPv4 server behind the PREF64. */
const serverInPref64 = "2001:db8:64::c633:6450";

describe("Simulation: packets", () => {
  for (const protocol of ["udp", "tcp", "icmp"] as const) {
    it(`an IPv4 packet of an application (${protocol}) gets its answer back`, async () => {
      const simulation = await active();
      expect(await simulation.application.request({ protocol })).toEqual(echo);
    });
  }

  it("without a CLAT the network is unreachable for IPv4", async () => {
    const simulation = await onNetwork();
    expect(await simulation.application.request({ protocol: "udp" })).toEqual({
      ok: false,
      why: "Network is unreachable",
    });
  });

  it("the host's own IPv6 sockets reach the PREF64 from the shared address beside the CLAT", async () => {
    const simulation = await active();
    const native = { protocol: "udp", to: serverInPref64 } as const;
    expect(await simulation.application.request(native)).toEqual({ ...echo, by: "eth0" });
    expect(await simulation.application.request({ protocol: "udp" })).toEqual(echo);
    expect(await simulation.application.request(native)).toEqual({ ...echo, by: "eth0" });
  });

  it("an address of its own works, and needs the proxy-ND entry", async () => {
    const simulation = await active("clat-v6-addr=derived");
    expect(simulation.status()?.active?.v6).toBe("2001:db8:1:0:5054:c1:a700:1");
    expect(await simulation.application.request({ protocol: "tcp" })).toEqual(echo);
    simulation.outside.removeProxy("eth0", "2001:db8:1:0:5054:c1:a700:1");
    const lost = await simulation.application.request({ protocol: "tcp" });
    expect(lost).toEqual({ ok: false, why: "nobody on eth0 answers for 2001:db8:1:0:5054:c1:a700:1" });
  });

  it("counts them", async () => {
    const simulation = await active();
    await simulation.application.request({ protocol: "udp" });
    expect(simulation.status()?.counters).toEqual({
      v4ToV6: { packets: 1, octets: 33, drops: {} },
      v6ToV4: { packets: 1, octets: 61, drops: {} },
    });
  });

  it("a static PREF64 needs no DNS64", async () => {
    const simulation = new Simulation({
      config: configOf("engine=userspace", "plumbing=classic", "plat-prefix=2001:db8:64::/96"),
    });
    simulation.router.bring(simulated.prefix);
    await simulation.pass(2000);
    simulation.start();
    await simulation.until("active", 200);
    expect(simulation.status()?.active?.origin).toBe("static");
  });
});

describe("Simulation: the network comes and goes", () => {
  it("started before the network: waits, says why, and is active within 2 s of the DNS64 answering", async () => {
    const simulation = new Simulation({ config: configOf("engine=userspace", "plumbing=classic") });
    simulation.start();
    await simulation.until("no-pref64");
    expect(simulation.status()?.text).toMatch(/Network is unreachable/);
    await simulation.pass(60_000);
    simulation.plat.up = false;
    simulation.router.bring(simulated.prefix);
    await simulation.pass(60_000);
    expect(simulation.status()?.text).toMatch(/2001:db8:53::64 did not answer/);
    simulation.plat.up = true;
    await simulation.until("active", 2000);
    expect(await simulation.application.request({ protocol: "udp" })).toEqual(echo);
  });

  it("the prefix is taken away: waits with nothing left; another one: active again within 3 s, without a restart", async () => {
    const simulation = await active();
    simulation.router.take(simulated.prefix);
    await simulation.until("no-route");
    expect(simulation.status()).toMatchObject({
      effects: 0,
      text: expect.stringMatching(/without a global IPv6 address/),
    });
    expect(await simulation.application.request({ protocol: "udp" })).toMatchObject({ why: "Network is unreachable" });
    simulation.router.bring(simulated.otherPrefix);
    await simulation.until("active", 3000);
    expect(simulation.status()?.active?.v6).toBe("2001:db8:2:0:5054:ff:fe00:1");
    expect(await simulation.application.request({ protocol: "udp" })).toEqual(echo);
  });

  it("the uplink goes down and comes back with another prefix: active again within 3 s", async () => {
    const simulation = await active();
    simulation.router.setLink(false);
    await simulation.until("no-route");
    simulation.router.take(simulated.prefix);
    simulation.router.bring(simulated.otherPrefix);
    await simulation.pass(20_000);
    simulation.router.setLink(true);
    await simulation.until("active", 3000);
    expect(await simulation.application.request({ protocol: "udp" })).toEqual(echo);
  });

  it("another address: the TUN, the IPv4 address and the IPv4 route stay, so that open sockets do", async () => {
    const simulation = await active();
    const before = simulation.commands.length;
    simulation.router.bring(simulated.otherPrefix);
    await simulation.pass(2000);
    simulation.router.take(simulated.prefix);
    await simulation.pass(2000);
    expect(simulation.status()?.active?.v6).toBe("2001:db8:2:0:5054:ff:fe00:1");
    expect(simulation.commands.slice(before)).toEqual([
      "ip -6 route add 2001:db8:2:0:5054:ff:fe00:1/128 dev clat table 49575",
      "ip -6 route del 2001:db8:1:0:5054:ff:fe00:1/128 dev clat table 49575",
    ]);
    expect(await simulation.application.request({ protocol: "udp" })).toEqual(echo);
  });

  it("another PREF64: only the translator hears of it", async () => {
    const simulation = await active();
    const before = simulation.commands.length;
    simulation.plat.pref64 = "2001:db8:6464::/96";
    await simulation.pass(300_000);
    expect(simulation.status()?.active?.pref64).toBe("2001:db8:6464::/96");
    expect(simulation.commands.slice(before)).toEqual([]);
    expect(await simulation.application.request({ protocol: "udp" })).toEqual(echo);
  });

  it("the PLAT goes for good: waits for a PREF64", async () => {
    const simulation = await active();
    simulation.plat.pref64 = undefined;
    await simulation.until("no-pref64", 600_000);
    expect(simulation.status()?.text).toMatch(/2001:db8:53::64 answered that there is no AAAA record/);
  });

  it("native IPv4 comes: waits, and packets go that way; it goes: active", async () => {
    const simulation = await active();
    simulation.outside.addAddress({ dev: "eth0", address: "192.0.2.10/24" });
    simulation.outside.addRoute({ family: 4, destination: "default", dev: "eth0", via: "192.0.2.1", table: 254 });
    await simulation.until("native-ipv4", 1000);
    expect(await simulation.application.request({ protocol: "udp" })).toEqual({ ...echo, by: "eth0" });
    simulation.outside.removeRoute({ family: 4, destination: "default", dev: "eth0", via: "192.0.2.1", table: 254 });
    await simulation.until("active", 1000);
    expect(await simulation.application.request({ protocol: "udp" })).toEqual(echo);
  });

  it("v4-defaultroute-replace takes native IPv4 away, and brings it back", async () => {
    const simulation = await onNetwork("v4-defaultroute-replace=yes");
    simulation.outside.addAddress({ dev: "eth0", address: "192.0.2.10/24" });
    simulation.outside.addRoute({ family: 4, destination: "default", dev: "eth0", via: "192.0.2.1", table: 254 });
    const before = await simulation.state();
    simulation.start();
    await simulation.until("active");
    expect(await simulation.application.request({ protocol: "udp" })).toEqual(echo);
    expect(await simulation.stop()).toBe(0);
    expect(await simulation.state()).toEqual(before);
    expect(await simulation.application.request({ protocol: "udp" })).toEqual({ ...echo, by: "eth0" });
  });

  it("v4-defaultroute-replace takes a default route away again that comes back with another source", async () => {
    const simulation = await onNetwork("v4-defaultroute-replace=yes");
    const native = { family: 4, destination: "default", dev: "eth0", via: "192.0.2.1", table: 254 } as const;
    simulation.outside.addAddress({ dev: "eth0", address: "192.0.2.10/24" });
    simulation.outside.addRoute(native);
    simulation.start();
    await simulation.until("active");
    simulation.outside.addAddress({ dev: "eth0", address: "192.0.2.11/24" });
    simulation.outside.addRoute({ ...native, source: "192.0.2.11" });
    await simulation.pass(5000);
    expect(story(simulation).filter((line) => line.includes("error"))).toEqual([]);
    expect(await simulation.application.request({ protocol: "udp" })).toEqual(echo);
    await simulation.stop();
    const back = (await simulation.state()).snapshot.routes.filter(({ via }) => via === native.via);
    expect(back).toMatchObject([{ source: "192.0.2.11" }]);
  });

  it("says each change of state in one line, and nothing else", async () => {
    const simulation = await active();
    simulation.router.take(simulated.prefix);
    await simulation.until("no-route");
    await simulation.pass(600_000);
    simulation.router.bring(simulated.prefix);
    await simulation.until("active");
    await simulation.pass(600_000);
    await simulation.stop();
    expect(story(simulation).filter((line) => line.startsWith("clatd "))).toMatchInlineSnapshot(`
      [
        "clatd is started",
        "clatd active pref64=2001:db8:64::/96 origin=dns64 engine=userspace uplink=eth0 v4=192.0.0.1 v6=2001:db8:1:0:5054:ff:fe00:1 mtu=1500",
        "clatd waiting reason=no-route text="There is no IPv6 route to the PLAT's prefix 2001:db8:64::/96 (eth0 is up, without a global IPv6 address); the CLAT comes up as soon as there is a way to the PLAT"",
        "clatd waiting reason=no-pref64 text="No PREF64 is known: cannot send to 2001:db8:53::64: Network is unreachable; the host needs IPv6 first (eth0 is up, without a global IPv6 address)"",
        "clatd active pref64=2001:db8:64::/96 origin=dns64 engine=userspace uplink=eth0 v4=192.0.0.1 v6=2001:db8:1:0:5054:ff:fe00:1 mtu=1500",
        "clatd gets SIGTERM",
        "clatd stopping",
        "clatd has ended with 0",
      ]
    `);
  });
});
