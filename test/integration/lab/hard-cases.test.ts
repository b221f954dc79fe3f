// Every check of the topology hard-cases, each a test of its own: what translators get wrong, and ours does not.

import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CheckResult } from "../../../lab/checks/outcome.js";
import { runTopology } from "../../../lab/run.js";
import { loadTopology } from "../../../lab/topology-file.js";
import { engineObstacle, ownEngines, patience, patiently, withEngine } from "../../support/engines.js";
import { labObstacle } from "../../support/obstacle.js";

const topology = await loadTopology("hard-cases");

describe.each(ownEngines)("hard-cases with engine=%s", (engine) => {
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
});
