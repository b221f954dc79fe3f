// What to write so that a sysctl is back where it was, unless somebody changed it since. Pure: values in, writes out.

import type { Applied } from "./driver.js";
import type { SysctlBefore } from "./prior-values.js";
import { deviceKey, forwardingTrap, parseDeviceKey, sameSetting } from "./sysctl.js";

/**
 * @param present the values now: of the key itself and, for the forwarding trap, of every device
 * @returns writes in their order; none where the value is not ours any more
 */
export function sysctlRestore(applied: Applied, present: ReadonlyMap<string, string>): [key: string, value: string][] {
  const { effect } = applied;
  if (effect.do !== "sysctl.set") return [];
  const { before, others = {} }: SysctlBefore = applied.undo;
  const now = present.get(effect.key);
  if (before === undefined || now === undefined || !sameSetting(now, effect.value)) return [];
  if (sameSetting(before, effect.value) && Object.values(others).every((value) => sameSetting(value, effect.value))) {
    return [];
  }
  const writes: [string, string][] = [[effect.key, before]];
  const trap = forwardingTrap(effect.key);
  if (trap === undefined) return writes;
  // The write of `before` sets every device again, so each must be put right after it: where it still has our value,
  // to what it had before (a device that came since: to what the default was), else to what somebody gave it.
  const forDefault = others[deviceKey(trap, "default", "forwarding")] ?? before;
  for (const [key, value] of present) {
    if (key === effect.key || parseDeviceKey(key)?.dev === "all") continue;
    if (parseDeviceKey(key)?.name !== "forwarding" || parseDeviceKey(key)?.family !== trap) continue;
    const target = sameSetting(value, effect.value) ? (others[key] ?? forDefault) : value;
    if (!sameSetting(target, before)) writes.push([key, target]);
  }
  const redirects = "net.ipv4.conf.all.accept_redirects";
  const redirectsBefore = others[redirects];
  if (trap === "ipv4" && redirectsBefore !== undefined) writes.push([redirects, redirectsBefore]);
  return writes;
}
