// The userspace engine's thread on a real TUN: its commands, its end, and what its plan leaves behind when it is killed.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunningTranslator } from "../../../src/engine/engine.js";
import { userspaceHost } from "../../../src/engine/userspace/host.js";
import { classicUserspaceEngine } from "../../../src/engine/userspace/plan.js";
import type { Effect } from "../../../src/os/effect.js";
import { LinuxOs } from "../../../src/os/linux/linux-os.js";
import { whyNot } from "../os/holder.js";
import { ipv4Side, type Network, network, onHost, placementFor, serverV4, serverV6, specFor } from "./network.js";

const obstacle = await whyNot();
const placement = placementFor(true);
const { effects, translator: { spec } = { spec: specFor(placement) } } = classicUserspaceEngine.plan(
  placement,
  specFor(placement),
);
const plan: readonly Effect[] = [...effects, ...ipv4Side(placement)];

describe("the userspace engine", () => {
  let net: Network;
  let running: RunningTranslator | undefined;

  beforeEach(async ({ skip }) => {
    if (obstacle !== undefined) skip(obstacle);
    net = await network();
  });

  afterEach(async () => {
    await running?.stop();
    running = undefined;
    await net?.[Symbol.asyncDispose]();
  });

  const start = async (): Promise<RunningTranslator> => {
    running = await userspaceHost({ tun: (name) => net.os.tun(name, "host") }).start("clat", spec);
    return running;
  };
  const nativeWorks = async () => (await net.ping("host", serverV6)).code === 0;

  it("probe() says that it can run here", async () => {
    expect(await classicUserspaceEngine.probe(net.os)).toEqual({ ok: true });
  });

  it("works without offloads", async () => {
    const bare = plan.map(
      (effect): Effect => (effect.do === "link.add" ? { ...effect, link: { kind: "tun", offloads: false } } : effect),
    );
    await net.apply(...onHost(bare));
    await start();
    expect(await net.client("put", serverV4, 5_000_000)).toEqual({ same: true });
    expect(await net.client("get", serverV4, 5_000_000)).toEqual({ same: true });
    expect(await net.client("udp", serverV4, 7, "0,1200,4000,65507")).toEqual({
      0: "whole",
      1200: "whole",
      4000: "whole",
      65507: "whole",
    });
  });

  it("update() takes effect between two packets; nothing is lost", async () => {
    await net.apply(...onHost(plan));
    const translator = await start();
    const transfer = net.client("get", serverV4, 50_000_000);
    for (let updates = 0; updates < 200; updates++) {
      await translator.update({ ...spec, translatorV4: updates % 2 === 0 ? "192.0.0.3" : "192.0.0.2" });
    }
    expect(await transfer).toEqual({ same: true });
    await translator.update({ ...spec, translatorV4: "192.0.0.3" });
    expect(await net.ping("host", "192.0.0.3")).toMatchObject({ code: 0 });
  });

  it("update() with a large table: another thread takes the place of the first, and nothing is lost or counted twice", async () => {
    await net.apply(...onHost(plan));
    const translator = await start();
    const eams = Array.from({ length: 1000 }, (_, n) => ({
      v4: `10.6.${n >> 8}.${n & 255}`,
      v6: `2001:db8:e6::${n.toString(16)}`,
    }));
    const transfer = net.client("get", serverV4, 50_000_000);
    for (let updates = 0; updates < 5; updates++) {
      await translator.update({ ...spec, eams: [...spec.eams, ...eams.slice(updates)] });
    }
    expect(await transfer).toEqual({ same: true });
    const before = translator.counters().v4ToV6;
    expect(before.octets).toBeGreaterThan(0);
    await translator.update({ ...spec, eams: [...spec.eams, ...eams] });
    expect(translator.counters().v4ToV6.packets).toBeGreaterThanOrEqual(before.packets);
    const wrong = { ...spec, eams: [...spec.eams, ...eams, ...eams] };
    await expect(translator.update(wrong)).rejects.toThrow(/each prefix may stand in one mapping only/);
    expect(await net.client("udp", serverV4, 7, "10")).toEqual({ 10: "whole" });
  });

  it("update() keeps the old specification where the new one is wrong", async () => {
    await net.apply(...onHost(plan));
    const translator = await start();
    await expect(translator.update({ ...spec, pref64s: ["2001:db8::/33"] })).rejects.toThrow(/2001:db8::\/33/);
    expect(await net.client("udp", serverV4, 7, "10")).toEqual({ 10: "whole" });
  });

  it("start() refuses a wrong specification, and a TUN that is not there", async () => {
    await net.apply(...onHost(plan));
    const host = userspaceHost({ tun: (name) => net.os.tun(name, "host") });
    await expect(host.start("clat", { ...spec, pref64s: ["2001:db8::/33"] })).rejects.toThrow(/2001:db8::\/33/);
    await expect(host.start("other", spec)).rejects.toThrow(
      'Cannot translate on "other": there is no TUN of that name',
    );
  });

  it("ends with an error when somebody deletes the device", async () => {
    await net.apply(...onHost(plan));
    const translator = await start();
    await net.run("host", "ip", "link", "del", "clat");
    expect((await translator.ended)?.message).toContain('Cannot translate on TUN "clat": the device is gone');
    await expect(translator.update(spec)).rejects.toThrow("the translator has ended");
    await translator.stop();
  });

  it("goes on when the device was down for a while", async () => {
    const applied = await net.apply(...onHost(plan));
    await start();
    await net.run("host", "ip", "link", "set", "clat", "down");
    await net.run("host", "ip", "link", "set", "clat", "up");
    const routes = applied.filter(({ effect }) => effect.do === "route.add");
    await net.apply(...routes.map(({ effect }) => effect));
    expect(await net.client("udp", serverV4, 7, "10")).toEqual({ 10: "whole" });
  });

  it("plan() leaves native IPv6 working after every step, forwards and back", async () => {
    const before = await net.os.snapshot("host");
    const applied = await net.os.prepareAll(onHost(plan));
    for (const one of applied) {
      await net.os.perform(one);
      expect(await nativeWorks(), `after doing ${JSON.stringify(one.effect)}`).toBe(true);
    }
    for (const one of applied.toReversed()) {
      await net.os.revert(one);
      expect(await nativeWorks(), `after undoing ${JSON.stringify(one.effect)}`).toBe(true);
    }
    expect(await net.os.snapshot("host")).toEqual(before);
  });

  it("plan() leaves native IPv6 working when the process is killed at any step, and can be undone by another", async () => {
    const before = await net.os.snapshot("host");
    for (let done = 1; done <= plan.length; done++) {
      const dying = new LinuxOs({ place: net.place });
      const applied = await dying.prepareAll(onHost(plan.slice(0, done)));
      await dying.performAll(applied);
      // What the kernel does when the process goes: the TUN goes with its descriptor.
      await dying[Symbol.asyncDispose]();
      expect(await nativeWorks(), `killed after ${JSON.stringify(plan[done - 1])}`).toBe(true);
      await net.revert(applied);
      expect(await net.os.snapshot("host")).toEqual(before);
    }
  });
});
