// A slice of `npm run fuzz` (lab/fuzz): the same packets each time. What the fuzzer found once, by name.

import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Campaign } from "../../../lab/fuzz/campaign.js";
import { Random } from "../../../lab/fuzz/random.js";
import { outlineOf } from "../../../lab/fuzz/well-formed.js";
import { buildUdp4, buildUdp6 } from "../../../src/wire/build.js";
import { reasons } from "../../../src/xlat/reasons.js";

const PACKETS = 300_000;
const SLICE = 20_000;

describe("Campaign.run()", () => {
  it("hundreds of thousands of packets: no exception, nothing outside, all that comes out sound, all that does not has a reason", async () => {
    const campaign = new Campaign(20_260_101);
    for (let sent = 0; sent < PACKETS; sent += SLICE) {
      campaign.run(SLICE);
      // The runner wants to hear from its worker in between.
      await setImmediate();
    }
    const { tally } = campaign;
    expect(tally.packets).toBe(PACKETS);
    // Most of the sound packets are translated and come back, or the fuzzer tests nothing.
    expect(tally.translated).toBeGreaterThan(PACKETS / 2);
    expect(tally.roundTrips).toBeGreaterThan(PACKETS / 10);
    // Every way to be dropped is met, but for the frame without room, which this one always gives.
    const missed = reasons.map(({ name }) => name).filter((name) => !tally.drops.has(name));
    expect(missed).toEqual(["no-headroom"]);
  }, 240_000);
});

describe("Random", () => {
  it("the same seed gives the same, another seed something else", () => {
    const words = (seed: number): number[] => {
      const random = new Random(seed);
      return Array.from({ length: 20 }, () => random.word());
    };
    expect(words(1)).toEqual(words(1));
    expect(words(1)).not.toEqual(words(2));
    expect(words(0).every((word) => word === 0)).toBe(false);
  });

  it("below() gives every number there is, and no other", () => {
    const random = new Random(3);
    expect([...new Set(Array.from({ length: 500 }, () => random.below(7)))].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });
});

describe("outlineOf()", () => {
  const ports = { sourcePort: 1, destinationPort: 2, payload: new Uint8Array(20) };
  const v4 = buildUdp4({ source: "192.0.2.1", destination: "198.51.100.1", ...ports });
  const v6 = buildUdp6({ source: "2001:db8::1", destination: "2001:db8::2", ...ports });
  const changed = (packet: Uint8Array, at: number, value: number): Uint8Array => {
    const bytes = Uint8Array.from(packet);
    bytes[at] = value;
    return bytes;
  };

  it("finds sound packets sound", () => {
    expect(outlineOf(v4, 4)).toMatchObject({ protocol: 17, upper: 20, isFragment: false });
    expect(outlineOf(v6, 6)).toMatchObject({ protocol: 17, upper: 40, isFragment: false });
  });

  it.each([
    [4, "version or header length", changed(v4, 0, 0x46)],
    [4, "total length", changed(v4, 3, 0)],
    [4, "header checksum", changed(v4, 10, (v4[10] ?? 0) ^ 1)],
    [4, "shorter than an IPv4 header", v4.subarray(0, 19)],
    [6, "version", changed(v6, 0, 0x40)],
    [6, "flow label", changed(v6, 3, 1)],
    [6, "payload length", changed(v6, 5, 0)],
    [6, "hop limit 0", changed(v6, 7, 0)],
    [6, "shorter than an IPv6 header", v6.subarray(0, 39)],
  ] as const)("IPv%i: %s", (family, problem, packet) => {
    expect(outlineOf(packet, family)).toBe(problem);
  });
});
