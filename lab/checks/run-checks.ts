// Runs checks one after the other: each is tried until it comes out as expected or its time is over.

import { missingPrograms } from "../programs.js";
import type { Check } from "./check.js";
import type { CheckContext } from "./check-context.js";
import type { CheckResult } from "./outcome.js";
import { tryCheck } from "./try-check.js";

const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 500;

export interface CheckRunOptions {
  /** Why a check cannot be tried here; undefined: it can. */
  readonly reasonToSkip?: (check: Check) => string | undefined;
  readonly onStart?: (check: Check) => void;
  readonly onResult?: (result: CheckResult) => void;
}

export async function runChecks(
  checks: readonly Check[],
  context: CheckContext,
  options: CheckRunOptions = {},
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    const reason = options.reasonToSkip?.(check) ?? missingPrograms(check.needs);
    if (reason === undefined) options.onStart?.(check);
    const result = reason === undefined ? await runCheck(check, context) : skipped(check, reason);
    if (context.signal?.aborted === true) break;
    results.push(result);
    options.onResult?.(result);
  }
  return results;
}

export async function runCheck(check: Check, context: CheckContext): Promise<CheckResult> {
  const started = performance.now();
  await using _given = await context.give(check.given);
  const deadline = started + check.within * 1000;
  // A daemon's state is waited for; all else is expected to work at once.
  const isWait = check.kind === "clatd" || check.expect === "fail";
  let atFirst = "";
  for (let tries = 1, pause = FIRST_PAUSE; ; tries++, pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    const outcome = await tryCheck(check, context, Math.max(Math.ceil(deadline - performance.now()), 100));
    const passed = outcome.inconclusive === undefined && outcome.ok === (check.expect === "pass");
    const over = performance.now() + pause >= deadline || context.signal?.aborted === true;
    if (tries === 1) atFirst = outcome.detail.split("\n")[0] ?? "";
    if (!passed && !over) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      continue;
    }
    return {
      check,
      verdict: passed ? "PASS" : check.level === "warn" ? "WARN" : "FAIL",
      sentence: passed ? check.pass : check.fail,
      // That it needed more than one try is not to be hidden.
      detail:
        passed && tries > 1 && !isWait ? `${outcome.detail} (at try ${tries}; at first: ${atFirst})` : outcome.detail,
      took: performance.now() - started,
      ...(outcome.rates === undefined ? {} : { rates: outcome.rates }),
    };
  }
}

export const skipped = (check: Check, reason: string): CheckResult => ({
  check,
  verdict: "SKIP",
  sentence: `${check.name}: not tried`,
  detail: reason,
  took: 0,
});
