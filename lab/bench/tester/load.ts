// Sends datagrams at a steady rate, or as fast as it can: the generator of RFC 2544 §26.1.

import { MessageVector } from "./message-vector.js";
import type { Load, Sent } from "./protocol.js";
import { lastError, segmentInto, sendmmsg, sleep, sleepExactly } from "./sockets.js";

/** Datagrams in one call at most: a TUN's queue takes 500. */
const BURST = 64;
/** Trains in one call. */
const TRAINS = 4;
/**
 * Microseconds between two looks at what is due: some 10,000 bursts a second. It never waits awake, since what is tested
 * needs the processor more, and processor time is counted.
 */
const REST = 60;
/** A steady load that takes that many times as long as planned has failed, and is not sent to its end. */
const LATE = 1.1;

/** Milliseconds more, for the shortest loads. */
const GRACE = 10;

/** @param fd a connected socket */
export function sendLoad(fd: number, { size, rate, seconds, train }: Load): Sent {
  if (train !== undefined) return trains(fd, size, train, seconds);
  const vector = new MessageVector(BURST, size, true);
  return rate === undefined ? blast(fd, vector, seconds) : steady(fd, vector, rate, seconds);
}

function blast(fd: number, vector: MessageVector, seconds: number): Sent {
  const begin = performance.now();
  const end = begin + seconds * 1000;
  let sent = 0;
  let now = begin;
  while (now < end) {
    sent += burst(fd, vector, vector.count);
    now = performance.now();
  }
  return { sent, seconds: (now - begin) / 1000 };
}

/** Datagrams of `size` octets, `train` of them in each piece that the kernel is given. */
function trains(fd: number, size: number, train: number, seconds: number): Sent {
  segmentInto(fd, size);
  const { sent, seconds: took } = blast(fd, new MessageVector(TRAINS, size * train, true), seconds);
  return { sent: sent * train, seconds: took };
}

function steady(fd: number, vector: MessageVector, rate: number, seconds: number): Sent {
  sleepExactly();
  const total = Math.max(1, Math.round(rate * seconds));
  const end = seconds * LATE * 1000 + GRACE;
  const begin = performance.now();
  let sent = 0;
  for (;;) {
    const due = dueBy((performance.now() - begin) / 1000, rate, total) - sent;
    if (due > 0) sent += burst(fd, vector, Math.min(due, BURST));
    if (sent === total || performance.now() - begin > end) break;
    if (due <= BURST) sleep(REST);
  }
  return { sent, seconds: (performance.now() - begin) / 1000 };
}

/** How many datagrams should have left after so many seconds. */
export function dueBy(seconds: number, rate: number, total: number): number {
  return Math.min(total, Math.floor(seconds * rate) + 1);
}

function burst(fd: number, vector: MessageVector, count: number): number {
  let sent = 0;
  while (sent < count) {
    const more = sendmmsg(fd, vector.address, count - sent, 0);
    if (more < 0) throw new Error(`Cannot send datagrams of ${vector.size} octets: ${lastError()}`);
    sent += more;
  }
  return sent;
}
