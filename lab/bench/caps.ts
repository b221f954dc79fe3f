// What the tester can do at all, from its own test back to back (as RFC 8219 §9.2.1 asks of a DNS64 tester): nothing better
// than that is reported of anybody.

import { type Figures, known, type Measure } from "./figures.js";

/** The best figure of the self-test, by measure. */
export type Caps = ReadonlyMap<string, number>;

/** @param own the figures of the self-test, by measure */
export function capsOf(figures: Figures, selfTest: string, measures: readonly Measure[]): Caps {
  const own = figures.get(selfTest);
  return new Map(
    measures.flatMap(({ name, better, limited }) => {
      const seen = known(own?.get(name) ?? []);
      if (seen.length === 0 || !limited) return [];
      return [[name, better === "more" ? Math.max(...seen) : Math.min(...seen)] as const];
    }),
  );
}

export interface Capped {
  readonly figure: number;
  /** It was better than what the tester can tell: `figure` is the tester's own limit. */
  readonly isCapped: boolean;
}

export function capped(figure: number, measure: Measure, caps: Caps): Capped {
  const cap = caps.get(measure.name);
  if (cap === undefined) return { figure, isCapped: false };
  const isBeyond = measure.better === "more" ? figure > cap : figure < cap;
  return { figure: isBeyond ? cap : figure, isCapped: isBeyond };
}
