// The configuration of the daemon, read anew while it runs: all of it on SIGHUP, and the eam-file whenever that changes.

import type { Config } from "../config/key-table.js";
import type { ConfigFeed, ConfigNews } from "../daemon/config-feed.js";
import { WakeUp } from "../daemon/wake-up.js";
import { childOf } from "../discovery/pause.js";
import type { Pref64Source } from "../discovery/source.js";
import type { Clock } from "../os/clock.js";
import type { Invocation } from "./arguments.js";
import { fileChanges } from "./file-changes.js";
import { judge, type ReadSources, readSources, rereadEamFile } from "./read-config.js";

export interface ConfigFilesParts {
  readonly invocation: Pick<Invocation, "file" | "settings">;
  /** What the configuration that runs was read from. */
  readonly read: ReadSources;
  readonly sources: (config: Config) => readonly Pref64Source[];
  readonly clock: Clock;
}

const hangUp = "SIGHUP";
const aDay = 86_400_000;

export class ConfigFiles implements ConfigFeed {
  readonly sources: ConfigFilesParts["sources"];
  readonly #parts: ConfigFilesParts;
  readonly #bell = new WakeUp();
  readonly #causes = new Set<string>();
  /** What the running configuration was read from: a change of the eam-file alone brings in nothing else. */
  #read: ReadSources;

  constructor(parts: ConfigFilesParts) {
    this.#parts = parts;
    this.#read = parts.read;
    this.sources = parts.sources;
  }

  /** Somebody asks for it. */
  reread(): void {
    this.#ask(hangUp);
  }

  async *watch(signal: AbortSignal): AsyncGenerator<ConfigNews> {
    const { invocation, clock } = this.#parts;
    let watching = this.#watchEamFile(signal);
    try {
      while (!signal.aborted) {
        const [cause] = this.#causes;
        if (cause === undefined) {
          await this.#bell.wait(clock, aDay, signal);
          continue;
        }
        this.#causes.delete(cause);
        const read = await (cause === hangUp ? readSources(invocation) : rereadEamFile(this.#read));
        const loaded = judge(read);
        if (loaded.ok) this.#read = read;
        yield { cause, loaded };
        if (watching.path !== eamFileOf(this.#read)) {
          watching.stop();
          watching = this.#watchEamFile(signal);
        }
      }
    } finally {
      watching.stop();
    }
  }

  #ask(cause: string): void {
    this.#causes.add(cause);
    this.#bell.ring();
  }

  #watchEamFile(signal: AbortSignal): { readonly path: string | undefined; stop(): void } {
    const path = eamFileOf(this.#read);
    const { eamFileSight } = this.#read;
    if (path === undefined || eamFileSight === undefined) return { path, stop: () => {} };
    const { controller, release } = childOf(signal);
    const tell = async (): Promise<void> => {
      const changes = fileChanges(path, eamFileSight, this.#parts.clock, controller.signal);
      for await (const _change of changes) this.#ask(`${path} changed`);
    };
    void tell().finally(release);
    return { path, stop: () => controller.abort() };
  }
}

function eamFileOf({ sources }: ReadSources): string | undefined {
  return sources.eamFile?.name;
}
