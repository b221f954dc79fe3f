// Every check of a topology, each a test of its own: for a `describe`.

import { beforeAll, beforeEach, expect, it } from "vitest";
import type { CheckResult } from "../../../lab/checks/outcome.js";
import { runTopology } from "../../../lab/run.js";
import type { Topology } from "../../../lab/topology.js";
import { engineObstacle, type OwnEngine, patience, patiently, withEngine } from "../../support/engines.js";
import { labObstacle } from "../../support/obstacle.js";

export function eachCheck(topology: Topology, engine: OwnEngine): void {
  const obstacle = labObstacle ?? engineObstacle(engine);
  const results = new Map<string, CheckResult>();

  beforeAll(async () => {
    if (obstacle !== undefined) return;
    const silent = { topology() {}, step() {}, checkStarts() {}, summary() {} };
    const reporter = { ...silent, check: (result: CheckResult) => void results.set(result.check.name, result) };
    await runTopology(patiently(withEngine(engine)(topology)), { reporter, patience });
  });
  beforeEach(({ skip }) => {
    if (obstacle !== undefined) skip(obstacle);
  });

  it.for(topology.checks)("$name: $pass", ({ name }, { skip }) => {
    const result = results.get(name);
    if (result?.verdict === "SKIP") skip(result.detail);
    expect(result, result?.detail).toMatchObject({ verdict: "PASS" });
  });
}
