// An uplink without link header, as wwan and ppp devices are: here a TUN, whose other end is this test.

import { readSync, writeSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { readFastCounters } from "../../../src/engine/ebpf/counters.js";
import { ebpfHost } from "../../../src/engine/ebpf/host.js";
import { ebpfEngine } from "../../../src/engine/ebpf/plan.js";
import type { Placement, RunningTranslator } from "../../../src/engine/engine.js";
import { linkFacts } from "../../../src/os/linux/bpf/link-facts.js";
import { makeNonBlocking } from "../../../src/os/linux/packet-calls.js";
import { closeTun, openTun, type Tun } from "../../../src/os/linux/tun.js";
import { buildEcho6 } from "../../../src/wire/build.js";
import { type Packet, parsePacket } from "../../../src/wire/parse.js";
import {
  ipv4Side,
  type Network,
  network,
  onHost,
  placementFor,
  serverV4,
  serverV6,
  specFor,
} from "../engine/network.js";
import { whyNot } from "../os/holder.js";
import { whyNoFastPath } from "./obstacle.js";

const obstacle = (await whyNot()) ?? whyNoFastPath();
const placement: Placement = { ...placementFor(false), uplink: "wwan0", uplinks: ["wwan0", "eth0"], proxyNd: false };
const clatV6 = placement.clatV6.address;

describe("ebpfHost() on an uplink without link header", () => {
  let net: Network;
  let wwan: Tun;
  let translator: RunningTranslator;

  beforeEach(({ skip }) => {
    if (obstacle !== undefined) skip(obstacle);
  });

  beforeAll(async () => {
    if (obstacle !== undefined) return;
    net = await network();
    const netnsFile = net.place.netnsFile("host");
    wwan = openTun("wwan0", false, netnsFile);
    makeNonBlocking(wwan.fd);
    const { effects, translator: wanted } = ebpfEngine.plan(placement, specFor(placement));
    if (wanted === undefined) throw new Error("The plan has no translator");
    await net.apply(...onHost([{ do: "link.set", name: "wwan0", up: true }, ...effects, ...ipv4Side(placement)]));
    translator = await ebpfHost({
      tun: (name) => net.os.tun(name, "host"),
      fastPath: (dev) => net.os.fastPath(dev, "host"),
      link: (dev) => linkFacts(dev, netnsFile),
    }).start(wanted.dev, wanted.spec, wanted.fastPath);
  });

  afterAll(async () => {
    await translator?.stop();
    if (wwan !== undefined) closeTun(wwan);
    await net?.[Symbol.asyncDispose]();
  });

  /** The next packet to the server that the host has sent on the device. */
  const sent = (): Promise<Packet> =>
    vi.waitFor(
      () => {
        const octets = Buffer.alloc(2000);
        // Throws EAGAIN while there is none.
        const packet = parsePacket(octets.subarray(0, readSync(wwan.fd, octets)));
        if (packet?.destination !== serverV6) throw new Error("Nothing has been sent to the server");
        return packet;
      },
      { timeout: 30_000, interval: 1 },
    );

  it.each([
    ["a small one, in the kernel", 56, 0],
    ["one in fragments, by the translator", 3000, 1],
  ])("sends a ping and takes the answer: %s", async (_, size, handed) => {
    const slow = (): number => Object.keys(readFastCounters(fastPath()).v4ToV6.slow).length;
    const fastPath = (): readonly Uint8Array[] => net.os.fastPath("clat", "host")?.counters() ?? [];
    // What goes to the translator is not answered.
    net.patience = handed === 0 ? 10 : 1;
    const pinged = net.ping("host", "-s", `${size}`, "-e", "77", "-p", "00", serverV4);
    const packet = await sent();
    expect(packet).toMatchObject({ family: 6, source: clatV6 });
    expect(slow()).toBe(handed);
    if (handed === 0) {
      if (packet.transport?.kind !== "icmp") throw new Error("It is no ping");
      const payload = packet.transport.body;
      const echo = { identifier: 77, sequence: 1, payload };
      writeSync(wwan.fd, buildEcho6({ source: serverV6, destination: clatV6, kind: "reply", ...echo }));
      expect((await pinged).output).toContain("1 received");
    } else await pinged;
  });
});
