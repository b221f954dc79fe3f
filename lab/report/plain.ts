// A report as plain lines: for CI, files and pipes. What takes long is told of while it is under way, so that a log is seen
// to go on.

import type { Palette } from "./colour.js";
import type { Reporter } from "./reporter.js";
import { checkLines, stepLine, summaryLines, topologyLines, triedLine } from "./text.js";

/** Milliseconds until the first word, and between those after it. */
const FIRST_WORD = 2000;
const NEXT_WORD = 10_000;

export function plainReporter(write: (text: string) => void, palette: Palette): Reporter & Disposable {
  const lines = (all: readonly string[]): void => write(`${all.join("\n")}\n`);
  const underWay = new Map<string, NodeJS.Timeout>();
  const begin = (title: string, line: (took: number) => string): void => {
    const started = performance.now();
    const wait = (ms: number): void => void underWay.set(title, setTimeout(tell, ms).unref());
    const tell = (): void => {
      lines([line(performance.now() - started)]);
      wait(NEXT_WORD);
    };
    wait(FIRST_WORD);
  };
  const end = (title: string): void => {
    clearTimeout(underWay.get(title));
    underWay.delete(title);
  };
  return {
    topology: (topology) => lines(topologyLines(topology, palette)),
    step(step) {
      if (step.state === "started") {
        begin(step.title, (took) => stepLine({ ...step, at: step.at + took }, palette));
        return;
      }
      end(step.title);
      lines([stepLine(step, palette)]);
    },
    checkStarts: (check) => begin(check.name, (took) => triedLine(check, took, palette)),
    check(result) {
      end(result.check.name);
      lines(checkLines(result, palette));
    },
    summary: (summary) => lines(summaryLines(summary, palette)),
    [Symbol.dispose]() {
      for (const title of [...underWay.keys()]) end(title);
    },
  };
}
