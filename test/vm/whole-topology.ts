// A whole topology as tests: it is brought up once, and each of its checks is a test, which ends when the check does, so that
// one sees how far it is: in the guest that takes a while.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Check } from "../../lab/checks/check.js";
import type { CheckResult } from "../../lab/checks/outcome.js";
import { noColours } from "../../lab/report/colour.js";
import type { Summary } from "../../lab/report/reporter.js";
import { stepLine } from "../../lab/report/text.js";
import { runTopology } from "../../lab/run.js";
import type { Topology } from "../../lab/topology.js";
import { loadTopology } from "../../lab/topology-file.js";

/** Of what is downloaded and uploaded elsewhere, a tenth: the guest's processor is emulated. */
const LESS = 10;

/** @param gaps checks that cannot pass, by their name, and why: they are skipped */
export async function wholeTopology(
  title: string,
  name: string,
  edit: (topology: Topology) => Topology,
  gaps: Readonly<Record<string, string>> = {},
): Promise<void> {
  const loaded = edit(await loadTopology(name));
  const checks = loaded.checks.filter((check) => gaps[check.name] === undefined);
  const topology = { ...loaded, checks: checks.map(lighter) };
  describe(title, () => {
    const awaited = new Map(topology.checks.map((check) => [check.name, later<CheckResult>()]));
    let run: Promise<Summary>;

    beforeAll(() => {
      process.stdout.write(`${title}\n`);
      run = runTopology(topology, {
        reporter: {
          topology() {},
          step(step) {
            if (step.state !== "started") process.stdout.write(`${stepLine(step, noColours)}\n`);
          },
          checkStarts() {},
          check: (result) => awaited.get(result.check.name)?.resolve(result),
          summary() {},
        },
      });
      // Each test tells how it failed.
      run.catch(() => undefined);
    });
    afterAll(async () => {
      await run.catch(() => undefined);
    });

    it.for(loaded.checks)("$name: $pass", async (check, { skip }) => {
      const gap = gaps[check.name];
      if (gap !== undefined) skip(gap);
      const failed = run.then(() => Promise.reject(new Error("The lab has ended without this check")));
      const result = await Promise.race([awaited.get(check.name)?.promise, failed]);
      if (result?.verdict === "SKIP") skip(result.detail);
      expect(result, result?.detail).toMatchObject({ verdict: "PASS" });
    });
  });
}

function lighter(check: Check): Check {
  switch (check.kind) {
    case "http":
      return { ...check, download: check.download / LESS, upload: check.upload / LESS };
    case "throughput":
      return { ...check, seconds: 1 };
    default:
      return check;
  }
}

function later<T>(): { readonly promise: Promise<T>; resolve(value: T): void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((take) => {
    resolve = take;
  });
  return { promise, resolve: (value) => resolve(value) };
}
