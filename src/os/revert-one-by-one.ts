// Undoing a list where there is nothing faster than one after the other.

import { type Applied, type OsDriver, OsError } from "./driver.js";

/** What is no OsError (the process was killed) is thrown. */
export async function revertOneByOne(
  os: Pick<OsDriver, "revert">,
  applied: readonly Applied[],
): Promise<readonly (Error | undefined)[]> {
  const errors: (Error | undefined)[] = [];
  for (const one of applied) {
    try {
      await os.revert(one);
      errors.push(undefined);
    } catch (error) {
      if (!(error instanceof OsError)) throw error;
      errors.push(error);
    }
  }
  return errors;
}
