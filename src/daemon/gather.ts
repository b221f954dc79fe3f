// The facts of a pass: looks at the system, and asks it the way to the PLAT.

import type { Config } from "../config/key-table.js";
import type { Pref64Report } from "../discovery/source.js";
import { routeProbe } from "../discovery/uplink.js";
import type { Applied, OsDriver } from "../os/driver.js";
import type { Facts, Failure } from "../plan/facts.js";

export interface Gathering {
  readonly os: OsDriver;
  readonly config: Config;
  readonly applied: readonly Applied[];
  readonly pref64: Pref64Report | undefined;
  readonly random: Uint8Array;
  readonly uptime: number;
  readonly failure: Failure | undefined;
}

export async function gatherFacts({ os, config, applied, pref64, failure, random, uptime }: Gathering): Promise<Facts> {
  const snapshot = await os.snapshot();
  const prefix = pref64?.found === true ? pref64.prefixes[0] : undefined;
  const route = prefix === undefined ? undefined : await os.routeTo(routeProbe(prefix));
  return {
    config,
    snapshot,
    applied,
    ...(pref64 === undefined ? {} : { pref64 }),
    ...(route === undefined ? {} : { route }),
    ...(failure === undefined ? {} : { failure }),
    random,
    uptime,
  };
}
