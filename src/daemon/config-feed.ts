// How the daemon hears of a changed configuration: it is read anew, whole, by whoever knows where it stands.

import type { Config } from "../config/key-table.js";
import type { Loaded } from "../config/load.js";
import type { Pref64Source } from "../discovery/source.js";

export interface ConfigNews {
  /** Why it was read, for people: `SIGHUP`, `/etc/clatd.eam changed`. */
  readonly cause: string;
  readonly loaded: Loaded;
}

export interface ConfigFeed {
  /** Each time that there is a reason to read it: what was read. Ends when the signal aborts. */
  watch(signal: AbortSignal): AsyncIterable<ConfigNews>;
  /** The PREF64 sources that a configuration asks for. */
  sources(config: Config): readonly Pref64Source[];
}
