// The vectors of xlat once more: its unit tests run here with a `run` that shows each packet to the fast path as well.

import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { TranslationSpec } from "../../../src/xlat/spec.js";
import { SpecError } from "../../../src/xlat/spec-error.js";
import type { Offload } from "../../unit/xlat/support.js";
import { type Course, Differ, isShowable } from "./differ.js";
import { whyNoFastPath } from "./obstacle.js";

const obstacle = whyNoFastPath();

beforeEach((context) => {
  if (obstacle !== undefined) context.skip(obstacle);
});

const differs = new Map<string, Differ>();
const courses: Course[] = [];

/** Partial checksums can't be made up in a test run, nor super-packets but of TCP. */
function show(
  spec: TranslationSpec,
  family: 4 | 6,
  packet: Uint8Array,
  { checksumStart = -1, gsoType = 0 }: Offload,
): void {
  if (obstacle !== undefined || checksumStart >= 0 || gsoType !== 0 || !isShowable(family, packet)) return;
  const differ = differFor(spec);
  if (differ !== undefined) courses.push(differ.send(family, packet));
}

function differFor(spec: TranslationSpec): Differ | undefined {
  const key = JSON.stringify(spec);
  const known = differs.get(key);
  if (known !== undefined) return known;
  try {
    const differ = new Differ(spec, () => 0);
    differs.set(key, differ);
    return differ;
  } catch (error) {
    // What is wrong with it is what the vector is about.
    if (error instanceof SpecError) return undefined;
    throw error;
  }
}

vi.mock("../../unit/xlat/support.js", async (original) => {
  const real = await original<typeof import("../../unit/xlat/support.js")>();
  const run: typeof real.run = (spec, family, packet, offload = {}) => {
    show(spec, family, packet, offload);
    return real.run(spec, family, packet, offload);
  };
  const runAll: typeof real.runAll = (spec, family, packets, time) => {
    for (const packet of packets) show(spec, family, packet, {});
    return real.runAll(spec, family, packets, time);
  };
  const translate: typeof real.translate = (...given) => real.wellFormed(real.only(run(...given)));
  return { ...real, run, runAll, translate };
});

afterAll(() => {
  for (const differ of differs.values()) differ[Symbol.dispose]();
});

await import("../../unit/xlat/header-v4-to-v6.test.js");
await import("../../unit/xlat/header-v6-to-v4.test.js");
await import("../../unit/xlat/hairpin.test.js");
await import("../../unit/xlat/icmp-errors-v4-to-v6.test.js");
await import("../../unit/xlat/icmp-errors-v6-to-v4.test.js");
await import("../../unit/xlat/inside.test.js");
await import("../../unit/xlat/policies.test.js");
await import("../../unit/xlat/reassembly.test.js");
await import("../../unit/xlat/refusals.test.js");
await import("../../unit/xlat/sizes.test.js");
await import("../../unit/xlat/transport.test.js");

describe("the fast path", () => {
  it("has seen them all, and translated many", () => {
    const fast = courses.filter((course) => course === "fast").length;
    console.log(`${courses.length} vectors shown, ${fast} translated, by ${differs.size} specifications`);
    expect(courses.length).toBeGreaterThan(1000);
    expect(fast).toBeGreaterThan(300);
  });
});
