// The rule that looks up the local table. Without one a host does not know its own addresses any more: neither packets nor
// neighbour solicitations for them are answered. So another such rule must stand before one goes. Pure.

import { ruleSlot } from "./canonical.js";
import type { Rule } from "./effect.js";

/** Why such a rule cannot go, be it that it is withheld or that one of ours is undone. */
export const localTableNeeded =
  "no other rule looks up the local table, and the host would lose its own addresses; add one first";

/** Whether, without `rule`, a rule for all packets still looks up the local table. */
export function localTableStays(rules: readonly Rule[], rule: Rule): boolean {
  const slot = ruleSlot(rule);
  return rules.some(
    (other) =>
      other.family === rule.family &&
      other.table === 255 &&
      other.from === undefined &&
      other.to === undefined &&
      other.iif === undefined &&
      other.fwmark === undefined &&
      ruleSlot(other) !== slot,
  );
}
