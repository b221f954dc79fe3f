// The userspace engine on the classic plumbing, with a real kernel: everything that an IPv4 application may do, for a
// CLAT address of its own and for the host's, while native IPv6 goes on.

import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { RunningTranslator } from "../../../src/engine/engine.js";
import { userspaceHost } from "../../../src/engine/userspace/host.js";
import { classicUserspaceEngine } from "../../../src/engine/userspace/plan.js";
import type { Applied } from "../../../src/os/driver.js";
import type { NetSnapshot } from "../../../src/os/snapshot.js";
import { whyNot } from "../os/holder.js";
import { ipv4Side, type Network, network, onHost, placementFor, serverV4, serverV6, specFor } from "./network.js";
import { carriesTraffic, narrowLink } from "./traffic.js";

const obstacle = await whyNot();

describe.each([
  { mode: "shared", shared: true },
  { mode: "own", shared: false },
])("classicPlumbing() with the $mode address", ({ shared }) => {
  let net: Network;
  let before: NetSnapshot;
  let applied: readonly Applied[];
  let translator: RunningTranslator;

  beforeEach(({ skip }) => {
    if (obstacle !== undefined) skip(obstacle);
  });

  beforeAll(async () => {
    if (obstacle !== undefined) return;
    net = await network();
    before = await net.os.snapshot("host");
    const placement = placementFor(shared);
    const { effects, translator: wanted } = classicUserspaceEngine.plan(placement, specFor(placement));
    if (wanted === undefined) throw new Error("The plan has no translator");
    applied = await net.apply(...onHost([...effects, ...ipv4Side(placement)]));
    translator = await userspaceHost({ tun: (name) => net.os.tun(name, "host") }).start(wanted.dev, wanted.spec);
    // The first neighbour solicitation for an address by proxy is answered after up to 0.8 s (RFC 4861 §7.2.8).
    const answered = async () => expect(await net.ping("host", serverV4)).toMatchObject({ code: 0 });
    await vi.waitFor(answered, { timeout: 60_000 });
  });

  afterAll(async () => {
    await net?.[Symbol.asyncDispose]();
  });

  carriesTraffic(() => net);

  if (shared) {
    it("leaves a host socket its answers when an IPv4 one has the same ports", async () => {
      const native = net.client("udp", serverV6, 7, Array(10).fill(100).join(), "from=5020");
      expect(await native).toEqual({ 100: "whole" });
      net.patience = 2;
      onTestFinished(() => {
        net.patience = 10;
      });
      expect(await net.client("udp", serverV4, 7, "10", "from=5020")).toEqual({ 10: "lost" });
      net.patience = 10;
      expect(await net.client("udp", serverV6, 7, "10", "from=5020")).toEqual({ 10: "whole" });
    });
  }

  it("passes a strict reverse path filter, firewalld's", async () => {
    const body =
      "chain filter { type filter hook prerouting priority mangle + 10;\n fib saddr . mark . iif oif missing drop\n}";
    const filter = await net.apply(...onHost([{ do: "nft.table", family: "ip6", name: "rpfilter", body }]));
    onTestFinished(() => net.revert(filter));
    expect(await net.client("udp", serverV4, 7, "10")).toEqual({ 10: "whole" });
    expect(await net.client("udp", serverV6, 7, "10")).toEqual({ 10: "whole" });
  });

  it("tells of an MTU that only this host knows of (RFC 7915 §5.2)", async () => {
    // A native socket learned it; the kernel then refuses larger packets of the CLAT as well, by an error to itself.
    const narrow = await net.apply(...narrowLink);
    await net.ping("host", "-s", "1400", "-M", "do", serverV6);
    expect((await net.run("host", "ip", "-6", "route", "get", serverV6)).output).toContain("mtu 1280");
    await net.revert(narrow);
    await net.run("host", "ip", "route", "flush", "cache");
    expect((await net.run("host", "ip", "-6", "route", "get", serverV6)).output).toContain("mtu 1280");
    const { output } = await net.ping("host", "-s", "1400", "-M", "do", serverV4);
    expect(output).toMatch(/Frag needed and DF set \(mtu = 1260\)/);
    expect(await net.client("put", serverV4, 1_000_000)).toEqual({ same: true });
  });

  it("leaves the host as it was", async () => {
    const { v4ToV6, v6ToV4 } = translator.counters();
    expect(v4ToV6.packets).toBeGreaterThan(100);
    expect(v6ToV4.packets).toBeGreaterThan(100);
    expect(Object.keys(v4ToV6.drops)).not.toContain("tun-refused");
    expect(Object.keys(v6ToV4.drops)).not.toContain("tun-refused");
    await translator.stop();
    expect(await translator.ended).toBeUndefined();
    await net.revert(applied);
    expect(await net.os.snapshot("host")).toEqual(before);
  });
});
