// What only the model has: the world outside, faults, the TUN's ends, the clock.

import { describe, expect, it } from "vitest";
import type { Effect } from "../../../src/os/effect.js";
import { FakeOs } from "../../../src/os/fake/fake-os.js";
import { Killed } from "../../../src/os/fake/faults.js";
import { FakeKernel } from "../../../src/os/fake/kernel.js";
import { Outside } from "../../../src/os/fake/outside.js";
import { VirtualClock } from "../../../src/os/fake/virtual-clock.js";

const prefix = "2001:db8:1::/64";

async function host() {
  const clock = new VirtualClock();
  const kernel = new FakeKernel(clock);
  const outside = new Outside(kernel);
  const os = new FakeOs({ kernel });
  outside.addDevice("eth0", { mac: "02:00:00:00:00:01" });
  outside.setUp("lo", true);
  outside.setUp("eth0", true);
  await clock.advance(1000);
  return { clock, kernel, outside, os };
}

describe("Outside", () => {
  it("advertise() gives a SLAAC address after detection, and the default route at once (RFC 4862 §5.5.3)", async () => {
    const { outside, os, clock } = await host();
    outside.advertise({ dev: "eth0", router: "fe80::1", prefixes: [prefix], mtu: 1400 });
    const address = outside.slaacAddress("eth0", prefix);
    expect(address).toBe("2001:db8:1::ff:fe00:1");
    expect((await os.snapshot()).addresses).toContainEqual(expect.objectContaining({ address, tentative: true }));
    expect(await os.routeTo("2001:db8::1")).not.toHaveProperty("source", address);
    await clock.advance(1000);
    expect(await os.routeTo("2001:db8::1")).toEqual({ dev: "eth0", via: "fe80::1", source: address, mtu: 1400 });
    outside.advertise({ dev: "eth0", router: "fe80::1", lifetime: 0 });
    expect(await os.routeTo("2001:db8::1")).toBeUndefined();
  });

  it("the default route of an advertisement goes when forwarding is switched on, unless accept_ra is 2", async () => {
    for (const acceptRa of ["1", "2"]) {
      const { outside, os } = await host();
      outside.advertise({ dev: "eth0", router: "fe80::1", prefixes: [prefix] });
      outside.setSysctl("net.ipv6.conf.eth0.accept_ra", acceptRa);
      outside.setSysctl("net.ipv6.conf.all.forwarding", "1");
      expect((await os.routeTo("2001:db8::1")) !== undefined).toBe(acceptRa === "2");
      outside.advertise({ dev: "eth0", router: "fe80::2" });
      expect((await os.snapshot()).routes.filter(({ protocol }) => protocol === "ra").map(({ via }) => via)).toEqual(
        acceptRa === "2" ? ["fe80::1", "fe80::2"] : [],
      );
    }
  });

  it("a pulled cable takes the carrier, not the addresses", async () => {
    const { outside, os } = await host();
    outside.advertise({ dev: "eth0", router: "fe80::1", prefixes: [prefix] });
    outside.setCarrier("eth0", false);
    const { links, addresses } = await os.snapshot();
    expect(links).toContainEqual(expect.objectContaining({ name: "eth0", up: true, running: false }));
    expect(addresses.filter(({ dev }) => dev === "eth0")).toHaveLength(2);
  });

  it("without a carrier duplicate address detection waits for it", async () => {
    const { outside, os, clock } = await host();
    const tentative = async () =>
      (await os.snapshot()).addresses.find(({ address }) => address === "2001:db8::9")?.tentative;
    outside.setCarrier("eth0", false);
    outside.addAddress({ dev: "eth0", address: "2001:db8::9/64" });
    await clock.advance(5000);
    expect(await tentative()).toBe(true);
    outside.setCarrier("eth0", true);
    await clock.advance(1000);
    expect(await tentative()).toBe(false);
  });

  it("an address that another host has cannot be used", async () => {
    const { outside, os, clock } = await host();
    outside.addAddress({ dev: "eth0", address: "2001:db8::9/64" });
    outside.failDad("eth0", "2001:db8::9");
    await clock.advance(5000);
    expect((await os.snapshot()).addresses).toContainEqual(
      expect.objectContaining({ address: "2001:db8::9", dadFailed: true }),
    );
    expect((await os.routeTo("2001:db8::7"))?.source).not.toBe("2001:db8::9");
  });
});

