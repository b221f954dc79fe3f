// The lines of a report, golden.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Check } from "../../../../lab/checks/check.js";
import type { CheckResult, Verdict } from "../../../../lab/checks/outcome.js";
import { colours, noColours } from "../../../../lab/report/colour.js";
import { jsonReporter } from "../../../../lab/report/json.js";
import { liveReporter } from "../../../../lab/report/live.js";
import { plainReporter } from "../../../../lab/report/plain.js";
import { exitCode, type Reporter, summarise } from "../../../../lab/report/reporter.js";
import { shipped } from "../topologies.js";

const topology = shipped("464xlat");
const check = topology.checks.find(({ name }) => name === "download") as Check;

class Sink {
  text = "";
  readonly write = (text: string): void => {
    this.text += text;
  };
}

const result = (verdict: Verdict, detail: string, rates?: CheckResult["rates"]): CheckResult => ({
  check,
  verdict,
  sentence: verdict === "PASS" ? check.pass : verdict === "SKIP" ? "download: not tried" : check.fail,
  detail,
  took: 1234,
  ...(rates === undefined ? {} : { rates }),
});

const results = [
  result("PASS", "20 MB in 0.41 s, sha256 equal", { up: 1e9, down: 2e9 }),
  result(
    "FAIL",
    "first line of what was seen\n  and a second one that is long enough to be wrapped at the eightieth column, as it must",
  ),
  result("WARN", ""),
  result("SKIP", "curl is not installed"),
];

function tell(reporter: Reporter): void {
  reporter.step({ title: "namespaces", state: "started", at: 1 });
  reporter.step({ title: "namespaces", state: "done", at: 31 });
  reporter.step({ title: "server: iperf3", state: "skipped", at: 40, detail: "iperf3 is not installed" });
  const words = "plat-prefix=2001:db8:46::/96 clat-v4-addr=192.0.2.1 clat-v6-addr=2001:db8:a::c1a7";
  reporter.step({ title: `host: clatd ${words}`, state: "done", at: 50 });
  reporter.step({ title: "plat: TAYGA", state: "failed", at: 15_000 });
  for (const one of results) {
    reporter.checkStarts(one.check);
    reporter.check(one);
  }
  reporter.summary(summarise(results, 13_090));
}

describe("plainReporter()", () => {
  it("tells steps, checks and summary in lines of at most 80 columns", () => {
    const out = new Sink();
    tell(plainReporter(out.write, noColours));
    for (const line of out.text.split("\n")) expect([...line].length).toBeLessThanOrEqual(80);
    expect(out.text).toMatchInlineSnapshot(`
      "   0.03 s  namespaces
         0.04 s  left out: server: iperf3 (iperf3 is not installed)
         0.05 s  host: clatd plat-prefix=2001:db8:46::/96
                   clat-v4-addr=192.0.2.1 clat-v6-addr=2001:db8:a::c1a7
        15.00 s  failed: plat: TAYGA
      PASS    1.23 s  A download arrives unchanged
                      20 MB in 0.41 s, sha256 equal
      FAIL    1.23 s  A download does not arrive unchanged
                      first line of what was seen
                        and a second one that is long enough to be wrapped at the
                      eightieth column, as it must
      WARN    1.23 s  A download does not arrive unchanged
      SKIP    1.23 s  download: not tried: curl is not installed

      Throughput: 20 MB in 0.41 s, sha256 equal (A download arrives unchanged)
      1 passed, 1 failed, 1 warning, 1 skipped in 13.09 s
      "
    `);
  });

  it("paints the verdicts where colours are wanted", () => {
    const out = new Sink();
    tell(plainReporter(out.write, colours));
    expect(out.text).toContain("\x1b[32mPASS\x1b[39m");
    expect(out.text).toContain("\x1b[31mFAIL\x1b[39m");
  });

  it("begins with the name, the title and the picture", () => {
    const out = new Sink();
    plainReporter(out.write, noColours).topology(topology);
    expect(out.text).toMatch(/^464xlat: An IPv6-only host [^\n]*\n6877\)\n\n┌/);
    for (const line of out.text.split("\n")) expect([...line].length).toBeLessThanOrEqual(80);
  });
});

