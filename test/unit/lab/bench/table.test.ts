import { describe, expect, it } from "vitest";
import { CAPPED, markdownTable } from "../../../../lab/bench/table.js";
import { cpuTcp, figures, roundTrip, tcpUp } from "./sample.js";

const table = (caps: ReadonlyMap<string, number>): string[] =>
  markdownTable(figures, ["plain", "ebpf"], [tcpUp, roundTrip, cpuTcp], caps, "plain").split("\n");

describe("markdownTable()", () => {
  it("shows medians, 1st and 99th percentiles, and ratios to the baseline in the same round (RFC 8219 §12)", () => {
    expect(table(new Map())).toEqual([
      "|  | plain | ebpf |",
      "| --- | ---: | ---: |",
      "| TCP up, 1 stream (Gbit/s) | 17.0 [16.0–18.0] | 23.0 [20.0–25.5] 1.35 × (1.25–1.42) |",
      "| round trip, median (µs) | 5.0 [4.9–5.2] | 5.4 [5.4–5.9] 1.10 × (1.08–1.13) |",
      "| CPU, TCP up, 1 stream (s/GB) | 1.00 | – |",
    ]);
  });

  it("puts the tester's limit in the place of what is beyond it, and marks it", () => {
    expect(table(new Map([[tcpUp.name, 20]]))[2]).toBe(
      `| TCP up, 1 stream (Gbit/s) | 17.0 [16.0–18.0] | ≥ 20.0 ${CAPPED} [20.0–25.5] 1.18 × (1.11–1.25) |`,
    );
    expect(table(new Map([[roundTrip.name, 5.3]]))[3]).toContain(`| ≤ 5.3 ${CAPPED} [4.9–5.2] |`);
  });

  it("leaves out rows that nobody was measured for", () => {
    expect(markdownTable(figures, ["ebpf"], [cpuTcp], new Map()).split("\n")).toHaveLength(2);
  });
});
