// The daemon's own PREF64 sources, with the simulated DNS64 in the place of the network.

import type { Config } from "../config/key-table.js";
import { type Dns64Options, Dns64Source } from "../discovery/dns64.js";
import { fixedSource } from "../discovery/fixed.js";
import { fixedServers } from "../discovery/resolv-conf.js";
import type { Pref64Source } from "../discovery/source.js";

export interface SimulatedSources extends Omit<Dns64Options, "servers"> {
  /** What resolv.conf would name. */
  readonly server: string;
}

export function simulatedSources(config: Config, { server, ...tools }: SimulatedSources): readonly Pref64Source[] {
  const given = config["plat-prefix"];
  if (given !== undefined) return [fixedSource("static", given)];
  const dns64 = new Dns64Source({ ...tools, servers: fixedServers(config["dns64-servers"] ?? [server]) });
  const fallback = config["plat-fallback-prefix"];
  return fallback === undefined ? [dns64] : [dns64, fixedSource("fallback", fallback)];
}
