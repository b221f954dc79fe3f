import { describe, expect, it } from "vitest";
import { createLog, formatFields } from "../../../src/daemon/log.js";

function saidAt(options: { quiet: number; debug: number }): string[] {
  const lines: string[] = [];
  const log = createLog({ ...options, write: (line, to) => void lines.push(`${to}: ${line}`) });
  log.error("e");
  log.warn("w");
  log.info("i");
  log.debug("d");
  log.trace("t");
  return lines;
}

const all = [
  "stderr: clatd error: e",
  "stderr: clatd warning: w",
  "stdout: clatd i",
  "stdout: clatd d",
  "stdout: clatd t",
];

describe("createLog()", () => {
  const cases: readonly (readonly [string, { quiet: number; debug: number }, number])[] = [
    ["says what goes wrong and what changes", { quiet: 0, debug: 0 }, 3],
    ["with debug=1 says more", { quiet: 0, debug: 1 }, 4],
    ["with debug=2 says all", { quiet: 0, debug: 2 }, 5],
    ["with quiet=1 says what goes wrong", { quiet: 1, debug: 0 }, 2],
    ["with quiet=2 says nothing", { quiet: 2, debug: 2 }, 0],
  ];
  for (const [what, options, count] of cases) {
    it(`createLog() ${what}`, () => {
      expect(saidAt(options)).toEqual(all.slice(0, count));
    });
  }

  it("createLog() writes one line with its fields", () => {
    const lines: string[] = [];
    const log = createLog({ quiet: 0, debug: 0, write: (line) => void lines.push(line) });
    log.info("active", { pref64: "2001:db8:64::/96", origin: "dns64", engine: "userspace" });
    expect(lines).toEqual(["clatd active pref64=2001:db8:64::/96 origin=dns64 engine=userspace"]);
  });

  it("createLog() gives the journal levels (sd-daemon(3)) and no name, for each line of its own", () => {
    const lines: string[] = [];
    const log = createLog({
      quiet: 0,
      debug: 2,
      journal: true,
      write: (line, to) => void lines.push(`${to}: ${line}`),
    });
    log.error("first\nsecond");
    log.warn("w");
    log.info("active", { engine: "userspace" });
    log.debug("d");
    expect(lines).toEqual([
      "stderr: <3>first\n<3>second",
      "stderr: <4>w",
      "stdout: <6>active engine=userspace",
      "stdout: <7>d",
    ]);
  });

  it("formatFields() quotes what is not one word, and leaves out what is undefined", () => {
    expect(formatFields({ a: 'say "a"\n', b: 1, c: undefined, d: "", e: "x=y" })).toBe(
      String.raw` a="say \"a\"\n" b=1 d="" e="x=y"`,
    );
  });
});
