// Does steps through the journal, which is right at every moment: an effect is written down before it is done and struck
// out after it is undone, so that whatever ends this process between two lines, the next start can put everything back.

import { describeEffect, describeRevert } from "../os/describe.js";
import { type Applied, type OsDriver, OsError } from "../os/driver.js";
import type { Effect } from "../os/effect.js";
import type { Journal } from "../os/journal.js";
import type { Step } from "../plan/diff.js";
import type { Log } from "./log.js";
import { messageOf } from "./words.js";

export interface Ledger {
  readonly os: OsDriver;
  readonly journal: Journal;
  readonly log: Log;
}

/**
 * Throws the driver's error at the first effect that cannot be done. What can't be undone stays in the journal and does
 * not stop the rest: why is returned, a line each.
 */
export async function takeSteps(ledger: Ledger, steps: readonly Step[]): Promise<readonly string[]> {
  const { os, journal, log } = ledger;
  const stuck: string[] = [];
  for (const run of runsOf(steps)) {
    switch (run.do) {
      case "apply":
        await applyRun(ledger, run.effects);
        break;
      case "amend":
        for (const command of describeEffect(run.effect)) log.trace(`~ ${command}`);
        await journal.amend(os, run.applied, run.effect);
        break;
      case "undo":
        for (const { effect } of run.applied) {
          for (const command of describeRevert(effect)) log.trace(`- ${command}`);
        }
        for (const { error } of await journal.revertEach(os, run.applied)) stuck.push(messageOf(error));
    }
  }
  return stuck;
}

async function applyRun({ os, journal, log }: Ledger, effects: readonly Effect[]): Promise<void> {
  let done = effects.length;
  try {
    await journal.apply(os, effects);
  } catch (error) {
    if (!(error instanceof OsError)) {
      done = 0;
      throw error;
    }
    done = error.done ?? 0;
    // Whose fault it is, the effect that it is about tells.
    if (error.effect !== undefined || error.done === undefined) throw error;
    throw error.with({ effect: effects[error.done] });
  } finally {
    for (const command of effects.slice(0, done).flatMap(describeEffect)) log.trace(`+ ${command}`);
  }
}

/** Undoes everything in reverse. Returns why what stayed could not be undone, a line each. */
export async function undoAll({ os, journal, log }: Ledger): Promise<readonly string[]> {
  for (const { effect } of journal.entries.toReversed()) {
    for (const command of describeRevert(effect)) log.trace(`- ${command}`);
  }
  return (await journal.revertAll(os)).map(({ error }) => messageOf(error));
}

type Run =
  | { readonly do: "apply"; readonly effects: Effect[] }
  | { readonly do: "undo"; readonly applied: Applied[] }
  | Extract<Step, { do: "amend" }>;

/** What follows each other and is of one kind goes to the system together, as fast as it can. */
function runsOf(steps: readonly Step[]): readonly Run[] {
  const runs: Run[] = [];
  for (const step of steps) {
    const last = runs.at(-1);
    if (step.do === "amend") runs.push(step);
    else if (step.do === "apply" && last?.do === "apply") last.effects.push(step.effect);
    else if (step.do === "apply") runs.push({ do: "apply", effects: [step.effect] });
    else if (last?.do === "undo") last.applied.push(step.applied);
    else runs.push({ do: "undo", applied: [step.applied] });
  }
  return runs;
}
