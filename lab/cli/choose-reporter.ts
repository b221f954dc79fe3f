// JSON where asked for, a live report on a terminal, plain lines elsewhere.

import { colours, noColours } from "../report/colour.js";
import { jsonReporter } from "../report/json.js";
import { liveReporter } from "../report/live.js";
import { plainReporter } from "../report/plain.js";
import type { Reporter } from "../report/reporter.js";
import { outputWidth } from "./screen.js";

export function chooseReporter(json: boolean): Reporter & Disposable {
  const write = (text: string): void => void process.stdout.write(text);
  if (json) return { ...jsonReporter(write), [Symbol.dispose]: () => undefined };
  const terminal = process.stdout.isTTY === true && process.env["TERM"] !== "dumb";
  // https://no-color.org: any value but the empty one.
  const palette = terminal && (process.env["NO_COLOR"] ?? "") === "" ? colours : noColours;
  if (!terminal || isTrue(process.env["CI"])) return plainReporter(write, palette);
  return liveReporter({ write, width: outputWidth }, palette);
}

const isTrue = (value: string | undefined): boolean =>
  value !== undefined && !["", "0", "false"].includes(value.toLowerCase());
