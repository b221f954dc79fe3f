// The lines of a report, the same for plain output and for a terminal.

import type { Check } from "../checks/check.js";
import type { CheckResult, Verdict } from "../checks/outcome.js";
import type { Step } from "../lab.js";
import type { Topology } from "../topology.js";
import type { Palette } from "./colour.js";
import { picture } from "./picture.js";
import type { Summary } from "./reporter.js";

const WIDTH = 80;
const INDENT = 16;

export function topologyLines(topology: Topology, { bold }: Palette, width = WIDTH): string[] {
  const title = wrap(`${topology.name}: ${topology.title}`, width).map(bold);
  return [...title, "", ...picture(topology, width).split("\n"), ""];
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

export function stepLine(step: Step, palette: Palette, width = WIDTH): string {
  const time = palette.dim(seconds(step.at).padStart(9));
  const detail = step.detail === undefined ? "" : ` (${step.detail})`;
  // A note before the title is short.
  const title = wrap(`${step.title}${detail}`, width - 22).join(`\n${" ".repeat(13)}`);
  switch (step.state) {
    case "started":
      return `${time}  under way: ${title}`;
    case "failed":
      return `${time}  ${palette.red("failed")}: ${title}`;
    case "skipped":
      return `${time}  ${palette.yellow("left out")}: ${title}`;
    case "done":
      return `${time}  ${title}`;
  }
}

/** @param took milliseconds until now */
export function triedLine(check: Check, took: number, palette: Palette): string {
  return `${" ".repeat(6)}${palette.dim(seconds(took).padStart(8))}  under way: ${check.name}`;
}

export function checkLines(result: CheckResult, palette: Palette, width = WIDTH): string[] {
  const head = `${paint(result.verdict, palette)(result.verdict)}  ${palette.dim(seconds(result.took).padStart(8))}  `;
  const text = width - INDENT;
  const sentence = wrap(result.verdict === "SKIP" ? `${result.sentence}: ${result.detail}` : result.sentence, text);
  const [first = "", ...rest] = sentence;
  const indented = (line: string): string => `${" ".repeat(INDENT)}${line}`;
  const detail =
    result.verdict === "SKIP" || result.detail === ""
      ? []
      : result.detail.split("\n").flatMap((line) => wrap(line, text));
  return [head + first, ...rest.map(indented), ...detail.map((line) => palette.dim(indented(line)))];
}

export function summaryLines(summary: Summary, palette: Palette, width = WIDTH): string[] {
  const throughput = summary.throughput.flatMap(({ detail, sentence }) =>
    wrap(`${detail} (${sentence})`, width - 12).map(
      (line, index) => `${index === 0 ? "Throughput:" : " ".repeat(11)} ${line}`,
    ),
  );
  const counts = [
    palette.green(`${summary.passed} passed`),
    summary.failed > 0 ? palette.red(`${summary.failed} failed`) : "0 failed",
    ...(summary.warned > 0
      ? [palette.yellow(`${summary.warned} ${summary.warned === 1 ? "warning" : "warnings"}`)]
      : []),
    `${summary.skipped} skipped`,
  ];
  return ["", ...throughput, `${counts.join(", ")} in ${seconds(summary.took)}`];
}

function paint(verdict: Verdict, palette: Palette): (text: string) => string {
  switch (verdict) {
    case "PASS":
      return palette.green;
    case "FAIL":
      return palette.red;
    case "WARN":
    case "SKIP":
      return palette.yellow;
  }
}

/** At blanks, to what fits behind the indentation. Leading blanks stay. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/(?<=\S) /)) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
