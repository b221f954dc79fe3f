// The facts of a pass: looks at the system, and asks it the way to the PLAT.

import type { Config } from "../config/key-table.js";
import type { Pref64Report } from "../discovery/source.js";
import { routeProbe } from "../discovery/uplink.js";
import type { Applied, OsDriver } from "../os/driver.js";
import type { Facts, Failure } from "../plan/facts.js";

/** What the other clatds of this host have applied, or are about to. */
export type OtherClatds = () => Promise<readonly Applied[]>;

export interface Gathering {
  readonly os: OsDriver;
  readonly config: Config;
  readonly applied: readonly Applied[];
  readonly others: OtherClatds | undefined;
  readonly pref64: Pref64Report | undefined;
  readonly random: Uint8Array;
  readonly uptime: number;
  readonly failure: Failure | undefined;
}

export async function gatherFacts(gathering: Gathering): Promise<Facts> {
  const { os, config, applied, pref64, failure, random, uptime } = gathering;
  const { snapshot, others } = await look(gathering);
  const prefix = pref64?.found === true ? pref64.prefixes[0] : undefined;
  const route = prefix === undefined ? undefined : await os.routeTo(routeProbe(prefix));
  return {
    config,
    snapshot,
    applied,
    others,
    ...(pref64 === undefined ? {} : { pref64 }),
    ...(route === undefined ? {} : { route }),
    ...(failure === undefined ? {} : { failure }),
    random,
    uptime,
  };
}

/** The others are asked before the look and after it: whichever of them comes or goes meanwhile, its route is known as its own. */
async function look({ os, others }: Gathering): Promise<Required<Pick<Facts, "snapshot" | "others">>> {
  if (others === undefined) return { snapshot: await os.snapshot(), others: [] };
  const before = await others();
  const snapshot = await os.snapshot();
  return { snapshot, others: [...before, ...(await others())] };
}
