// Waits for a socket or for the word to stop: calls into the C library leave Node's own loop no time to read it.

import { addressOf, poll } from "../../../src/os/linux/packet-calls.js";

const POLLIN = 1;

export class Waiting {
  /** Two struct pollfd: the socket, and standard input. Larger than what V8 keeps in its own heap. */
  readonly #set = new Uint8Array(128);
  readonly #view = new DataView(this.#set.buffer);
  readonly #at = addressOf(this.#set);

  constructor(fd: number) {
    this.#view.setInt32(0, fd, true);
    this.#view.setInt16(4, POLLIN, true);
    this.#view.setInt32(8, 0, true);
    this.#view.setInt16(12, POLLIN, true);
  }

  /** Whether a line waits on standard input, or whoever would write it has gone. */
  isTold(): boolean {
    poll(this.#at + 8, 1, 0);
    return this.#view.getInt16(14, true) !== 0;
  }

  /** Whether a packet has come within so many milliseconds; comes back early where it is told to stop. */
  forPacket(milliseconds: number): boolean {
    const told = this.isTold();
    poll(this.#at, told ? 1 : 2, milliseconds);
    return (this.#view.getInt16(6, true) & POLLIN) !== 0;
  }
}