describe("liveReporter()", () => {
  it("shows what is under way in the last line and leaves the same lines as plain output", () => {
    const live = new Sink();
    const plain = new Sink();
    {
      using reporter = liveReporter({ write: live.write, width: () => 80 }, noColours);
      tell(reporter);
    }
    tell(plainReporter(plain.write, noColours));
    // What a terminal shows: a line that is cleared is gone.
    const shown = live.text
      .split("\n")
      .map((line) => line.slice(line.lastIndexOf("\x1b[2K") < 0 ? 0 : line.lastIndexOf("\x1b[2K") + 4));
    expect(shown.join("\n")).toBe(plain.text);
    expect(live.text).toContain("⠋ namespaces");
  });
});

describe("on a terminal of 60 columns", () => {
  it("every line fits", () => {
    const out = new Sink();
    using reporter = liveReporter({ write: out.write, width: () => 60 }, noColours);
    reporter.topology(topology);
    tell(reporter);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal is told
    const shown = out.text.replaceAll(/[^\n]*\x1b\[2K/g, "");
    for (const line of shown.split("\n")) expect([...line].length, line).toBeLessThanOrEqual(60);
  });
});

describe("what takes long, in plain lines", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is told of after two seconds, and then every ten, until it is done", () => {
    const out = new Sink();
    using reporter = plainReporter(out.write, noColours);
    reporter.step({ title: "namespaces", state: "started", at: 1000 });
    vi.advanceTimersByTime(13_000);
    reporter.step({ title: "namespaces", state: "done", at: 14_000 });
    reporter.checkStarts(check);
    vi.advanceTimersByTime(1999);
    expect(out.text).not.toContain("download");
    vi.advanceTimersByTime(1);
    reporter.check(result("PASS", ""));
    vi.advanceTimersByTime(60_000);
    expect(out.text).toMatchInlineSnapshot(`
      "   3.00 s  under way: namespaces
        13.00 s  under way: namespaces
        14.00 s  namespaces
              2.00 s  under way: download
      PASS    1.23 s  A download arrives unchanged
      "
    `);
  });

  it("is not told of any more when the report has ended", () => {
    const out = new Sink();
    {
      using reporter = plainReporter(out.write, noColours);
      reporter.checkStarts(check);
    }
    vi.advanceTimersByTime(60_000);
    expect(out.text).toBe("");
  });
});

describe("jsonReporter()", () => {
  it("writes one document at the end", () => {
    const out = new Sink();
    const reporter = jsonReporter(out.write);
    reporter.topology(topology);
    tell(reporter);
    const document = JSON.parse(out.text) as { checks: unknown[]; steps: unknown[] };
    expect(document).toMatchObject({
      topology: { name: "464xlat" },
      steps: [
        { title: "namespaces", state: "done", ms: 31 },
        { title: "server: iperf3", state: "skipped" },
        { title: expect.stringMatching(/^host: clatd .*c1a7$/), state: "done" },
        { title: "plat: TAYGA", state: "failed" },
      ],
      summary: { passed: 1, failed: 1, warned: 1, skipped: 1, ms: 13_090 },
    });
    expect(document.checks[0]).toMatchObject({
      name: "download",
      verdict: "PASS",
      ms: 1234,
      rates: { up: 1e9, down: 2e9 },
    });
  });
});

describe("exitCode()", () => {
  it.each([
    [["PASS", "SKIP"], 0],
    [["PASS", "FAIL", "WARN"], 1],
    [["PASS", "WARN"], 3],
    [[], 0],
  ] as const)("%j: %i", (verdicts, code) => {
    expect(
      exitCode(
        summarise(
          verdicts.map((verdict) => result(verdict, "")),
          1,
        ),
      ),
    ).toBe(code);
  });
});
