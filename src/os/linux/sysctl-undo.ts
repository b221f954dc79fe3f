// Puts a sysctl back; what to write is decided in os/sysctl-restore.ts.

import { type Applied, OsError } from "../driver.js";
import { forwardingTrap } from "../sysctl.js";
import { sysctlRestore } from "../sysctl-restore.js";
import type { Sysctls } from "./sysctls.js";

export async function restoreSysctl(sysctls: Sysctls, applied: Applied): Promise<void> {
  const { effect } = applied;
  if (effect.do !== "sysctl.set") return;
  const shown = forwardingTrap(effect.key) === undefined ? {} : await sysctls.readShown();
  const present = new Map(Object.entries(shown));
  const own = await sysctls.read(effect.key);
  if (own !== undefined) present.set(effect.key, own);
  for (const [key, value] of sysctlRestore(applied, present)) {
    try {
      await sysctls.write([{ key, value }]);
    } catch (error) {
      // The device has just gone.
      if (!(error instanceof OsError) || error.code !== "missing") throw error;
    }
  }
}
