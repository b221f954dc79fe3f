// Rules of UFW for forwarded packets as words: for its command line, and as `ufw show added` prints them. Pure.

import type { Effect } from "./effect.js";

type UfwEffect = Effect & { do: "ufw.route" };

/** Behind `ufw route` or `ufw route delete`. */
export function ufwWords({ inDev, outDev, source, destination }: UfwEffect): string[] {
  return [
    "allow",
    ...(inDev === undefined ? [] : ["in", "on", inDev]),
    ...(outDev === undefined ? [] : ["out", "on", outDev]),
    ...(source === undefined ? [] : ["from", source]),
    ...(destination === undefined ? [] : ["to", destination]),
  ];
}

/** Whose the rule is in what `ufw show added` prints: ours by its comment, somebody else's, or nobody's. */
export function ufwOwner(shown: string, effect: UfwEffect): "ours" | "theirs" | undefined {
  const wanted = ufwWords(effect).join(" ");
  const found = routeRules(shown).find(({ rule }) => rule === wanted);
  if (found === undefined) return undefined;
  return found.comment === effect.comment ? "ours" : "theirs";
}

/**
 * Rules with that comment that are none of `wanted` (as `ufwWords` gives them): UFW keeps its rules over a reboot, where the
 * journal ends, so that a power cut may leave some of ours behind.
 */
export function staleUfwRules(shown: string, comment: string, wanted: ReadonlySet<string>): string[] {
  return routeRules(shown).flatMap((one) => (one.comment === comment && !wanted.has(one.rule) ? [one.rule] : []));
}

function routeRules(shown: string): { readonly rule: string; readonly comment: string | undefined }[] {
  return shown.split("\n").flatMap((line) => {
    const [, rule = "", comment] = /^ufw route (.*?)(?: comment '(.*)')?$/.exec(line.trim()) ?? [];
    return rule === "" ? [] : [{ rule, comment }];
  });
}

/** From what `ufw status` prints. */
export function isActiveUfw(status: string): boolean {
  return /^Status: active\s*$/m.test(status);
}
