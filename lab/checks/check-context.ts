// What checks need of a lab, so that they can be tried without one.

import type { Effect } from "../../src/os/effect.js";
import type { NetSnapshot } from "../../src/os/snapshot.js";
import type { Command, ExecOptions, ExecResult } from "../command.js";

export interface CheckContext {
  exec(node: string, command: Command, options?: ExecOptions): Promise<ExecResult>;
  /** What the node looked like before clatd started; undefined where nobody looked. */
  before(node: string): NetSnapshot | undefined;
  snapshot(node: string): Promise<NetSnapshot>;
  /** Does effects in the lab; disposing undoes them. */
  give(effects: readonly Effect[]): Promise<AsyncDisposable>;
  /** Milliseconds that one answer may take; absent: a second. More where a machine is too busy to answer sooner. */
  readonly patience?: number;
  /**
   * Once aborted, what is tried is broken off and nothing is tried any more; the check that is under way puts back what it
   * has changed, and has no result.
   */
  readonly signal?: AbortSignal;
}

export const USUAL_PATIENCE = 1000;
