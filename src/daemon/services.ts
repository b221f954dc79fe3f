// What runs beside the reconciler for as long as the daemon does: the system's notifications and the PREF64 sources.
// Each only notes what it saw and rings; nobody but the reconciler acts.

import { mergeReports } from "../discovery/merge.js";
import { pause } from "../discovery/pause.js";
import type { Pref64Origin, Pref64Report, Pref64Source } from "../discovery/source.js";
import type { Clock } from "../os/clock.js";
import type { OsDriver } from "../os/driver.js";
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

/** The PREF64 sources together, and the last that each of them said. */
export class Sources {
  readonly #sources: readonly Pref64Source[];
  readonly #last = new Map<Pref64Origin, Pref64Report>();

  constructor(sources: readonly Pref64Source[]) {
    this.#sources = sources;
  }

  watch(watching: Watching, signal: AbortSignal): Promise<unknown> {
    return Promise.all(this.#sources.map((source) => this.#watchOne(source, watching, signal)));
  }

  /** What they say together; undefined until the first of them has spoken whose word counts. */
  merged(): Pref64Report | undefined {
    return mergeReports(
      this.#sources.map(({ origin }) => origin),
      this.#last,
    );
  }

  wake(): void {
    for (const source of this.#sources) source.wake();
  }

  #watchOne(source: Pref64Source, watching: Watching, signal: AbortSignal): Promise<void> {
    return keepGoing(`the ${source.origin} source`, watching, signal, async () => {
      for await (const report of source.watch(signal)) {
        this.#last.set(source.origin, report);
        watching.bell.ring();
      }
    });
  }
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
