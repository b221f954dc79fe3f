// A Markdown table of what has been measured: medians, the 1st and 99th percentile, and the ratio to what is
// compared against, round by round.

import { type Caps, capped } from "./caps.js";
import { compare } from "./comparison.js";
import { figureText } from "./figure-text.js";
import { type Figures, type Measure, summaryOf } from "./figures.js";

const NOTHING = "–";
/** Marks a figure that is the tester's own limit. */
export const CAPPED = "†";

/** @param baseline what the ratios are to; absent: there are none */
export function markdownTable(
  figures: Figures,
  subjects: readonly string[],
  measures: readonly Measure[],
  caps: Caps,
  baseline?: string,
): string {
  const rows = measures
    .filter(({ name }) => subjects.some((subject) => summaryOf(figures, subject, name) !== undefined))
    .map((measure) => [
      `${measure.name} (${measure.unit})`,
      ...subjects.map((subject) => cell(figures, subject, measure, caps, baseline)),
    ]);
  return plainTable(["", ...subjects], rows);
}

/** The first column to the left, the others to the right. */
export function plainTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map((_, column) => (column === 0 ? "---" : "---:"));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function cell(figures: Figures, subject: string, measure: Measure, caps: Caps, baseline: string | undefined): string {
  const summary = summaryOf(figures, subject, measure.name);
  if (summary === undefined) return NOTHING;
  const { figure, isCapped } = capped(summary.median, measure, caps);
  const text = (value: number): string => figureText(value, measure.unit);
  const sign = measure.better === "more" ? "≥" : "≤";
  const median = isCapped ? `${sign} ${text(figure)} ${CAPPED}` : text(figure);
  const spread = summary.figures.length === 1 ? "" : ` [${text(summary.p1)}–${text(summary.p99)}]`;
  return `${median}${spread}${ratioText(figures, subject, measure, caps, baseline)}`;
}

/** ` 0.96 × (0.93–0.98)`: the median of the rounds' ratios, and the range that holds it. */
function ratioText(figures: Figures, subject: string, measure: Measure, caps: Caps, baseline?: string): string {
  if (baseline === undefined || baseline === subject) return "";
  const ratio = compare(figures, [subject, baseline], measure, caps);
  if (ratio === undefined) return "";
  const range = ratio.rounds === 1 ? "" : ` (${ratio.low.toFixed(2)}–${ratio.high.toFixed(2)})`;
  return ` ${ratio.median.toFixed(2)} ×${range}`;
}
