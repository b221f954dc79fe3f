import { describe, expect, it } from "vitest";
import { measures, median } from "../../../../lab/bench/measures.js";
import { type Figures, goalLines, markdownTable } from "../../../../lab/bench/table.js";

const tcpUp = measures.filter(({ name }) => name === "TCP up, 1 stream");
const figures: Figures = new Map([
  ["plain", new Map([["TCP up, 1 stream", [16, 18, 17]]])],
  ["ours", new Map([["TCP up, 1 stream", [20, 25.5, 23]]])],
]);

describe("median()", () => {
  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[7], 7],
  ])("of %j is %d", (list, middle) => expect(median(list)).toBe(middle));
});

describe("markdownTable()", () => {
  it("shows medians, and ratios to the baseline", () => {
    expect(markdownTable(figures, [{ name: "plain" }, { name: "ours" }], tcpUp, "plain")).toBe(
      ["|  | plain | ours |", "| --- | ---: | ---: |", "| TCP up, 1 stream (Gbit/s) | 17.0 | 23.0 (1.35 ×) |"].join(
        "\n",
      ),
    );
  });
});

describe("goalLines()", () => {
  it.each([
    [1, "reached"],
    [1.4, "missed"],
  ])("compares with a goal of %d: %s", (atLeast, verdict) => {
    const goal = { measure: "TCP up, 1 stream", subject: "ours", against: "plain", atLeast };
    expect(goalLines(figures, [goal])).toEqual([
      `- TCP up, 1 stream: ours is 1.35 × plain; goal ${atLeast.toFixed(1)} ×: ${verdict}`,
    ]);
  });
});

describe("a measure", () => {
  it("refuses a report of iperf3 that is an error", () => {
    expect(() => tcpUp[0]?.read('{"start":{},"error":"unable to connect"}')).toThrow("unable to connect");
  });

  it("reads the packets that arrived, not those sent", () => {
    const udp = measures.find(({ name }) => name === "UDP up, 64 octets");
    const sum = { packets: 1000, lost_packets: 400, seconds: 2 };
    expect(udp?.read(JSON.stringify({ end: { sum } }))).toBe(300);
  });

  it("takes the median of the round trips in µs", () => {
    const ping = measures.find(({ unit }) => unit === "µs");
    const line = (ms: number) => `64 bytes from 198.51.100.10: icmp_seq=1 ttl=62 time=${ms} ms`;
    expect(ping?.read([0.05, 0.9, 0.06].map(line).join("\n"))).toBeCloseTo(60);
  });
});
