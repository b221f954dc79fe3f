// What runs beside the reconciler for as long as the daemon does: the system's notifications and the PREF64 sources.
// Each only notes what it saw and rings; nobody but the reconciler acts.

import { mergeReports } from "../discovery/merge.js";
import { childOf, pause } from "../discovery/pause.js";
import type { Pref64Origin, Pref64Report, Pref64Source } from "../discovery/source.js";
import type { Clock } from "../os/clock.js";
import type { OsDriver } from "../os/driver.js";
import type { ConfigFeed, ConfigNews } from "./config-feed.js";
import type { Log } from "./log.js";
import type { WakeUp } from "./wake-up.js";
import { messageOf } from "./words.js";

/** Milliseconds before something that ended by itself is begun again. */
const restartAfter = 1000;

export interface Watching {
  readonly clock: Clock;
  readonly log: Log;
  readonly bell: WakeUp;
}

/** Rings for every event of the system. */
export function watchSystem(os: OsDriver, watching: Watching, signal: AbortSignal): Promise<void> {
  return keepGoing("the system's notifications", watching, signal, async () => {
    for await (const _event of os.watch(signal)) watching.bell.ring();
  });
}

/** Hands over each configuration that is read anew, and rings. */
export function watchConfig(
  feed: ConfigFeed,
  take: (news: ConfigNews) => void,
  watching: Watching,
  signal: AbortSignal,
): Promise<void> {
  return keepGoing("the configuration's files", watching, signal, async () => {
    for await (const news of feed.watch(signal)) {
      take(news);
      watching.bell.ring();
    }
  });
}

/** The PREF64 sources together, and the last that each of them said. */
export class Sources {
  #sources: readonly Pref64Source[];
  #last = new Map<Pref64Origin, Pref64Report>();
  /** What others said whose place these took: it holds until these have spoken. */
  #before: Pref64Report | undefined;
  #begin: (() => void) | undefined;
  #stop: (() => void) | undefined;
  readonly #running: Promise<void>[] = [];

  constructor(sources: readonly Pref64Source[]) {
    this.#sources = sources;
  }

  watch(watching: Watching, signal: AbortSignal): void {
    this.#begin = () => {
      const { controller, release } = childOf(signal);
      this.#stop = () => controller.abort();
      const last = this.#last;
      const all = this.#sources.map((source) => watchOne(source, last, watching, controller.signal));
      this.#running.push(Promise.all(all).then(release));
    };
    this.#begin();
  }

  /** Others are asked from now on. */
  replace(sources: readonly Pref64Source[]): void {
    this.#stop?.();
    this.#before = this.merged();
    this.#sources = sources;
    this.#last = new Map();
    this.#begin?.();
  }

  /** Resolves when nobody is asked any more. */
  async ended(): Promise<void> {
    await Promise.all(this.#running);
  }

  /** What they say together; undefined until the first of them has spoken whose word counts. */
  merged(): Pref64Report | undefined {
    const origins = this.#sources.map(({ origin }) => origin);
    return mergeReports(origins, this.#last) ?? this.#before;
  }

  wake(): void {
    for (const source of this.#sources) source.wake();
  }
}

function watchOne(
  source: Pref64Source,
  last: Map<Pref64Origin, Pref64Report>,
  watching: Watching,
  signal: AbortSignal,
): Promise<void> {
  return keepGoing(`the ${source.origin} source`, watching, signal, async () => {
    for await (const report of source.watch(signal)) {
      last.set(source.origin, report);
      watching.bell.ring();
    }
  });
}

/** Begins it again where it fails; one that ends in peace (a static source has said all) has ended. */
async function keepGoing(
  name: string,
  { clock, log }: Watching,
  signal: AbortSignal,
  run: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await run();
      return;
    } catch (error) {
      if (signal.aborted) return;
      log.warn(`Lost ${name}: ${messageOf(error)}; beginning again`);
      await pause(clock, restartAfter, signal);
    }
  }
}
