// What the engines are meant to reach, compared within one interleaved run.

import { names } from "./activities.js";
import { type Caps, capped } from "./caps.js";
import { type Direction, directions } from "./direction.js";
import { type Figures, type Measure, summaryOf } from "./figures.js";
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
  /** Undefined: one of the two has not been measured. */
  readonly figure: number | undefined;
  readonly reached: boolean;
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
  const own = summaryOf(figures, goal.subject, goal.measure);
  const other = summaryOf(figures, goal.against, goal.measure);
  if (measure === undefined || own === undefined || other === undefined)
    return { goal, figure: undefined, reached: false };
  const [one, two] = [capped(own.median, measure, caps).figure, capped(other.median, measure, caps).figure];
  if (goal.how === "at-most-more") return { goal, figure: one - two, reached: one - two <= goal.limit };
  const figure = one / two;
  if (Number.isNaN(figure)) return { goal, figure: undefined, reached: false };
  return { goal, figure, reached: goal.how === "at-least" ? figure >= goal.limit : figure <= goal.limit };
}

/** `- TCP up, 1 stream: ebpf is 0.99 × plain; goal at least 0.98 ×: reached`. */
export function goalLine({ goal, figure, reached }: Verdict): string {
  const { measure, subject, against, how, limit } = goal;
  const aim =
    how === "at-most-more"
      ? `at most ${limit.toFixed(1)} µs more`
      : `${how === "at-least" ? "at least" : "at most"} ${limit.toFixed(2)} ×`;
  if (figure === undefined) return `- ${measure}: ${subject} against ${against}; goal ${aim}: not measured`;
  const is = how === "at-most-more" ? `${signed(figure)} than ${against}` : `${figure.toFixed(2)} × ${against}`;
  return `- ${measure}: ${subject} is ${is}; goal ${aim}: ${reached ? "reached" : `missed by ${missedBy(figure, goal)}`}`;
}

const signed = (figure: number): string => `${Math.abs(figure).toFixed(1)} µs ${figure < 0 ? "less" : "more"}`;

function missedBy(figure: number, { how, limit }: Goal): string {
  if (how === "at-most-more") return `${(figure - limit).toFixed(1)} µs`;
  return `${(Math.abs(figure / limit - 1) * 100).toFixed(0)} %`;
}
