// What is applied, what is wanted, what the system shows → the steps between them. Pure.
//
// What is equal and still there is kept, so that a pass over an unchanged system has no steps. New things come before old
// ones go. Where old and new need the same place in the kernel (effectKey), or a thing was lost with the link it stood
// on, the old one is undone first; an undo of what is gone already only lets go of what the driver holds.

import type { Applied } from "../os/driver.js";
import type { Effect } from "../os/effect.js";
import { effectKey, sameEffect } from "../os/identity.js";
import type { NetSnapshot } from "../os/snapshot.js";
import { linkLives, needsOf, providesOf } from "./dependence.js";
import { presenceIn } from "./presence.js";

type UndoReason = "unwanted" | "changed" | "lost" | "stands on what is redone";

/** `make` comes first; then the translator is brought to its new state; then what nobody wants any more goes. */
export interface Difference {
  readonly make: readonly Step[];
  readonly clear: readonly Step[];
}

export type Step =
  | { readonly do: "undo"; readonly applied: Applied; readonly why: UndoReason }
  | { readonly do: "apply"; readonly effect: Effect; readonly why: "new" | "again" }
  /** The same properties get other values: done over the old one, whose prior values are kept for the undo. */
  | { readonly do: "amend"; readonly applied: Applied; readonly effect: Effect };

type Verdict = "keep" | "amend" | UndoReason;

interface Judged {
  readonly applied: Applied;
  readonly wanted: Effect | undefined;
  verdict: Verdict;
}

/**
 * @param applied in the order of doing, as the journal holds them
 * @param wanted in the order of doing
 */
export function diff(applied: readonly Applied[], wanted: readonly Effect[], snapshot: NetSnapshot): Difference {
  const wantedByKey = new Map(wanted.map((effect) => [effectKey(effect), effect]));
  const present = presenceIn(snapshot);
  const judged = applied.map((one): Judged => {
    const key = effectKey(one.effect);
    const target = wantedByKey.get(key);
    return { applied: one, wanted: target, verdict: judge(one.effect, target, snapshot, present) };
  });
  spread(judged);

  const kept = new Map(judged.filter((j) => j.verdict === "keep" || j.verdict === "amend").map((j) => [keyOf(j), j]));
  const known = new Set(judged.map(keyOf));
  const undoFirst: Step[] = [];
  const undoLast: Step[] = [];
  for (const { applied: one, wanted: target, verdict } of judged.toReversed()) {
    if (verdict === "keep" || verdict === "amend") continue;
    const step: Step = { do: "undo", applied: one, why: verdict };
    // What nobody wants any more waits for its successors, unless the ground under it goes first.
    (target === undefined && verdict === "unwanted" ? undoLast : undoFirst).push(step);
  }
  const make = wanted.flatMap((effect): Step[] => {
    const key = effectKey(effect);
    const old = kept.get(key);
    if (old === undefined) return [{ do: "apply", effect, why: known.has(key) ? "again" : "new" }];
    return old.verdict === "amend" ? [{ do: "amend", applied: old.applied, effect }] : [];
  });
  return { make: [...undoFirst, ...make], clear: undoLast };
}

function keyOf(judged: Judged): string {
  return effectKey(judged.applied.effect);
}

function judge(
  old: Effect,
  target: Effect | undefined,
  snapshot: NetSnapshot,
  present: ReturnType<typeof presenceIn>,
): Verdict {
  if (!linkLives(old, snapshot)) return "lost";
  if (target === undefined) return "unwanted";
  if (present(old) === false) return "lost";
  // Most are the same to the letter, and that is seen faster.
  if (JSON.stringify(old) === JSON.stringify(target) || sameEffect(old, target)) return "keep";
  return amendable(old, target) ? "amend" : "changed";
}

/** What stands on something that goes or is done again cannot be kept: the kernel forgets it with its ground. */
function spread(judged: readonly Judged[]): void {
  for (let changed = true; changed; ) {
    changed = false;
    const going = groundsOf(judged, ({ verdict }) => verdict !== "keep" && verdict !== "amend");
    const redone = groundsOf(judged, ({ verdict }) => !["keep", "amend", "unwanted"].includes(verdict));
    for (const one of judged) {
      const stays = one.verdict === "keep" || one.verdict === "amend";
      // An unwanted effect whose ground is undone early must be undone before it.
      const grounds = stays ? going : one.verdict === "unwanted" ? redone : undefined;
      if (grounds === undefined || !needsOf(one.applied.effect).some((need) => grounds.has(need))) continue;
      one.verdict = "stands on what is redone";
      changed = true;
    }
  }
}

function groundsOf(judged: readonly Judged[], which: (one: Judged) => boolean): ReadonlySet<string> {
  return new Set(judged.filter(which).flatMap((one) => providesOf(one.applied.effect)));
}

/** Setters of the same properties: the later one may go over the earlier one, and its undo still knows the first values. */
function amendable(old: Effect, target: Effect): boolean {
  return old.do === target.do && (old.do === "link.set" || old.do === "sysctl.set" || old.do === "jool.instance");
}
