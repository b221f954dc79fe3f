// What doing and undoing work with: the place, its commands, and what lives in this process and goes with it.

import type { FastPaths } from "./fast-paths.js";
import { lookLink, type Sight } from "./look.js";
import type { Place } from "./place.js";
import type { Processes } from "./processes.js";
import { sysctlCommands } from "./sysctl-commands.js";
import { sysctlFiles } from "./sysctl-files.js";
import type { Sysctls } from "./sysctls.js";
import type { Tuns } from "./tuns.js";
import type { Ufw } from "./ufw.js";

export interface Parts {
  readonly place: Place;
  /** Paths of the commands. */
  readonly ip: string;
  readonly nft: string;
  /** Undefined: UFW is left alone. */
  readonly ufw: Ufw | undefined;
  readonly processes: Processes;
  readonly tuns: Tuns;
  readonly fastPaths: FastPaths;
}

export function sightOf(parts: Parts, netns: string | undefined): Sight {
  const { place, ip, nft } = parts;
  return { prefix: place.network(netns), sysctls: sysctlsOf(place, netns), ip, nft };
}

/** Only root may go into another network namespace; a user's lab stands in a user namespace, which commands enter first. */
export function sysctlsOf(place: Place, netns: string | undefined): Sysctls {
  const file = place.netnsFile(netns);
  const reachable = file === undefined || process.geteuid?.() === 0;
  return reachable ? sysctlFiles(file, place.root) : sysctlCommands(place.network(netns));
}

export async function hasLink(parts: Parts, name: string, netns: string | undefined): Promise<boolean> {
  return (await lookLink(sightOf(parts, netns), name)) !== undefined;
}
