// The fast path against xlat, which is its oracle, by BPF_PROG_TEST_RUN: no network is needed, but root and a kernel that
// takes the programs.

import { setImmediate } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { Random } from "../../../lab/fuzz/random.js";
import { Samples } from "../../../lab/fuzz/samples.js";
import { type World, worlds } from "../../../lab/fuzz/worlds.js";
import { readFastCounters } from "../../../src/engine/ebpf/counters.js";
import { formatAddress } from "../../../src/net/address.js";
import {
  buildEcho4,
  buildEcho6,
  buildIpv4,
  buildIpv6,
  buildTcp4,
  buildTcp6,
  buildUdp4,
  buildUdp6,
} from "../../../src/wire/build.js";
import { CLAT4, CLAT6, clat, SERVER4, SERVER6 } from "../../unit/xlat/support.js";
import { type Course, Differ, isShowable } from "./differ.js";
import { whyNoFastPath } from "./obstacle.js";

const obstacle = whyNoFastPath();

beforeEach((context) => {
  if (obstacle !== undefined) context.skip(obstacle);
});

/** Fewer where the processor is emulated. */
const PACKETS = Number(process.env["CLATD_TEST_PACKETS"] ?? 150_000);
const SLICE = 1000;
const SEED = 20_261_123;

describe("the fast path", () => {
  it("makes of random packets what xlat makes of them, or leaves them alone", async () => {
    let now = 0;
    const differs = new Map<World, Differ>(worlds.map((world) => [world, new Differ(world.spec, () => now)]));
    const samples = new Samples(new Random(SEED));
    const tally = new Map<string, number>();
    let sent = 0;
    try {
      for (let made = 0; sent < PACKETS; made++) {
        if (made % SLICE === 0) await setImmediate();
        now += 0.2;
        const { world, sample } = samples.next(worlds);
        const differ = differs.get(world);
        if (differ === undefined || !isShowable(sample.family, sample.bytes)) continue;
        sent++;
        const course = tried(differ, world, sample);
        add(tally, course);
        if (sample.sound && !sample.isFragment) add(tally, `${sample.family} sound ${course}`);
      }
    } finally {
      for (const differ of differs.values()) differ[Symbol.dispose]();
    }
    const share = (name: string): number => (tally.get(name) ?? 0) / PACKETS;
    console.log(
      [...tally]
        .sort()
        .map(([name, count]) => `${name}: ${count}`)
        .join(", "),
    );
    expect(sent).toBe(PACKETS);
    // A quarter of the packets is damaged or in fragments each, and much of the rest is hard on purpose.
    expect(share("fast")).toBeGreaterThan(0.2);
    expect(share("slow")).toBeGreaterThan(0.2);
    expect(share("host")).toBeGreaterThan(0.005);
  });

  it.each(worlds.map((world) => [world.name, world] as const))("takes all that is plain itself: %s", (_, world) => {
    using differ = new Differ(world.spec, () => 0);
    const mappedPeers = world.peers.filter(({ v6 }) => differ.isMapped(v6));
    for (const host of world.hosts) {
      for (const peer of world.peers) {
        for (const packet of plain4(formatAddress(host.v4), formatAddress(peer.v4))) {
          expect(differ.send(4, packet), `IPv4 ${Buffer.from(packet).toString("hex")}`).toBe("fast");
        }
        if (!differ.isMapped(host.v6)) continue;
        for (const packet of plain6(formatAddress(peer.v6), formatAddress(host.v6))) {
          expect(differ.send(6, packet), `IPv6 ${Buffer.from(packet).toString("hex")}`).toBe("fast");
        }
      }
    }
    expect(mappedPeers.length + world.hosts.length).toBeGreaterThan(0);
  });

  it("keeps TCP super-packets whole, and looks at the size of their segments", () => {
    using differ = new Differ(clat, () => 0);
    const payload = new Uint8Array(2800).fill(7);
    const out = buildTcp4({ source: CLAT4, destination: SERVER4, ...ports, payload, dontFragment: true });
    const back = buildTcp6({ source: SERVER6, destination: CLAT6, ...ports, payload });
    expect(differ.send(4, out, 1400)).toBe("fast");
    expect(differ.send(6, back, 1400)).toBe("fast");
    // 40 + 20 + 1441 > 1500
    expect(differ.send(4, out, 1441)).toBe("slow");
    expect(differ.send(6, back, 1461)).toBe("slow");
    expect(differ.send(4, out), "as one packet").toBe("slow");
  });

  it("counts what it translates, and tells why it hands on the rest", () => {
    using differ = new Differ(clat, () => 0);
    const udp = buildUdp4({ source: CLAT4, destination: SERVER4, ...ports, payload: new Uint8Array(10) });
    differ.send(4, udp);
    differ.send(4, udp);
    differ.send(
      4,
      Uint8Array.from(udp, (octet, at) => (at === 8 ? 1 : octet)),
    );
    differ.send(6, buildUdp6({ source: SERVER6, destination: CLAT6, ...ports, payload: new Uint8Array(10) }));
    const { v4ToV6, v6ToV4 } = readFastCounters(differ.counters());
    expect(v4ToV6).toEqual({ packets: 2, octets: 76, drops: {}, slow: { header: 1 } });
    expect(v6ToV4).toEqual({ packets: 1, octets: 58, drops: {}, slow: {} });
  });
});

const ports = { sourcePort: 40000, destinationPort: 443 };

function plain4(source: string, destination: string): readonly Uint8Array[] {
  const payload = Uint8Array.of(1, 2, 3);
  const ends = { source, destination, tos: 0x2a };
  return [
    buildTcp4({ ...ends, ...ports, payload }),
    buildUdp4({ ...ends, ...ports, payload }),
    buildEcho4({ ...ends, kind: "request", identifier: 1, sequence: 2, payload }),
    buildEcho4({ ...ends, kind: "reply", identifier: 1, sequence: 2, payload }),
    buildIpv4(ends, 47, new Uint8Array(30)),
  ];
}

function plain6(source: string, destination: string): readonly Uint8Array[] {
  const payload = Uint8Array.of(1, 2, 3);
  const ends = { source, destination };
  return [
    buildTcp6({ ...ends, ...ports, payload }),
    buildUdp6({ ...ends, ...ports, payload }),
    buildEcho6({ ...ends, kind: "request", identifier: 1, sequence: 2, payload }),
    buildEcho6({ ...ends, kind: "reply", identifier: 1, sequence: 2, payload }),
    buildIpv6(ends, 47, new Uint8Array(30)),
  ];
}

function tried(differ: Differ, world: World, sample: { family: 4 | 6; bytes: Uint8Array }): Course {
  try {
    return differ.send(sample.family, sample.bytes);
  } catch (cause) {
    const octets = Buffer.from(sample.bytes.subarray(0, 400)).toString("hex");
    throw new Error(
      `In "${world.name}": ${cause instanceof Error ? cause.message : cause}\nIPv${sample.family} ${octets}`,
      {
        cause,
      },
    );
  }
}

function add(tally: Map<string, number>, name: string): void {
  tally.set(name, (tally.get(name) ?? 0) + 1);
}
