// The benchmark as a program, in its shortest profile: that it measures and reports, not what. Figures of a machine that runs
// tests mean nothing.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { beforeEach, describe, expect, it } from "vitest";
import { activitiesOf } from "../../../lab/bench/activities.js";
import { profiles } from "../../../lab/bench/profiles.js";
import { programs } from "../../../lab/programs.js";
import { labObstacle } from "../../support/obstacle.js";
import { hostState } from "./host-state.js";

interface Part {
  readonly subjects: Readonly<
    Record<string, Readonly<Record<string, { readonly median: number; readonly figures: number[] }>>>
  >;
  readonly missing: readonly unknown[];
  readonly failures: readonly unknown[];
  readonly goals: readonly { readonly goal: { readonly subject: string }; readonly figure?: number }[];
}

const measured = activitiesOf(profiles.ci).flatMap(({ measures }) => measures.map(({ name }) => name));

beforeEach(({ skip }) => {
  if (labObstacle !== undefined) skip(labObstacle);
});

describe("npm run bench", () => {
  it("measures plain and userspace in turn on both kinds of links, and leaves the host as it was", async () => {
    const folder = await mkdtemp(join(tmpdir(), "clatd-bench-"));
    try {
      const before = await hostState();
      const out = join(folder, "bench.md");
      const words = ["--profile", "ci", "--subjects", "plain,userspace", "--json", "--out", out];
      const { stdout, stderr } = await execa(programs.node, [`${programs.dist}/lab/bench/bench.js`, ...words]);
      const report = JSON.parse(stdout) as { selfTest: Part; links: Record<string, Part>; deviations: unknown[] };

      expect(Object.keys(report.links)).toEqual(["veth", "wire"]);
      const parts = { ...report.links, self: report.selfTest };
      for (const [name, { subjects, missing, failures }] of Object.entries(parts)) {
        expect({ name, missing, failures }).toEqual({ name, missing: [], failures: [] });
        for (const figures of Object.values(subjects)) {
          expect(Object.keys(figures).sort()).toEqual([...measured].sort());
          for (const { median } of Object.values(figures)) expect(median).toBeGreaterThanOrEqual(0);
        }
      }
      expect(Object.keys(report.links["wire"]?.subjects ?? {})).toEqual(["plain", "userspace"]);
      const judged = report.links["veth"]?.goals.filter(({ figure }) => figure !== undefined) ?? [];
      expect(judged.map(({ goal }) => goal.subject)).toEqual(["userspace", "userspace"]);
      expect(report.deviations.length).toBeGreaterThan(10);

      expect(stderr).toMatch(
        /^bench: [0-9:]+ round 1 of 1, wire: round trips: plain [0-9.]+ µs, userspace [0-9.]+ µs$/m,
      );
      expect(await readFile(out, "utf8")).toContain("## Where this is not RFC 8219");
      expect(await hostState()).toEqual(before);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("refuses what it does not know, with what there is", async () => {
    const { exitCode, stderr } = await execa(
      programs.node,
      [`${programs.dist}/lab/bench/bench.js`, "--profile", "slow"],
      {
        reject: false,
      },
    );
    expect(exitCode).toBe(2);
    expect(stderr).toContain('bench: Cannot use --profile "slow": there are ci, quick, rfc8219');
  });
});
