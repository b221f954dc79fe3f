import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keptIn, keptNowhere } from "../../../../lab/bench/kept.js";

const key = { label: "veth", subject: "plain", activity: "round trips" };
const what = { trials: { tcp: 1 }, machine: [2] };
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "clatd-bench-"));
  file = join(folder, "kept.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("keptIn()", () => {
  it("gives back what was added, in its order, by label, subject and activity", () => {
    const first = keptIn(file, what);
    expect(first.of(key)).toEqual([]);
    first.add({ ...key, figures: [5, null] });
    first.add({ ...key, subject: "ebpf", figures: [6, 7] });
    first.add({ ...key, why: "Cannot measure: busy" });
    expect(keptIn(file, what).of(key)).toEqual([
      { ...key, figures: [5, null] },
      { ...key, why: "Cannot measure: busy" },
    ]);
  });

  it("takes out a line that was being written when the run was broken off", () => {
    keptIn(file, what).add({ ...key, figures: [5] });
    appendFileSync(file, '{"label":"ve');
    const again = keptIn(file, what);
    again.add({ ...key, figures: [6] });
    expect(
      keptIn(file, what)
        .of(key)
        .map(({ figures }) => figures),
    ).toEqual([[5], [6]]);
  });

  it("begins a file that is empty", () => {
    writeFileSync(file, "");
    keptIn(file, what);
    expect(readFileSync(file, "utf8")).toBe(`${JSON.stringify(what)}\n`);
  });

  it("refuses figures of other trials, and what is no file of figures", () => {
    keptIn(file, what);
    expect(() => keptIn(file, { ...what, trials: { tcp: 10 } })).toThrow(
      `Cannot go on with ${file}: it has figures of another profile, scale or machine; give --keep another file`,
    );
    writeFileSync(file, "# Benchmark\n");
    expect(() => keptIn(file, what)).toThrow(
      `Cannot go on with ${file}: "# Benchmark" is no line of a benchmark; give --keep another file`,
    );
  });
});

describe("keptNowhere", () => {
  it("has nothing, whatever is added", () => {
    keptNowhere.add({ ...key, figures: [5] });
    expect(keptNowhere.of(key)).toEqual([]);
  });
});
