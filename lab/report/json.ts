// A report as one JSON document, written at the end.

import type { CheckResult } from "../checks/outcome.js";
import type { Step } from "../lab.js";
import type { Topology } from "../topology.js";
import type { Reporter } from "./reporter.js";

export function jsonReporter(write: (text: string) => void): Reporter {
  let about: Pick<Topology, "name" | "title"> | undefined;
  const steps: Omit<Step, "at">[] = [];
  const checks: object[] = [];
  return {
    topology({ name, title }) {
      about = { name, title };
    },
    step({ at, ...step }) {
      if (step.state !== "started") steps.push({ ...step, ...{ ms: Math.round(at) } });
    },
    checkStarts: () => undefined,
    check: (result) => void checks.push(checkRecord(result)),
    summary({ passed, failed, warned, skipped, took }) {
      const summary = { passed, failed, warned, skipped, ms: Math.round(took) };
      write(`${JSON.stringify({ topology: about, steps, checks, summary }, undefined, 2)}\n`);
    },
  };
}

function checkRecord({ check, verdict, sentence, detail, took, rates }: CheckResult): object {
  return {
    name: check.name,
    kind: check.kind,
    on: check.on,
    verdict,
    sentence,
    detail,
    ms: Math.round(took),
    ...(rates === undefined ? {} : { rates }),
  };
}
