// What the engines are meant to reach, compared within one interleaved run.

import { names } from "./activities.js";
import type { Caps } from "./caps.js";
import { type Comparison, compare } from "./comparison.js";
import { type Direction, directions } from "./direction.js";
import type { Figures, Measure } from "./figures.js";
import type { LinkKind } from "./links.js";
import type { Profile } from "./profiles.js";

export interface Goal {
  readonly measure: string;
  readonly subject: string;
  readonly against: string;
  readonly how: "at-least" | "at-most" | "at-most-more";
  /** A ratio; with `at-most-more` a difference in the measure's unit. */
  readonly limit: number;
}

export interface Verdict {
  readonly goal: Goal;
  /** The median of the rounds' ratios or differences. Undefined: one of the two has not been measured. */
  readonly figure: number | undefined;
  readonly reached: boolean;
  /** The limit lies within the range that holds the figure: another run may say the opposite. */
  readonly close: boolean;
  readonly comparison?: Comparison;
}

const CPU_SIZE = 64;

export function goalsOf(kind: LinkKind, profile: Profile): Goal[] {
  const both = (of: (direction: Direction) => Goal[]): Goal[] => directions.flatMap(of);
  const ebpf = { subject: "ebpf", against: "plain" } as const;
  return [
    ...both((direction) =>
      profile.streams.map((streams) => ({
        ...ebpf,
        measure: names.tcp(direction, streams),
        how: "at-least",
        limit: 0.98,
      })),
    ),
    ...both((direction) =>
      profile.sizes.map((size) => ({ ...ebpf, measure: names.udp(direction, size), how: "at-least", limit: 0.95 })),
    ),
    { ...ebpf, measure: names.roundTrip, how: "at-most-more", limit: 0.5 },
    ...both((direction) => [
      { ...ebpf, measure: names.cpu(names.tcp(direction, 1)), how: "at-most", limit: 1.05 },
      { ...ebpf, measure: names.cpu(names.udp(direction, CPU_SIZE)), how: "at-most", limit: 1.05 },
    ]),
    ...both((direction) => [
      {
        measure: names.tcp(direction, 1),
        subject: "userspace",
        against: "plain",
        how: "at-least",
        limit: kind === "veth" ? 1.3 : 0.85,
      },
      { measure: names.tcp(direction, 1), subject: "userspace", against: "bounce", how: "at-least", limit: 0.9 },
      { measure: names.udp(direction, CPU_SIZE), subject: "userspace", against: "tayga", how: "at-least", limit: 1.3 },
    ]),
  ];
}

export function judge(goal: Goal, measures: readonly Measure[], figures: Figures, caps: Caps): Verdict {
  const measure = measures.find(({ name }) => name === goal.measure);
  const { subject, against, how, limit } = goal;
  const comparison =
    measure && compare(figures, [subject, against], measure, caps, how === "at-most-more" ? "difference" : "ratio");
  if (comparison === undefined) return { goal, figure: undefined, reached: false, close: false };
  const { median: figure, low, high } = comparison;
  const reached = how === "at-least" ? figure >= limit : figure <= limit;
  return { goal, figure, reached, close: low < limit && limit < high, comparison };
}

/** `- TCP up, 1 stream: ebpf is 0.99 × plain (0.97–1.02); goal at least 0.98 ×: reached, but too close to be sure`. */
export function goalLine({ goal, figure, reached, close, comparison }: Verdict): string {
  const { measure, subject, against, how, limit } = goal;
  const aim =
    how === "at-most-more"
      ? `at most ${limit.toFixed(1)} µs more`
      : `${how === "at-least" ? "at least" : "at most"} ${limit.toFixed(2)} ×`;
  if (figure === undefined) return `- ${measure}: ${subject} against ${against}; goal ${aim}: not measured`;
  const isMore = how === "at-most-more";
  const is = isMore ? `${signed(figure)} than ${against}` : `${figure.toFixed(2)} × ${against}`;
  const verdict = `${reached ? "reached" : `missed by ${missedBy(figure, goal)}`}${close ? ", but too close to be sure" : ""}`;
  return `- ${measure}: ${subject} is ${is}${range(comparison, isMore ? 1 : 2)}; goal ${aim}: ${verdict}`;
}

function range(comparison: Comparison | undefined, digits: number): string {
  if (comparison === undefined || comparison.rounds === 1) return "";
  const [low, high] = [comparison.low, comparison.high].map((end) => end.toFixed(digits));
  // A minus sign and a dash do not go together.
  return comparison.low < 0 ? ` (${low} to ${high})` : ` (${low}–${high})`;
}

const signed = (figure: number): string => `${Math.abs(figure).toFixed(1)} µs ${figure < 0 ? "less" : "more"}`;

function missedBy(figure: number, { how, limit }: Goal): string {
  if (how === "at-most-more") return `${(figure - limit).toFixed(1)} µs`;
  return `${(Math.abs(figure / limit - 1) * 100).toFixed(0)} %`;
}