describe("FakeOs", () => {
  const tun: Effect = { do: "link.add", name: "clat", link: { kind: "tun", offloads: true } };
  const bridge: Effect = { do: "link.add", name: "br0", link: { kind: "bridge" } };

  it("carries packets between the two ends of a TUN", async () => {
    const { os } = await host();
    await os.perform(await os.prepare(tun));
    const port = os.tunPort("clat");
    const end = os.tunHostEnd("clat");
    const seen: unknown[] = [];
    end?.send(Uint8Array.of(0), 4);
    port?.read((packet, family) => seen.push(["read", packet, family]));
    end?.receive((packet, family) => seen.push(["received", packet, family]));
    end?.send(Uint8Array.of(1), 4);
    port?.write(Uint8Array.of(2), 6);
    expect(seen).toEqual([
      ["read", Uint8Array.of(1), 4],
      ["received", Uint8Array.of(2), 6],
    ]);
    expect(os.tunPort("other")).toBeUndefined();
  });

  it("fails the n-th effect that matches, before it is done", async () => {
    const { os } = await host();
    os.faults.arm({ fault: "fail", nth: 2, when: (effect) => effect.do === "link.add" });
    const applied = await os.prepareAll([tun, { do: "link.set", name: "clat", up: true }, bridge]);
    await expect(os.performAll(applied)).rejects.toMatchObject({
      code: "failed",
      done: 2,
      message: 'Cannot add link "br0": an injected fault',
    });
    expect((await os.snapshot()).links.map(({ name }) => name)).toEqual(["clat", "eth0", "lo"]);
  });

  it("kill() drops TUNs and processes, keeps the rest, and answers no more", async () => {
    const { os, kernel } = await host();
    const process: Effect = { do: "process.start", name: "tayga", command: ["tayga"] };
    const file: Effect = { do: "file.write", path: "/run/x", text: "x" };
    await os.performAll(await os.prepareAll([tun, bridge, process, file]));
    const stop = new AbortController();
    const watch = os.watch(stop.signal);
    await watch.next();
    const more = watch.next();
    os.kill();
    await expect(os.snapshot()).rejects.toThrow(Killed);
    await expect(os.prepare(tun)).rejects.toThrow(Killed);
    await expect(os.revert({ effect: bridge, undo: {} })).rejects.toThrow(Killed);
    expect(await more).toMatchObject({ done: true });
    const next = new FakeOs({ kernel });
    expect((await next.snapshot()).links.map(({ name }) => name)).toEqual(["br0", "eth0", "lo"]);
    expect(next.isRunning("tayga")).toBe(false);
    expect(kernel.files.get("/run/x")).toBe("x");
  });

  it("is killed before or after an effect is done", async () => {
    for (const [fault, left] of [
      ["kill-before", false],
      ["kill-after", true],
    ] as const) {
      const { os, kernel } = await host();
      os.faults.arm({ fault, nth: 1 });
      await expect(os.performAll(await os.prepareAll([bridge]))).rejects.toThrow(Killed);
      expect(os.killed).toBe(true);
      const { links } = await new FakeOs({ kernel }).snapshot();
      expect(links.some(({ name }) => name === "br0")).toBe(left);
    }
  });

  it("says what a process said that would not start", async () => {
    const os = new FakeOs({
      startProcess: ({ name }) => {
        throw new Error(`${name} does not like this`);
      },
    });
    await expect(
      os.perform(await os.prepare({ do: "process.start", name: "tayga", command: ["tayga"] })),
    ).rejects.toThrow("tayga does not like this");
  });

  it("keeps a transcript of what was done and undone, as commands", async () => {
    const { os } = await host();
    const applied = await os.prepareAll([bridge, { do: "link.set", name: "br0", up: true }]);
    await os.performAll(applied);
    for (const one of applied.toReversed()) await os.revert(one);
    expect(os.transcript).toEqual([
      "ip link add br0 type bridge",
      "ip link set br0 up",
      "# ip link set br0 back to what it was",
      "ip link del br0",
    ]);
  });

  it("routeOf() goes by source, mark and incoming device", async () => {
    const { os } = await host();
    await os.performAll(
      await os.prepareAll([
        tun,
        { do: "link.set", name: "clat", up: true },
        { do: "route.add", route: { family: 6, destination: "default", dev: "clat", table: 7 } },
        { do: "route.add", route: { family: 6, destination: "default", dev: "eth0", table: 8 } },
        { do: "rule.add", rule: { family: 6, priority: 5, fwmark: 0x10, fwmask: 0xf0, table: 7 } },
        { do: "rule.add", rule: { family: 6, priority: 6, iif: "eth0", from: "2001:db8:5::/48", table: 8 } },
      ]),
    );
    const destination = "2001:db8:99::1";
    expect(os.routeOf({ destination, mark: 0x1f })?.dev).toBe("clat");
    expect(os.routeOf({ destination, mark: 0x2f })).toBeUndefined();
    expect(os.routeOf({ destination, source: "2001:db8:5::1", iif: "eth0" })?.dev).toBe("eth0");
    expect(os.routeOf({ destination, source: "2001:db8:5::1" })).toBeUndefined();
    expect(os.routeOf({ destination, source: "2001:db8:6::1", iif: "eth0" })).toBeUndefined();
  });
});

describe("VirtualClock", () => {
  it("wakes sleepers in the order of their times, also those that fall asleep meanwhile", async () => {
    const clock = new VirtualClock();
    const woken: string[] = [];
    const sleep = async (name: string, ...times: readonly number[]): Promise<void> => {
      for (const ms of times) {
        await clock.sleep(ms);
        woken.push(`${name} ${clock.now()}`);
      }
    };
    void sleep("a", 30, 30);
    void sleep("b", 10, 10, 10, 10);
    expect(clock.nextWake()).toBe(10);
    await clock.advance(45);
    expect(woken).toEqual(["b 10", "b 20", "a 30", "b 30", "b 40"]);
    expect(clock.now()).toBe(45);
  });

  it("sleep() rejects with the signal's reason and is forgotten", async () => {
    const clock = new VirtualClock();
    const stop = new AbortController();
    const sleeping = clock.sleep(10, stop.signal);
    stop.abort(new Error("enough"));
    await expect(sleeping).rejects.toThrow("enough");
    await expect(clock.sleep(10, stop.signal)).rejects.toThrow("enough");
    expect(clock.nextWake()).toBeUndefined();
  });
});
