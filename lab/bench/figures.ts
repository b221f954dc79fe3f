// What has been measured: the figures of each round, by subject and measure, and what went wrong.

import { median, percentile } from "./statistics.js";

export interface Measure {
  readonly name: string;
  readonly unit: "Gbit/s" | "packets/s" | "µs" | "connections/s" | "s/GB" | "µs/packet";
  readonly better: "more" | "less";
  /** Whether the tester can show no better figure than its own, back to back. */
  readonly limited: boolean;
  /** Luck decides between a fast and a slow state of the machine: the best rounds are compared, not each with its own. */
  readonly states?: true;
}

/** By subject and measure, one for each round, in their order. NaN: that round has none. */
export type Figures = ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>;

export interface Failure {
  readonly subject: string;
  readonly what: string;
  readonly why: string;
}

/** What a link kind, a chain or a relay has come to. */
export interface Results {
  readonly figures: Figures;
  readonly failures: readonly Failure[];
}

export interface Summary {
  readonly median: number;
  /** 1st and 99th percentile (RFC 8219 §12). */
  readonly p1: number;
  readonly p99: number;
  readonly figures: readonly number[];
}

/** Undefined: it has not been measured. */
export function summaryOf(figures: Figures, subject: string, measure: string): Summary | undefined {
  const own = known(figures.get(subject)?.get(measure) ?? []);
  if (own.length === 0) return undefined;
  return { median: median(own), p1: percentile(own, 1), p99: percentile(own, 99), figures: own };
}

/** Those of the rounds that have one. */
export const known = (figures: readonly number[]): readonly number[] =>
  figures.filter((figure) => !Number.isNaN(figure));

/** Collects figures while the rounds go on. */
export class Notebook {
  readonly #figures = new Map<string, Map<string, number[]>>();
  readonly #failures: Failure[] = [];

  add(subject: string, measure: string, figure: number): void {
    const own = this.#figures.get(subject) ?? new Map<string, number[]>();
    this.#figures.set(subject, own.set(measure, [...(own.get(measure) ?? []), figure]));
  }

  /** A round without figures. */
  skip(subject: string, measures: readonly Measure[]): void {
    for (const { name } of measures) this.add(subject, name, Number.NaN);
  }

  fail(failure: Failure): void {
    this.#failures.push(failure);
  }

  get results(): Results {
    return { figures: this.#figures, failures: this.#failures };
  }
}
