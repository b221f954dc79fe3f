// Sources that know their prefix from the configuration: `plat-prefix` and `plat-fallback-prefix`.

import type { Pref64Report, Pref64Source } from "./source.js";

/** A prefix that was given. It is known at once and never changes; what rank it has is `merge`'s matter. */
export function fixedSource(origin: "static" | "fallback", prefix: string): Pref64Source {
  return {
    origin,
    async *watch(signal): AsyncGenerator<Pref64Report> {
      if (signal.aborted) return;
      yield { origin, found: true, prefixes: [prefix] };
      await aborted(signal);
    },
    wake() {},
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
