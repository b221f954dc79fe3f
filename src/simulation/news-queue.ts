// Configurations on their way to the simulated daemon.

import type { ConfigNews } from "../daemon/config-feed.js";

export class NewsQueue {
  readonly #waiting: ConfigNews[] = [];
  #wake: () => void = () => {};

  push(news: ConfigNews): void {
    this.#waiting.push(news);
    this.#wake();
  }

  async *watch(signal: AbortSignal): AsyncGenerator<ConfigNews> {
    const awake = (): void => this.#wake();
    signal.addEventListener("abort", awake, { once: true });
    while (!signal.aborted) {
      const next = this.#waiting.shift();
      if (next !== undefined) {
        yield next;
        continue;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    signal.removeEventListener("abort", awake);
  }
}
