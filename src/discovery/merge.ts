// Which source's PREF64 holds. Pure. What the operator set wins; the Router Advertisement comes from the router that
// routes to the PLAT (RFC 8781 §5 puts it before RFC 7050); the fallback is for when nobody else knows one.

import type { Pref64Origin, Pref64Report } from "./source.js";

/** From the strongest to the weakest. */
export const originOrder: readonly Pref64Origin[] = ["static", "ra", "networkd", "dns64", "fallback"];

/**
 * What the sources know together; undefined while nobody has spoken whose word counts.
 * @param origins the sources that are being watched
 * @param reports the last report of each that has reported
 */
export function mergeReports(
  origins: readonly Pref64Origin[],
  reports: ReadonlyMap<Pref64Origin, Pref64Report>,
): Pref64Report | undefined {
  const watched = originOrder.filter((origin) => origins.includes(origin));
  const reasons: string[] = [];
  let last: Pref64Origin | undefined;
  let silent = false;
  for (const origin of watched) {
    const report = reports.get(origin);
    if (report === undefined) {
      silent = true;
    } else if (report.found) {
      // A fallback before the others had their say would set up a CLAT only to change it a moment later.
      return origin === "fallback" && silent ? undefined : report;
    } else {
      reasons.push(report.reason);
      last ??= origin;
    }
  }
  // Bad news is for when all have spoken: with `once=yes` it is the end.
  if (last === undefined || silent) return undefined;
  return { origin: last, found: false, reason: reasons.join("; ") };
}
