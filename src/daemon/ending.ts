// When `once=yes` ends the daemon instead of letting it wait, and with which exit code.

import type { Config } from "../config/key-table.js";
import type { Desired } from "../plan/desired.js";

/** As the Perl clatd: nothing to do since the host has IPv4 is a success, no PLAT is a failure. Undefined: go on. */
export function endingOf(desired: Desired, config: Config): number | undefined {
  if (!config.once || desired.state !== "waiting") return undefined;
  switch (desired.reason) {
    case "starting":
    case "conncheck-delay":
      return undefined;
    case "native-ipv4":
      return 0;
    case "no-pref64":
    case "no-route":
    case "no-clat-address":
    case "route-taken":
    case "failed":
      return 1;
  }
}
