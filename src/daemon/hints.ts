// What to do about a failure, by its kind.

import { OsError } from "../os/driver.js";

const hints: Readonly<Record<OsError["code"], string>> = {
  exists:
    "Something else has put it there: stop that, or choose another clat-dev, route-table or v4-defaultroute-metric; " +
    "`clatd cleanup` takes away what an earlier clatd left",
  missing: "A device or a program that it needs is not there; the cmd- keys say where programs are",
  denied: "clatd needs to be root, or to have CAP_NET_ADMIN and write access to /proc/sys",
  unsupported: "This kernel or one of the commands cannot do it; `clatd -d -d` shows each step",
  failed: "`clatd -d -d` shows each step",
};

export function hintFor(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof OsError) return hints[at.code];
  return hints.failed;
}
