// What goes to the terminal. Colours only where somebody looks at them (https://no-color.org).

import { isJournal } from "./journal-stream.js";

export interface Terminal {
  out(text: string): void;
  error(text: string): void;
  /** Whether normal output is for a person who sees colours. */
  readonly colours: boolean;
  /** Whether it is the journal of systemd. */
  readonly journal?: boolean;
}

export interface Styles {
  good(text: string): string;
  bad(text: string): string;
  title(text: string): string;
  faint(text: string): string;
}

const sgr =
  (on: number, off: number) =>
  (text: string): string =>
    `\u001b[${on}m${text}\u001b[${off}m`;
const plain = (text: string): string => text;

export function styles(colours: boolean): Styles {
  if (!colours) return { good: plain, bad: plain, title: plain, faint: plain };
  return { good: sgr(32, 39), bad: sgr(31, 39), title: sgr(1, 22), faint: sgr(2, 22) };
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const noColour = process.env["NO_COLOR"];
  return {
    out: (text) => void process.stdout.write(text),
    error: (text) => void process.stderr.write(text),
    colours: process.stdout.isTTY === true && (noColour === undefined || noColour === ""),
    journal: isJournal(1, process.env) && isJournal(2, process.env),
  };
}
