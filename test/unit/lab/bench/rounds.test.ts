import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Activity } from "../../../../lab/bench/activities.js";
import { Notebook } from "../../../../lab/bench/figures.js";
import { type Kept, keptIn, keptNowhere } from "../../../../lab/bench/kept.js";
import { profiles } from "../../../../lab/bench/profiles.js";
import { Remaining } from "../../../../lab/bench/remaining.js";
import { measureInTurn, type Place, type Run } from "../../../../lab/bench/rounds.js";
import type { Stand } from "../../../../lab/bench/stand.js";

const order: string[] = [];

function activity(name: string, figure: (subject: string) => number): Activity {
  return {
    name,
    measures: [{ name, unit: "µs", better: "less", limited: false }],
    run: async (stand) => {
      order.push(`${name} ${stand.name}`);
      return [figure(stand.name)];
    },
    seconds: () => 1,
  };
}

/** Activities here look at nothing of a stand but its name. */
const place = (name: string, notebook: Notebook, only?: RegExp): Place => ({
  stand: { name } as Stand,
  notebook,
  label: "veth",
  ...(only === undefined ? {} : { only }),
});

const run = (kept: Kept = keptNowhere, remaining = new Remaining()): Run => ({
  profile: profiles.ci,
  kept,
  remaining,
});

const upTo = (last: number) => ({ first: 1, last });
const silent = (): void => undefined;

describe("measureInTurn()", () => {
  it("does each activity with all subjects before the next one, the other way round in every other round", async () => {
    order.length = 0;
    const notebook = new Notebook();
    const places = [place("plain", notebook), place("ebpf", notebook)];
    await measureInTurn(places, [activity("a", () => 1), activity("b", () => 2)], run(), upTo(3), silent);
    const there = ["a plain", "a ebpf", "b plain", "b ebpf"];
    const back = ["a ebpf", "a plain", "b ebpf", "b plain"];
    expect(order).toEqual([...there, ...back, ...there]);
    expect(notebook.results.figures.get("ebpf")?.get("b")).toEqual([2, 2, 2]);
  });

  it("leaves out what a subject does not take part in", async () => {
    const notebook = new Notebook();
    const some = [activity("a", () => 1), activity("b", () => 2)];
    await measureInTurn([place("bounce", notebook, /^b$/)], some, run(), upTo(1), silent);
    expect([...(notebook.results.figures.get("bounce")?.keys() ?? [])]).toEqual(["b"]);
  });

  it("does a long activity in the first rounds only", async () => {
    order.length = 0;
    const long = { ...activity("long", () => 1), rounds: () => 2 };
    await measureInTurn([place("plain", new Notebook())], [long, activity("a", () => 1)], run(), upTo(3), silent);
    expect(order.filter((line) => line === "long plain")).toHaveLength(2);
    expect(order.filter((line) => line === "a plain")).toHaveLength(3);
  });

  it("notes a failure and goes on, and gives up after two in a row; rounds stay in their places", async () => {
    const notebook = new Notebook();
    const said: string[] = [];
    const broken = activity("a", () => {
      throw new Error("Cannot measure: nothing arrived");
    });
    await measureInTurn([place("plain", notebook)], [broken, activity("b", () => 2)], run(), upTo(4), (line) =>
      said.push(line),
    );
    expect(notebook.results.failures).toEqual(
      Array.from({ length: 2 }, () => ({ subject: "plain", what: "a", why: "Cannot measure: nothing arrived" })),
    );
    expect(notebook.results.figures.get("plain")?.get("a")).toEqual(Array.from({ length: 4 }, () => Number.NaN));
    expect(notebook.results.figures.get("plain")?.get("b")).toHaveLength(4);
    expect(said[0]).toMatch(/^round 1 of 4, veth: a: plain failed; /);
    expect(said[1]).toMatch(/^round 1 of 4, veth: b: plain 2\.0 µs; /);
  });

  it("does not give up on what fails now and then", async () => {
    const notebook = new Notebook();
    let turn = 0;
    const shaky = activity("a", () => {
      turn += 1;
      if (turn % 2 === 1) throw new Error("Cannot measure: busy");
      return turn;
    });
    await measureInTurn([place("plain", notebook)], [shaky], run(), upTo(6), silent);
    const never = Number.NaN;
    expect(notebook.results.figures.get("plain")?.get("a")).toEqual([never, 2, never, 4, never, 6]);
  });

  it("says how much is left", async () => {
    const remaining = new Remaining();
    remaining.plan(2000);
    const said: string[] = [];
    await measureInTurn(
      [place("plain", new Notebook())],
      [activity("a", () => 1)],
      run(keptNowhere, remaining),
      upTo(1),
      (line) => said.push(line),
    );
    expect(said).toEqual([expect.stringMatching(/^round 1 of 1, veth: a: plain 1\.0 µs; \d+ s left$/)]);
    expect(remaining.seconds).toBeLessThan(1999);
  });

  it("goes on where a run was broken off, with its figures and failures", async () => {
    const folder = mkdtempSync(join(tmpdir(), "clatd-bench-"));
    try {
      const file = join(folder, "kept.jsonl");
      let turn = 0;
      const counting = activity("a", () => {
        turn += 1;
        if (turn === 2) throw new Error("Cannot measure: busy");
        return turn;
      });
      await measureInTurn([place("plain", new Notebook())], [counting], run(keptIn(file, {})), upTo(3), silent);
      const notebook = new Notebook();
      await measureInTurn([place("plain", notebook)], [counting], run(keptIn(file, {})), upTo(5), silent);
      expect(turn).toBe(5);
      expect(notebook.results.figures.get("plain")?.get("a")).toEqual([1, Number.NaN, 3, 4, 5]);
      expect(notebook.results.failures).toEqual([{ subject: "plain", what: "a", why: "Cannot measure: busy" }]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
