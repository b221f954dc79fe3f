// A report on a terminal: what is under way stands in the last line, with a sign that turns, until it is done.

import type { Palette } from "./colour.js";
import type { Reporter } from "./reporter.js";
import { checkLines, stepLine, summaryLines, topologyLines } from "./text.js";

const TURNING = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const TURN = 80;
const CLEAR_LINE = "\r\x1b[2K";

export interface Terminal {
  write(text: string): void;
  /** In columns. */
  width(): number;
}

export function liveReporter(terminal: Terminal, palette: Palette): Reporter & Disposable {
  const underWay = new Set<string>();
  let turn = 0;
  const draw = (): void => {
    if (underWay.size === 0) return;
    const text = [...underWay].join(", ");
    const width = terminal.width() - 3;
    const fitting = text.length <= width ? text : `${text.slice(0, width - 1)}…`;
    terminal.write(`${CLEAR_LINE}${TURNING[turn % TURNING.length]} ${palette.dim(fitting)}`);
  };
  const timer = setInterval(() => {
    turn++;
    draw();
  }, TURN);
  timer.unref();
  const lines = (all: readonly string[]): void => {
    terminal.write(`${CLEAR_LINE}${all.join("\n")}\n`);
    draw();
  };
  return {
    topology: (topology) => lines(topologyLines(topology, palette, terminal.width())),
    step(step) {
      if (step.state === "started") {
        underWay.add(step.title);
        draw();
        return;
      }
      underWay.delete(step.title);
      lines([stepLine(step, palette, terminal.width())]);
    },
    checkStarts(check) {
      underWay.add(check.name);
      draw();
    },
    check(result) {
      underWay.delete(result.check.name);
      lines(checkLines(result, palette, terminal.width()));
    },
    summary: (summary) => lines(summaryLines(summary, palette, terminal.width())),
    [Symbol.dispose]() {
      clearInterval(timer);
      if (underWay.size > 0) terminal.write(CLEAR_LINE);
      underWay.clear();
    },
  };
}
