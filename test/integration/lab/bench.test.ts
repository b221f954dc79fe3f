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
import { hostState, untilAsBefore } from "./host-state.js";

interface Part {
  readonly subjects: Readonly<
    Record<string, Readonly<Record<string, { readonly median: number; readonly figures: number[] }>>>
  >;
  readonly missing: readonly unknown[];
  readonly failures: readonly unknown[];
  readonly goals: readonly { readonly goal: { readonly subject: string }; readonly figure?: number }[];
}

/** Milliseconds: a lab for each of the measurements, on a machine that others keep busy. */
const PATIENCE = 300_000;

const measured = activitiesOf(profiles.ci).flatMap(({ measures }) => measures.map(({ name }) => name));

beforeEach(({ skip }) => {
  if (labObstacle !== undefined) skip(labObstacle);
});

describe("npm run bench", () => {
  it(
    "measures plain and userspace in turn on both kinds of links, and leaves the host as it was",
    async () => {
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
          /^bench: [0-9:]+ round 1 of 1, wire: round trips: plain [0-9.]+ µs, userspace [0-9.]+ µs; [0-9.]+ (s|min) left$/m,
        );
        expect(await readFile(out, "utf8")).toContain("## Where this is not RFC 8219");
        await untilAsBefore(before);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    PATIENCE,
  );

  it(
    "measures by the steps of RFC 8219, table by table into one file",
    async () => {
      const folder = await mkdtemp(join(tmpdir(), "clatd-bench-"));
      try {
        const bench = async (measures: string) => {
          const which = ["--parts", "links", "--links", "veth", "--subjects", "plain", "--measures", measures];
          const how = [
            "--profile",
            "rfc8219",
            "--scale",
            "0.001",
            "--rounds",
            "1",
            "--keep",
            join(folder, "kept.jsonl"),
          ];
          const { stdout } = await execa(programs.node, [
            `${programs.dist}/lab/bench/bench.js`,
            ...which,
            ...how,
            "-j",
          ]);
          const { links } = JSON.parse(stdout) as { links: Record<string, Part> };
          return links["veth"]?.subjects["plain"] ?? {};
        };
        const first = await bench("^round trips$");
        const both = await bench("^round trips$|^UDP down, 18 octets$");
        expect(Object.keys(first)).toEqual(["round trip, median", "round trip, 99.9 %"]);
        expect(both).toMatchObject(first);
        expect(both["UDP down, 18 octets, blast"]?.median).toBeGreaterThan(0);
        expect(both["UDP down, 18 octets, no loss"]?.figures).toHaveLength(1);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    PATIENCE,
  );

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
