// How a check came out.

import type { Check } from "./check.js";

export type Verdict = "PASS" | "FAIL" | "WARN" | "SKIP";

export interface CheckResult {
  readonly check: Check;
  readonly verdict: Verdict;
  /** The check's own sentence for this verdict; for SKIP, why. */
  readonly sentence: string;
  /** What was seen: figures, or what went wrong. */
  readonly detail: string;
  /** Milliseconds that it took, tries included. */
  readonly took: number;
  /** Bit/s by direction where throughput was measured. */
  readonly rates?: Readonly<Record<string, number>>;
}
