// The eBPF engine with a real kernel, between three namespaces: everything that an IPv4 application may do, for a CLAT
// address of its own and for the host's, while native IPv6 goes on.

import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { FastCounters } from "../../../src/engine/ebpf/counters.js";
import { readFastCounters } from "../../../src/engine/ebpf/counters.js";
import { ebpfHost } from "../../../src/engine/ebpf/host.js";
import { ebpfEngine } from "../../../src/engine/ebpf/plan.js";
import type { Placement, RunningTranslator } from "../../../src/engine/engine.js";
import type { Applied } from "../../../src/os/driver.js";
import { linkFacts } from "../../../src/os/linux/bpf/link-facts.js";
import type { NetSnapshot } from "../../../src/os/snapshot.js";
import { buildEcho6 } from "../../../src/wire/build.js";
import {
  hostV6,
  ipv4Side,
  type Network,
  network,
  onHost,
  placementFor,
  serverV4,
  serverV6,
  specFor,
} from "../engine/network.js";
import { carriesTraffic } from "../engine/traffic.js";
import { whyNot } from "../os/holder.js";
import { whyNoFastPath } from "./obstacle.js";

const obstacle = (await whyNot()) ?? whyNoFastPath();
const sendFrame = fileURLToPath(new URL("send-frame.mjs", import.meta.url));
const collide = fileURLToPath(new URL("collide.mjs", import.meta.url));

