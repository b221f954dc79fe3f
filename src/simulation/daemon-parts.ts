// What the simulated daemon is made of: the shipped one's parts, with the model in the place of the system, all of it mortal.

import type { Config } from "../config/key-table.js";
import type { DaemonParts } from "../daemon/daemon.js";
import type { Log } from "../daemon/log.js";
import type { DnsTransport } from "../discovery/dns-transport.js";
import { ownEngines } from "../engine/own-engines.js";
import type { Clock, Random } from "../os/clock.js";
import type { Journal } from "../os/journal.js";
import type { SimulatedFastPaths } from "./fast-paths.js";
import { mortalClock, mortalItems, mortalOs, mortalTranslators, mortalTransport } from "./mortal.js";
import type { NewsQueue } from "./news-queue.js";
import type { SimulatedProcess } from "./process.js";
import { simulatedSources } from "./sources.js";
import { simulatedTranslators } from "./translators.js";

export interface DaemonWorld {
  readonly clock: Clock;
  readonly log: Log;
  /** The DNS64's address, and the way to it. */
  readonly dnsServer: string;
  readonly dns: DnsTransport;
  readonly news: NewsQueue;
  readonly fastPaths: SimulatedFastPaths;
  openJournal(): Promise<Journal>;
}

export function simulatedParts(process: SimulatedProcess, config: Config, world: DaemonWorld): DaemonParts {
  const { os, life, pid } = process;
  const clock = mortalClock(world.clock, life);
  const random = countingRandom();
  const transport = mortalTransport(world.dns, life);
  const sources = (given: Config) => simulatedSources(given, { server: world.dnsServer, transport, clock, random });
  return {
    os: mortalOs(os, life),
    clock,
    random,
    pid,
    log: world.log,
    sources: sources(config),
    feed: { sources, watch: (signal) => mortalItems(world.news.watch(signal), life) },
    engines: { wanted: config.engine, engines: ownEngines(config.plumbing) },
    translators: mortalTranslators(simulatedTranslators(os, world.fastPaths), life),
    openJournal: () => world.openJournal(),
  };
}

/** Unpredictable to nobody: 1, 2, 3 … */
function countingRandom(): Random {
  let next = 0;
  return {
    fill(octets) {
      for (const index of octets.keys()) octets[index] = ++next & 0xff;
    },
  };
}
