// What is told while a lab runs; plain lines, a live terminal and JSON each tell it their way.

import type { Check } from "../checks/check.js";
import type { CheckResult, Verdict } from "../checks/outcome.js";
import type { Step } from "../lab.js";
import type { Topology } from "../topology.js";

export interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly warned: number;
  readonly skipped: number;
  /** Milliseconds. */
  readonly took: number;
  readonly throughput: readonly CheckResult[];
}

export interface Reporter {
  topology(topology: Topology): void;
  step(step: Step): void;
  checkStarts(check: Check): void;
  check(result: CheckResult): void;
  summary(summary: Summary): void;
}

export function summarise(results: readonly CheckResult[], took: number): Summary {
  const count = (verdict: Verdict): number => results.filter((result) => result.verdict === verdict).length;
  return {
    passed: count("PASS"),
    failed: count("FAIL"),
    warned: count("WARN"),
    skipped: count("SKIP"),
    took,
    throughput: results.filter((result) => result.rates !== undefined),
  };
}

/** 0 all passed, 1 a check failed, 3 only warnings (2: could not run, an exception). */
export function exitCode({ failed, warned }: Summary): 0 | 1 | 3 {
  return failed > 0 ? 1 : warned > 0 ? 3 : 0;
}
