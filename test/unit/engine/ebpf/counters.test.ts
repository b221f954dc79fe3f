// The counters of the fast path: names and order are those of counters.bpf.h.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { dropReasons, readFastCounters, slowReasons } from "../../../../src/engine/ebpf/counters.js";
import { addCounters } from "../../../../src/xlat/counters.js";

const header = readFileSync(new URL("../../../../src/engine/ebpf/counters.bpf.h", import.meta.url), "utf8");

function members(name: string): readonly string[] {
  const body = new RegExp(`^enum ${name} \\{(.*?)^\\};`, "ms").exec(header)?.[1] ?? "";
  return [...body.matchAll(/^\t(\w+),$/gm)].map(([, member = ""]) => member).slice(0, -1);
}

/** packets, octets, two drops, thirteen reasons; both directions; the identification. */
function cpu(...words: readonly number[]): Uint8Array {
  const values = new BigUint64Array(35);
  for (const [index, word] of words.entries()) values[index] = BigInt(word);
  return new Uint8Array(values.buffer);
}

describe("readFastCounters()", () => {
  it("has a name for every reason that the programs count", () => {
    const names = slowReasons.map((name) => `SLOW_${name.toUpperCase().replace("-", "_")}`);
    expect(names).toEqual(members("slow"));
    expect(dropReasons.length).toBe(members("drop").length);
  });

  it("adds the CPUs up", () => {
    const { v4ToV6, v6ToV4 } = readFastCounters([
      cpu(2, 100, 0, 1, 5, ...Array(12).fill(0), 7, 700),
      cpu(1, 50, 0, 0, 0, 3, ...Array(11).fill(0), 1, 100),
    ]);
    expect(v4ToV6).toEqual({
      packets: 3,
      octets: 150,
      drops: { "fast-path-port": 1 },
      slow: { header: 5, options: 3 },
    });
    expect(v6ToV4).toEqual({ packets: 8, octets: 800, drops: {}, slow: {} });
  });
});

describe("addCounters()", () => {
  it("counts a packet that went through both halves once: the fast path does not count what it hands on", () => {
    const none = { packets: 0, octets: 0, drops: {} };
    const fast = readFastCounters([cpu(10, 1000, 1, 0, 4)]);
    const slow = { v4ToV6: { packets: 4, octets: 400, drops: { truncated: 1 } }, v6ToV4: none };
    expect(addCounters(slow, fast)).toEqual({
      v4ToV6: { packets: 14, octets: 1400, drops: { truncated: 1, "fast-path-memory": 1 } },
      v6ToV4: none,
    });
  });
});
