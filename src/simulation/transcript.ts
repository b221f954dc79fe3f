// What happened in a simulation, a line each with its virtual time.

import type { Clock } from "../os/clock.js";

export class Transcript {
  readonly lines: string[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Text of several lines is indented below its first one. */
  add(text: string): void {
    const time = (this.#clock.now() / 1000).toFixed(3).padStart(8);
    this.lines.push(`${time}  ${text.replaceAll("\n", `\n${" ".repeat(time.length + 4)}`)}`);
  }

  toString(): string {
    return `${this.lines.join("\n")}\n`;
  }
}
