// The two halves of the engine under one roof, with stand-ins for both: who goes when the other fails.

import { describe, expect, it } from "vitest";
import { dropReasons, slowReasons } from "../../../../src/engine/ebpf/counters.js";
import { ebpfHost, type FastPathSource } from "../../../../src/engine/ebpf/host.js";
import type { RunningTranslator } from "../../../../src/engine/engine.js";
import { specFor } from "../userspace/spec.js";

const plan = { uplink: "eth0", uplinks: ["eth0"] };
const none = { packets: 0, octets: 0, drops: {} };

/** A translator that ends when it is told to, and a fast path that takes its first configuration only. */
async function startedBeside(failure: Error) {
  let configured = 0;
  let end: (error: Error | undefined) => void = () => {};
  const running: RunningTranslator = {
    update: async () => {},
    counters: () => ({ v4ToV6: none, v6ToV4: none }),
    stop: async () => end(undefined),
    ended: new Promise((resolve) => {
      end = resolve;
    }),
  };
  const source: FastPathSource = {
    tun: () => undefined,
    link: () => ({ ifindex: 2, header: "ethernet", tso: true }),
    fastPath: () => ({
      configure: () => {
        if (++configured > 1) throw failure;
      },
      counters: () => [new Uint8Array(8 * 2 * (2 + dropReasons.length + slowReasons.length))],
    }),
  };
  const translator = await ebpfHost(source, { start: async () => running }).start("clat", specFor(), plan);
  return { translator, running, die: (error: Error) => end(error) };
}

describe("ebpfHost() whose fast path cannot be set to rest", () => {
  const failure = new Error("the kernel has no memory for it");

  it("stop() stops the translator all the same, for it holds the device", async () => {
    const { translator, running } = await startedBeside(failure);
    await expect(translator.stop()).rejects.toThrow(failure);
    await expect(running.ended).resolves.toBeUndefined();
    expect(translator.counters()).toEqual({ v4ToV6: none, v6ToV4: none });
  });

  it("ended never rejects", async () => {
    const { translator, die } = await startedBeside(failure);
    const gone = new Error("the device is gone");
    die(gone);
    await expect(translator.ended).resolves.toBe(gone);
  });
});
