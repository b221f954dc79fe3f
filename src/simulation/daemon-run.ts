// One run of the simulated daemon, from its start to its end, by whatever way: exit code, error or SIGKILL.

import type { Config } from "../config/key-table.js";
import { type DaemonParts, runDaemon } from "../daemon/daemon.js";
import type { StatusRecord } from "../daemon/status.js";
import { NewsQueue } from "./news-queue.js";
import type { SimulatedProcess } from "./process.js";

export class DaemonRun {
  readonly process: SimulatedProcess;
  readonly news = new NewsQueue();
  readonly #stop = new AbortController();
  #status: () => StatusRecord | undefined = () => undefined;
  #end: { readonly code: number } | { readonly error: Error } | undefined;

  constructor(process: SimulatedProcess) {
    this.process = process;
  }

  /** @param note hears of its end */
  begin(config: Config, parts: DaemonParts, note: (text: string) => void): void {
    const onStatus = (status: () => StatusRecord): void => {
      this.#status = status;
    };
    const { os } = this.process;
    void runDaemon(config, { ...parts, onStatus }, this.#stop.signal).then(
      (code) => {
        this.#end = { code };
        note(`clatd has ended with ${code}`);
        os.kill();
      },
      (thrown: unknown) => {
        const error = thrown instanceof Error ? thrown : new Error(String(thrown));
        this.#end = { error };
        note(`clatd has ended: ${error.message}`);
        os.kill();
      },
    );
  }

  status(): StatusRecord | undefined {
    return this.#status();
  }

  /** SIGTERM. */
  terminate(): void {
    this.#stop.abort();
  }

  /** Has come to its end; a SIGKILL is none, since nobody is left to tell. */
  get ended(): boolean {
    return this.#end !== undefined;
  }

  get alive(): boolean {
    return !this.process.life.dead && !this.ended;
  }

  /** Throws what it threw. */
  exitCode(): number {
    if (this.#end !== undefined && "error" in this.#end) throw this.#end.error;
    return this.#end?.code ?? 0;
  }
}
