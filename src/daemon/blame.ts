// Whose fault a failure was: the engine's, so that another one may do better, or somebody else's, so that none would.

import { OsError } from "../os/driver.js";
import type { Effect } from "../os/effect.js";
import { effectKey } from "../os/identity.js";

/** A translator could not be started, or not be given its specification, or has ended by itself. */
export class TranslatorFailed extends Error {}

/**
 * @param engines the effects that the engine asked for
 * @returns whether another engine may do better
 */
export function isEnginesFault(error: unknown, engines: readonly Effect[]): boolean {
  if (error instanceof TranslatorFailed) return !(error.cause instanceof OsError && isEverybodys(error.cause));
  if (!(error instanceof OsError) || isEverybodys(error)) return false;
  const key = error.effect === undefined ? undefined : effectKey(error.effect);
  return key !== undefined && engines.some((effect) => effectKey(effect) === key);
}

/** What is in the way is in everybody's way, and what is gone will be missed by all. */
function isEverybodys({ code }: OsError): boolean {
  return code === "exists" || code === "missing";
}

/** What a kernel had to say at length. */
export function logOf(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause)
    if (at instanceof OsError && at.log !== undefined) return at.log;
  return undefined;
}
