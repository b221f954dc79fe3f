import { describe, expect, it } from "vitest";
import type { Activity } from "../../../../lab/bench/activities.js";
import { Notebook } from "../../../../lab/bench/figures.js";
import { profiles } from "../../../../lab/bench/profiles.js";
import { measureInTurn, type Place } from "../../../../lab/bench/rounds.js";
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
  };
}

/** Activities here look at nothing of a stand but its name. */
const place = (name: string, notebook: Notebook, only?: RegExp): Place => ({
  stand: { name } as Stand,
  notebook,
  label: "veth",
  ...(only === undefined ? {} : { only }),
});

describe("measureInTurn()", () => {
  it("does each activity with all subjects before the next one", async () => {
    order.length = 0;
    const notebook = new Notebook();
    const places = [place("plain", notebook), place("ebpf", notebook)];
    await measureInTurn(places, [activity("a", () => 1), activity("b", () => 2)], profiles.ci, 2, () => undefined);
    const round = ["a plain", "a ebpf", "b plain", "b ebpf"];
    expect(order).toEqual([...round, ...round]);
    expect(notebook.results.figures.get("ebpf")?.get("b")).toEqual([2, 2]);
  });

  it("leaves out what a subject does not take part in", async () => {
    const notebook = new Notebook();
    const some = [activity("a", () => 1), activity("b", () => 2)];
    await measureInTurn([place("bounce", notebook, /^b$/)], some, profiles.ci, 1, () => undefined);
    expect([...(notebook.results.figures.get("bounce")?.keys() ?? [])]).toEqual(["b"]);
  });

  it("notes a failure and goes on, and gives up after two in a row", async () => {
    const notebook = new Notebook();
    const said: string[] = [];
    const broken = activity("a", () => {
      throw new Error("Cannot measure: nothing arrived");
    });
    await measureInTurn([place("plain", notebook)], [broken, activity("b", () => 2)], profiles.ci, 4, (line) =>
      said.push(line),
    );
    expect(notebook.results.failures).toEqual(
      Array.from({ length: 2 }, () => ({ subject: "plain", what: "a", why: "Cannot measure: nothing arrived" })),
    );
    expect(notebook.results.figures.get("plain")?.get("b")).toHaveLength(4);
    expect(said[0]).toBe("round 1 of 4, veth: a: plain failed");
    expect(said[1]).toBe("round 1 of 4, veth: b: plain 2.0 µs");
  });

  it("does not give up on what fails now and then", async () => {
    const notebook = new Notebook();
    let turn = 0;
    const shaky = activity("a", () => {
      turn += 1;
      if (turn % 2 === 1) throw new Error("Cannot measure: busy");
      return turn;
    });
    await measureInTurn([place("plain", notebook)], [shaky], profiles.ci, 6, () => undefined);
    expect(notebook.results.figures.get("plain")?.get("a")).toEqual([2, 4, 6]);
  });
});
