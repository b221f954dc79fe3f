// Up, checks, down: `clatlab run`. The checks come in three phases: before clatd starts, while it runs, and after it has
// stopped in order.

import type { NetSnapshot } from "../src/os/snapshot.js";
import type { Check, CheckPhase } from "./checks/check.js";
import type { CheckContext } from "./checks/check-context.js";
import type { CheckResult } from "./checks/outcome.js";
import { runChecks, skipped } from "./checks/run-checks.js";
import { give } from "./given.js";
import { type Lab, startLab } from "./lab.js";
import { missingModules, programs } from "./programs.js";
import { realizeStages } from "./realize.js";
import { type Reporter, type Summary, summarise } from "./report/reporter.js";
import type { Topology } from "./topology.js";

export interface RunOptions {
  readonly reporter: Reporter;
  /** Called with the lab when all is done, before it ends: to keep it a while. */
  readonly keep?: (lab: Lab) => Promise<void>;
  /** As that of a check's context. */
  readonly patience?: number;
}

export async function runTopology(topology: Topology, { reporter, keep, patience }: RunOptions): Promise<Summary> {
  const started = performance.now();
  const now = (): number => performance.now() - started;
  reporter.topology(topology);
  const obstacle = missingModules(modulesOf(topology));
  if (obstacle !== undefined) {
    const results = topology.checks.map((check) => skipped(check, obstacle));
    for (const result of results) reporter.check(result);
    const summary = summarise(results, now());
    reporter.summary(summary);
    return summary;
  }
  await using lab = await startLab(topology, { clatd: false, onStep: (step) => reporter.step(step) });
  const clatds = lab.services.filter((service) => service.name === "clatd");
  const before = new Map<string, NetSnapshot>();
  const context = { ...contextOf(lab, before), ...(patience === undefined ? {} : { patience }) };
  const phase = (name: CheckPhase): Promise<CheckResult[]> =>
    runChecks(
      topology.checks.filter((check) => check.phase === name),
      context,
      {
        onStart: (check) => reporter.checkStarts(check),
        onResult: (result) => reporter.check(result),
      },
    );
  const step = async (title: string, work: () => Promise<void>): Promise<void> => {
    reporter.step({ title, state: "started", at: now() });
    await work();
    reporter.step({ title, state: "done", at: now() });
  };
  const results = await phase("before-clatd");
  for (const check of restoredIn(topology)) before.set(check.on, await lab.settled(check.on));
  for (const service of clatds) await step(`${service.node}: ${service.what}`, () => service.start());
  results.push(...(await phase("running")));
  if (topology.checks.some((check) => check.phase === "after-clatd")) {
    for (const service of clatds) await step(`${service.node}: clatd stopped`, () => service.stop());
    results.push(...(await phase("after-clatd")));
  }
  const summary = summarise(results, now());
  reporter.summary(summary);
  await keep?.(lab);
  return summary;
}

export function contextOf(lab: Pick<Lab, "nodes" | "os">, before: ReadonlyMap<string, NetSnapshot>): CheckContext {
  return {
    exec: (node, command, options) => lab.nodes.exec(node, command, options),
    before: (node) => before.get(node),
    snapshot: (node) => lab.os.snapshot(node),
    give: (effects) => give(lab.os, lab.nodes, effects),
  };
}

const modulesOf = (topology: Topology): string[] =>
  realizeStages(topology, programs).flatMap((stage) => (stage.part === "service" ? [...(stage.modules ?? [])] : []));

const restoredIn = (topology: Topology): Check[] => topology.checks.filter((check) => check.kind === "restored");
