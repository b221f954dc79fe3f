// LinuxOs under the conformance suite, each test in namespaces of its own that the kernel takes away with their holder.

import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { LinuxOs } from "../../../src/os/linux/linux-os.js";
import type { NetSnapshot } from "../../../src/os/snapshot.js";
import { driverSuite } from "../../unit/os/driver-suite.js";
import { holder, whyNot } from "./holder.js";

const reason = await whyNot();

describe("LinuxOs", () => {
  beforeEach(({ skip }) => {
    if (reason !== undefined) skip(reason);
  });

  let before: NetSnapshot;
  beforeAll(async () => {
    before = await new LinuxOs().snapshot();
  });

  driverSuite(async () => {
    const { place, end } = await holder();
    const drivers = [new LinuxOs({ place }), new LinuxOs({ place })] as const;
    const [os, other] = drivers;
    const more: LinuxOs[] = [];
    return {
      os,
      other,
      restart: async () => {
        await os[Symbol.asyncDispose]();
        const next = new LinuxOs({ place });
        more.push(next);
        return next;
      },
      pass: () => new Promise((resolve) => setTimeout(resolve, 20)),
      dispose: async () => {
        for (const one of [...drivers, ...more]) await one[Symbol.asyncDispose]();
        await end();
      },
    };
  });

  afterAll(async () => {
    // Leave no trace: what the tests did stayed in their own namespaces. Others may have had something there for a moment.
    const asBefore = async () =>
      expect({ ...(await new LinuxOs().snapshot()), addresses: [] }).toEqual({ ...before, addresses: [] });
    await vi.waitFor(asBefore, { timeout: 60_000, interval: 200 });
  });

  it("the host's own snapshot can be taken", () => {
    expect(before.links.map(({ name }) => name)).toContain("lo");
  });
});
