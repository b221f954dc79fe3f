// What somebody took away and is put back: for the one log line about it.

import type { Effect } from "../os/effect.js";
import { effectKey } from "../os/identity.js";
import { needsOf, providesOf } from "./dependence.js";
import type { Step } from "./diff.js";

/** Where a device vanished with all that stood on it, the device is what counts. */
export function repairsIn(steps: readonly Step[]): readonly Effect[] {
  const lost = steps.flatMap((step) => (step.do === "undo" && step.why === "lost" ? [step.applied.effect] : []));
  const again = new Set(steps.flatMap((step) => (step.do === "apply" ? [effectKey(step.effect)] : [])));
  const grounds = new Set(lost.flatMap(providesOf));
  return lost.filter((effect) => again.has(effectKey(effect)) && !needsOf(effect).some((need) => grounds.has(need)));
}
