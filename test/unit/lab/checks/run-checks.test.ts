// How checks are judged and tried again, with a lab that is made up.

import { describe, expect, it } from "vitest";
import type { Check, CheckOf } from "../../../../lab/checks/check.js";
import type { CheckContext } from "../../../../lab/checks/check-context.js";
import { runCheck, runChecks } from "../../../../lab/checks/run-checks.js";
import type { ExecResult } from "../../../../lab/command.js";

const base = {
  name: "a",
  on: "host",
  phase: "running",
  expect: "pass",
  level: "error",
  within: 0.3,
  pass: "it works",
  fail: "it does not",
  needs: [],
  given: [],
  seen: [],
} as const;
const run: CheckOf<"run"> = { ...base, kind: "run", command: ["true"], exit: 0 };

/** Answers one after the other, the last one for ever. */
function context(
  ...answers: readonly Partial<ExecResult>[]
): CheckContext & { readonly tries: () => number; readonly told: string[] } {
  let tries = 0;
  const told: string[] = [];
  return {
    exec: async () => {
      const answer = answers[Math.min(tries++, answers.length - 1)];
      return { code: 0, stdout: "", stderr: "", ...answer };
    },
    before: () => undefined,
    snapshot: async () => {
      throw new Error("unreachable");
    },
    give: async (effects) => {
      told.push(...effects.map((effect) => effect.do));
      return { [Symbol.asyncDispose]: async () => void told.push(`undone after ${tries} tries`) };
    },
    tries: () => tries,
    told,
  };
}

describe("runCheck()", () => {
  it("passes with the pass sentence", async () => {
    expect(await runCheck(run, context({ stdout: "yes" }))).toMatchObject({
      verdict: "PASS",
      sentence: "it works",
      detail: "yes",
    });
  });

  it("does not take a probe that broke down for the failure it expects", async () => {
    const refused: Check = { ...base, expect: "fail", kind: "tcp", to: "192.0.2.1", port: 81 };
    const broken = context({ code: 1, stderr: "SyntaxError: something" });
    expect(await runCheck(refused, broken)).toMatchObject({
      verdict: "FAIL",
      detail: "the probe ended with exit code 1: SyntaxError: something",
    });
  });

  it("tries again until it passes, and does not hide it", async () => {
    const lab = context({ code: 7 }, { code: 7 }, { code: 0, stdout: "yes" });
    const { verdict, detail } = await runCheck({ ...run, within: 30 }, lab);
    expect({ verdict, detail }).toEqual({ verdict: "PASS", detail: "yes (at try 3; at first: exit code 7)" });
    expect(lab.tries()).toBe(3);
  });

  it("gives a try whole milliseconds, since a timer takes no others", async () => {
    const given: number[] = [];
    const lab = context();
    const timed: CheckContext = {
      ...lab,
      exec: (_node, _command, { timeout = 0 } = {}) => {
        given.push(timeout);
        return lab.exec("", "");
      },
    };
    await runCheck({ ...run, within: 30.0004 }, timed);
    expect(given.map(Number.isInteger)).toEqual([true]);
  });

  it("does what is given before the first try, and undoes it after the last", async () => {
    const given: Check["given"] = [{ do: "link.set", in: "core", name: "eth0", mtu: 1400 }];
    const lab = context({ code: 7 }, { code: 0 });
    expect((await runCheck({ ...run, given, within: 30 }, lab)).verdict).toBe("PASS");
    expect(lab.told).toEqual(["link.set", "undone after 2 tries"]);
  });

  it("fails at its deadline with the last thing seen", async () => {
    const lab = context({ code: 7, stderr: "first" }, { code: 7, stderr: "last" });
    const failed = await runCheck({ ...run, within: 2 }, lab);
    expect(failed).toMatchObject({ verdict: "FAIL", sentence: "it does not", detail: "exit code 7: last" });
    expect(failed.took).toBeLessThan(20_000);
  });

  it("turns a failure into a warning where the level says so", async () => {
    expect((await runCheck({ ...run, level: "warn" }, context({ code: 1 }))).verdict).toBe("WARN");
  });

  it("a negative check passes when what it tries does not work, and waits until it does not", async () => {
    const lab = context({ code: 0 }, { code: 0 }, { code: 1 });
    expect(await runCheck({ ...run, expect: "fail", within: 30 }, lab)).toMatchObject({
      verdict: "PASS",
      sentence: "it works",
    });
    expect(lab.tries()).toBe(3);
  });

  it("a negative check fails where it works until the end", async () => {
    expect(await runCheck({ ...run, expect: "fail" }, context({ code: 0 }))).toMatchObject({
      verdict: "FAIL",
      sentence: "it does not",
    });
  });

  it.each([
    [{ exit: 3 }, { code: 3 }, "PASS"],
    [{ exit: 3 }, { code: 0 }, "FAIL"],
    [{ match: "^b.d$" }, { stdout: "good\nbad" }, "PASS"],
    [{ match: "^b.d$" }, { stderr: "bad" }, "PASS"],
    [{ match: "^b.d$" }, { stdout: "worse" }, "FAIL"],
  ] as const)("run %j on %j: %s", async (fields, answer, verdict) => {
    expect((await runCheck({ ...run, ...fields }, context(answer))).verdict).toBe(verdict);
  });

  it.each([
    ['{"state":"active","text":"IPv4 goes"}', "PASS", "IPv4 goes"],
    ['{"state":"waiting","reason":"no-pref64"}', "FAIL", "its state is waiting: no-pref64"],
    ["", "FAIL", "clatd status: exit code 0: "],
  ])("clatd status %s: %s", async (stdout, verdict, detail) => {
    const check: Check = { ...base, kind: "clatd", state: "active" };
    expect(await runCheck(check, context({ stdout }))).toMatchObject({ verdict, detail });
  });
});

describe("runChecks()", () => {
  it("once aborted tries nothing any more, and puts back what was changed", async () => {
    const stop = new AbortController();
    const lab = context({ code: 7 });
    const given = [{ do: "link.set", in: "host", name: "eth0", mtu: 1400 }] as const;
    const seen: string[] = [];
    const results = await runChecks(
      [
        { ...run, given, within: 600 },
        { ...run, name: "b" },
      ],
      { ...lab, signal: stop.signal },
      {
        onStart: ({ name }) => {
          seen.push(name);
          setTimeout(() => stop.abort(), 20);
        },
        onResult: ({ check }) => void seen.push(`result of ${check.name}`),
      },
    );
    expect({ results, seen }).toEqual({ results: [], seen: ["a"] });
    expect(lab.told).toEqual(["link.set", `undone after ${lab.tries()} tries`]);
  });

  it("skips with a reason, tries nothing, and goes on", async () => {
    const lab = context({});
    const told: string[] = [];
    const checks: Check[] = [{ ...run, needs: ["no-such-program", "sh"] }, { ...run, phase: "after-clatd" }, run];
    const results = await runChecks(checks, lab, {
      reasonToSkip: ({ phase }) => (phase === "running" ? undefined : "not now"),
      onResult: ({ verdict, detail }) => told.push(`${verdict} ${detail}`),
    });
    expect(results.map(({ verdict }) => verdict)).toEqual(["SKIP", "SKIP", "PASS"]);
    expect(told).toEqual([
      "SKIP no-such-program is not installed (apt-get install no-such-program)",
      "SKIP not now",
      "PASS ",
    ]);
    expect(lab.tries()).toBe(1);
  });
});
