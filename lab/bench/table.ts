// The report of a benchmark: a Markdown table of medians, each with its ratio to what is compared against.

import { type Measure, median } from "./measures.js";

/** Figures by subject and measure, in the order of the rounds. */
export type Figures = ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>;

export interface Goal {
  readonly measure: string;
  readonly subject: string;
  readonly against: string;
  /** The subject's median divided by the other's must be at least this. */
  readonly atLeast: number;
}

export function medianOf(figures: Figures, subject: string, measure: string): number {
  return median(figures.get(subject)?.get(measure) ?? []);
}

function cell(figures: Figures, subject: string, measure: Measure, baseline: string | undefined): string {
  const value = medianOf(figures, subject, measure.name);
  if (Number.isNaN(value)) return "–";
  const text = measure.unit === "Gbit/s" ? value.toFixed(1) : Math.round(value).toLocaleString("en");
  if (baseline === undefined || subject === baseline) return text;
  const ratio = value / medianOf(figures, baseline, measure.name);
  return Number.isNaN(ratio) ? text : `${text} (${ratio.toFixed(2)} ×)`;
}

/** @param baseline what the ratios are to; absent: there are none */
export function markdownTable(
  figures: Figures,
  subjects: readonly { readonly name: string }[],
  measures: readonly Measure[],
  baseline?: string,
): string {
  const head = ["", ...subjects.map(({ name }) => name)];
  const rows = measures.map((measure) => [
    `${measure.name} (${measure.unit})`,
    ...subjects.map(({ name }) => cell(figures, name, measure, baseline)),
  ]);
  const lines = [head, head.map((_, column) => (column === 0 ? "---" : "---:")), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

export function goalLines(figures: Figures, goals: readonly Goal[]): readonly string[] {
  return goals.map(({ measure, subject, against, atLeast }) => {
    const ratio = medianOf(figures, subject, measure) / medianOf(figures, against, measure);
    const verdict = ratio >= atLeast ? "reached" : "missed";
    return `- ${measure}: ${subject} is ${ratio.toFixed(2)} × ${against}; goal ${atLeast.toFixed(1)} ×: ${verdict}`;
  });
}
