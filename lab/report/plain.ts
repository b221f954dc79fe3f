// A report as plain lines: for CI, files and pipes.

import type { Palette } from "./colour.js";
import type { Reporter } from "./reporter.js";
import { checkLines, stepLine, summaryLines, topologyLines } from "./text.js";

export function plainReporter(write: (text: string) => void, palette: Palette): Reporter {
  const lines = (all: readonly string[]): void => write(`${all.join("\n")}\n`);
  return {
    topology: (topology) => lines(topologyLines(topology, palette)),
    step: (step) => {
      if (step.state !== "started") lines([stepLine(step, palette)]);
    },
    checkStarts: () => undefined,
    check: (result) => lines(checkLines(result, palette)),
    summary: (summary) => lines(summaryLines(summary, palette)),
  };
}
