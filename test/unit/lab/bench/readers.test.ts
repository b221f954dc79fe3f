import { describe, expect, it } from "vitest";
import { readStatus } from "../../../../lab/bench/start-clatd.js";
import { bestOf, receivedBits } from "../../../../lab/bench/tcp.js";
import { dueBy } from "../../../../lab/bench/tester/load.js";
import { datagramsIn } from "../../../../lab/bench/tester/sink.js";
import { perfTable } from "../../../../lab/bench/time-profile.js";
import { isWhole } from "../../../../lab/bench/udp.js";

describe("receivedBits()", () => {
  it("reads what arrived", () => {
    expect(receivedBits('{"end":{"sum_sent":{"bits_per_second":9},"sum_received":{"bits_per_second":7}}}')).toBe(7);
  });

  it.each([
    ['{"start":{},"error":"unable to connect"}', "unable to connect"],
    ['{"end":{"sum_received":{"bits_per_second":0}}}', "nothing arrived"],
    ["iperf3: error - unable to send", "said no JSON: iperf3: error - unable to send"],
  ])("refuses %s", (stdout, text) => expect(() => receivedBits(stdout)).toThrow(text));
});

describe("bestOf()", () => {
  const runs = (...list: number[]) => {
    const done: number[] = [];
    return {
      done,
      measure: async () => {
        const figure = list[done.length] ?? 0;
        done.push(figure);
        return [figure, -figure];
      },
    };
  };

  it.each([
    [2, [20, 60, 70], [60, -60], 2],
    [3, [60, 20, 30], [60, -60], 3],
    [1, [20, 60], [20, -20], 1],
  ])("of %d runs takes all figures of the fastest: %j", async (count, list, best, done) => {
    const some = runs(...list);
    expect(await bestOf(count, some.measure)).toEqual(best);
    expect(some.done).toHaveLength(done);
  });

  it("does not ask again where the translator decides", async () => {
    const some = runs(12, 60);
    expect(await bestOf(2, some.measure)).toEqual([12, -12]);
  });
});

describe("readStatus()", () => {
  it("reads the engine that works", () => {
    const record = {
      state: "active",
      text: "IPv4 goes through eth0",
      active: { engine: { name: "ebpf", why: "the best" } },
    };
    expect(readStatus(JSON.stringify(record))).toEqual({
      state: "active",
      text: "IPv4 goes through eth0",
      engine: "ebpf",
      why: "the best",
    });
  });

  it("takes nothing for not yet", () => expect(readStatus("").state).toBe(""));
});

describe("isWhole() (RFC 2544 §26.1)", () => {
  it.each([
    [{ sent: 1000, received: 1000, seconds: 1 }, true],
    [{ sent: 1000, received: 999, seconds: 1 }, false],
    [{ sent: 1000, received: 1000, seconds: 1.2 }, false],
  ])("of %j is %s", (trial, whole) => expect(isWhole(trial, 1)).toBe(whole));
});

describe("dueBy()", () => {
  it.each([
    [0, 1],
    [0.5, 501],
    [1, 1000],
    [3, 1000],
  ])("after %d s of 1000 a second, %d are due", (seconds, due) => expect(dueBy(seconds, 1000, 1000)).toBe(due));
});

describe("datagramsIn()", () => {
  it.each([
    [64, 64, false, 1],
    [5, 64, false, 0],
    [128, 64, false, 0],
    [640, 64, true, 10],
    [65, 64, true, 0],
  ])("%d octets, of %d each (trains: %s), are %d", (length, size, trains, count) =>
    expect(datagramsIn(length, size, trains)).toBe(count),
  );
});

describe("perfTable()", () => {
  it("keeps the rows, with the columns asked for", () => {
    const report = "# To display\n#\n\n    12.00%|node|[k] veth_xmit  |-  |-\n\n";
    expect(perfTable(["comm", "symbol"], report)).toBe(
      "| comm | symbol | time |\n| --- | ---: | ---: |\n| node | [k] veth_xmit | 12.00% |",
    );
  });
});