describe.each([
  { mode: "own", shared: false },
  { mode: "shared", shared: true },
])("ebpfHost() with the $mode address", ({ shared }) => {
  let net: Network;
  let before: NetSnapshot;
  let applied: readonly Applied[];
  let translator: RunningTranslator;

  // With a next hop that is known, and by a look-up for each packet.
  const place = (): Placement => ({ ...placementFor(shared), ...(shared ? {} : { nextHop: "2001:db8:1::1" }) });
  const fast = (): FastCounters => readFastCounters(net.os.fastPath("clat", "host")?.counters() ?? []);

  beforeEach(({ skip }) => {
    if (obstacle !== undefined) skip(obstacle);
  });

  beforeAll(async () => {
    if (obstacle !== undefined) return;
    net = await network();
    before = await net.os.snapshot("host");
    const placement = place();
    const { effects, translator: wanted } = ebpfEngine.plan(placement, specFor(placement));
    if (wanted === undefined) throw new Error("The plan has no translator");
    applied = await net.apply(...onHost([...effects, ...ipv4Side(placement)]));
    const netnsFile = net.place.netnsFile("host");
    translator = await ebpfHost({
      tun: (name) => net.os.tun(name, "host"),
      fastPath: (dev) => net.os.fastPath(dev, "host"),
      link: (dev) => linkFacts(dev, netnsFile),
    }).start(wanted.dev, wanted.spec, wanted.fastPath);
    const answered = async () => expect(await net.ping("host", serverV4)).toMatchObject({ code: 0 });
    await vi.waitFor(answered, { timeout: 60_000 });
  });

  afterAll(async () => {
    await net?.[Symbol.asyncDispose]();
  });

  it("carries TCP both ways past the TUN", async () => {
    const handed = slowOf(fast());
    expect(await net.client("get", serverV4, 20_000_000)).toEqual({ same: true });
    expect(await net.client("put", serverV4, 20_000_000)).toEqual({ same: true });
    const { v4ToV6, v6ToV4 } = fast();
    expect(v4ToV6.octets).toBeGreaterThan(20_000_000);
    expect(v6ToV4.octets).toBeGreaterThan(20_000_000);
    expect(slowOf(fast())).toBe(handed);
  });

  carriesTraffic(() => net);

  if (!shared) {
    it("asks for no route to the PREF64 where the next hop is known, whoever has translated", async () => {
      const route = { family: 6, destination: "2001:db8:64::/96", table: 254, type: "unreachable" } as const;
      const misled = await net.apply({ do: "route.add", route, in: "host" });
      onTestFinished(() => net.revert(misled));
      expect(await net.client("udp", serverV4, 7, "100")).toEqual({ 100: "whole" });
      expect(await net.client("udp", serverV4, 7, "100", "unchecked")).toEqual({ 100: "whole" });
    });

    it.each([
      ["a tag that only carries a priority", 0, 1],
      ["a VLAN's tag", 5, 0],
    ])("takes packets by their VLAN tag, which stands beside them: %s", async (_, id, taken) => {
      const mac = async (netns: string, dev: string): Promise<string> =>
        /ether ([0-9a-f:]{17})/
          .exec((await net.run(netns, "ip", "link", "show", dev)).output)?.[1]
          ?.replaceAll(":", "") ?? "";
      const tag = `8100e${id.toString(16).padStart(3, "0")}86dd`;
      const reply = buildEcho6({
        ...{ source: serverV6, destination: place().clatV6.address },
        ...{ kind: "request", identifier: 9, sequence: 9, payload: new Uint8Array(10) },
      });
      const hex = `${await mac("host", "eth0")}${await mac("router", "down")}${tag}${Buffer.from(reply).toString("hex")}`;
      const before = fast().v6ToV4.packets;
      expect(await net.run("router", process.execPath, sendFrame, "down", hex)).toMatchObject({ code: 0 });
      // What comes after it has come after it.
      expect(await net.ping("router", hostV6)).toMatchObject({ code: 0 });
      expect(fast().v6ToV4.packets - before).toBe(taken);
    });
  }

  if (shared) {
    const orders: readonly (readonly [string, readonly string[]])[] = [
      ["the host's first", [serverV6, serverV4]],
      ["the CLAT's first", [serverV4, serverV6]],
    ];
    const colliding = (how: string, servers: readonly string[], port: number): ReturnType<Network["run"]> =>
      net.run("host", "timeout", "100", process.execPath, collide, how, ...servers, `${port}`);

    describe.each(orders)("a host socket and an IPv4 one with the same port to the same server, %s", (_, servers) => {
      const base = servers[0] === serverV6 ? 5020 : 5030;

      it.each([
        ["tcp", base + 1],
        ["udp-connected", base + 2],
        ["udp-unconnected", base + 3],
      ])("are kept apart: %s", async (how, port) => {
        const { output, errors } = await colliding(how, servers, port);
        expect(JSON.parse(output || "{}"), errors).toEqual({ first: 21, second: 20 });
      });

      it("each hear of their errors, also where the flow went out from another port", async () => {
        const { output, errors } = await colliding("refused", servers, base + 4);
        expect(output, errors).toContain("ECONNREFUSED");
      });
    });

    it("answers two pings with the same identifier, the host's and an IPv4 one", async () => {
      // After the last one ping waits for an interval, whatever -W says.
      const words = ["-e", "777", "-c4", "-i1"];
      const both = [serverV6, serverV4].map((server) => net.run("host", "ping", ...words, server));
      for (const { output } of await Promise.all(both)) expect(output).toContain("4 received");
    });

    it("leaves the host's own services to it", async () => {
      const script =
        "require('net').createServer(s=>s.end('here',()=>process.exit())).listen(22022,'::',()=>console.log('up'))";
      const serve = net.run("host", "timeout", "100", process.execPath, "-e", script);
      const ask = `require('net').connect(22022,'${hostV6}').on('data',d=>{console.log(String(d))}).on('error',()=>process.exit(1))`;
      await vi.waitFor(
        async () => expect((await net.run("server", process.execPath, "-e", ask)).output).toContain("here"),
        { timeout: 60_000 },
      );
      await serve;
    });
  }

  it("takes another specification between two packets", async () => {
    const placement = place();
    const { translator: wanted } = ebpfEngine.plan(placement, specFor(placement));
    if (wanted === undefined) throw new Error("The plan has no translator");
    const under = net.client("get", serverV4, 30_000_000);
    for (let change = 0; change < 5; change++) {
      await translator.update({ ...wanted.spec, lowestIpv6Mtu: 1280 + change }, wanted.fastPath);
    }
    expect(await under).toEqual({ same: true });
  });

  it("leaves the host as it was", async () => {
    const { v4ToV6, v6ToV4 } = translator.counters();
    expect(v4ToV6.packets).toBeGreaterThan(100);
    expect(v6ToV4.packets).toBeGreaterThan(100);
    expect(fast().v4ToV6.drops).toEqual({});
    expect(fast().v6ToV4.drops).toEqual({});
    await translator.stop();
    expect(await translator.ended).toBeUndefined();
    await net.revert(applied);
    expect(await net.os.snapshot("host")).toEqual(before);
  });
});

/** Packets handed to the translator, but for what the kernel itself sends now and then. */
function slowOf({ v4ToV6, v6ToV4 }: FastCounters): number {
  return [v4ToV6.slow, v6ToV4.slow].flatMap(Object.entries).reduce((sum, [, count]) => sum + Number(count), 0);
}
