// Counts what arrives until it is told to stop: the analyser of RFC 2544 §26.1.

import { MessageVector } from "./message-vector.js";
import type { Received } from "./protocol.js";
import { dropsOf, MSG_DONTWAIT, recvmmsg, sleep, takeTrains, tieToCaller } from "./sockets.js";
import { Waiting } from "./waiting.js";

const AT_ONCE = 64;
/**
 * Microseconds between two looks. It does not wait in poll(2): each datagram would have to wake it, which costs the sender's
 * processor more than the datagram does (measured on a busy virtual machine: 195,000 datagrams a second instead of 235,000).
 */
const REST = 500;
/** Milliseconds without a datagram after the word to stop: what is still under way has arrived by then. */
const QUIET = 10;
/** The same where nothing has come at all: a translator on a busy machine may not have had the processor yet. */
const QUIET_AT_FIRST = 3000;
/** Milliseconds after which it says hello again. */
const AGAIN = 100;

export interface Sinking {
  /** Octets of the datagrams that count. */
  readonly size: number;
  /** They may come many at once (UDP_GRO). */
  readonly trains?: boolean;
}

/** @param hello said at first, and again until something has come */
export function countUntilTold(fd: number, { size, trains = false }: Sinking, hello: () => void): Received {
  if (trains) takeTrains(fd);
  // Longer than any datagram that counts, so that a longer one is told from it.
  const vector = trains ? new MessageVector(8, 65_536, false) : new MessageVector(AT_ONCE, 2048, false);
  const waiting = new Waiting(fd);
  hello();
  let received = 0;
  let last = performance.now();
  let said = last;
  let told: number | undefined;
  let tied = false;
  for (;;) {
    // A connected socket is found with its route (early demultiplexing): a sixth of what a datagram costs back to back.
    if (!tied) tied = tieToCaller(fd);
    const count = recvmmsg(fd, vector.address, vector.count, MSG_DONTWAIT, 0);
    for (let index = 0; index < count; index++) received += datagramsIn(vector.lengthOf(index), size, trains);
    if (count === vector.count) continue;
    if (count > 0) last = performance.now();
    const now = performance.now();
    if (told === undefined && waiting.isTold()) told = now;
    if (told !== undefined && now - Math.max(told, last) > (received === 0 ? QUIET_AT_FIRST : QUIET)) break;
    if (received === 0 && now - said > AGAIN) {
      hello();
      said = now;
    }
    sleep(REST);
  }
  return { received, dropped: dropsOf(fd) };
}

/** What is no multiple of the size is somebody else's. */
export function datagramsIn(length: number, size: number, trains: boolean): number {
  if (!trains) return length === size ? 1 : 0;
  return length % size === 0 ? length / size : 0;
}
