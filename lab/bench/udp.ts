// Datagrams each second: the throughput of RFC 2544 §26.1 (all of them arrive), and what arrives of as many as the sender
// can send, with its processor time.

import { setTimeout as after } from "node:timers/promises";
import { busySeconds } from "./cpu.js";
import type { Direction } from "./direction.js";
import type { Profile, SearchPlan } from "./profiles.js";
import { decidedRate, highestRate } from "./search.js";
import { freshPort, type Stand } from "./stand.js";
import type { Load, Received, Sent } from "./tester/protocol.js";

interface Trial extends Sent, Received {
  /** Seconds of processor time of the whole machine. */
  readonly work: number;
}

/** Milliseconds before the receiver is told to stop; it goes on until nothing has come for a while. RFC 2544 §23 has 2 s. */
const LINGER = 5;
/** The decisive trial is that many times as long as those that lead to it. */
const APPROACH = 10;
/** How many decisive trials it takes, as a rule. */
const FINALS = 2;
/** Datagrams in a train at most (UDP_MAX_SEGMENTS), and its octets (an IPv4 packet has 65535). */
const TRAIN = 64;
const TRAIN_OCTETS = 60_000;

/** Datagrams a second without loss; those that arrive of a blast; microseconds of processor time for each without loss. */
export async function measureDatagrams(
  stand: Stand,
  direction: Direction,
  size: number,
  { blast, search }: Profile,
): Promise<readonly number[]> {
  const full = await trial(stand, direction, { size, seconds: blast });
  const arrived = full.received / full.seconds;
  if (!(full.received > 0))
    throw new Error(`Cannot measure UDP: nothing arrived of ${full.sent} datagrams ${direction}`);
  // As fast as it can and nothing lost: there is nothing to search.
  let best = full;
  const passes = (seconds: number) => async (rate: number) => {
    for (let attempt = 0; attempt <= search.retries; attempt++) {
      const one = await trial(stand, direction, { size, rate, seconds });
      if (!isWhole(one, seconds)) continue;
      best = one;
      return true;
    }
    return false;
  };
  const offered = full.sent / full.seconds;
  const { resolution } = search;
  const found =
    full.sent === full.received
      ? offered
      : await highestRate({ guess: arrived * 0.9, ceiling: offered, resolution, trial: passes(search.trial) });
  const rate = await decided(found, search, passes);
  return [rate, arrived, (best.work / best.received) * 1e6];
}

/** The rate that passes the decisive trial, after shorter ones: each that fails of those spares one that takes a minute. */
async function decided(
  found: number,
  { final, trial, resolution }: SearchPlan,
  passes: (seconds: number) => (rate: number) => Promise<boolean>,
): Promise<number> {
  if (final === 0) return found;
  const between = final / APPROACH;
  const rate = between > trial ? await decidedRate(found, resolution, passes(between)) : found;
  return decidedRate(rate, resolution, passes(final));
}

/** Estimated seconds of `measureDatagrams()`. */
export function datagramSeconds({ blast, search }: Profile): number {
  const { final, trial, resolution, retries } = search;
  const trials = 1 + Math.log2(0.25 / resolution);
  const pause = 0.02;
  const decisive = final === 0 ? 0 : FINALS * (final + final / APPROACH + 2 * pause);
  return blast + trials * (1 + retries / 8) * (trial + pause) + decisive;
}

/** Datagrams a second that arrive of trains: handed to the kernel many at once (UDP_SEGMENT), as senders of QUIC do. */
export async function measureTrains(
  stand: Stand,
  direction: Direction,
  size: number,
  seconds: number,
): Promise<readonly number[]> {
  const train = Math.min(TRAIN, Math.floor(TRAIN_OCTETS / size));
  const { received, seconds: took } = await trial(stand, direction, { size, seconds, train });
  if (!(received > 0)) throw new Error("Cannot measure trains of datagrams: nothing arrived");
  return [received / took];
}

/** Whether all of it arrived, and the sender kept the rate: a tester that is too slow has shown nothing. */
export function isWhole(
  { sent, received, seconds }: Pick<Trial, "sent" | "received" | "seconds">,
  planned: number,
): boolean {
  return received >= sent && seconds <= planned * 1.05 + 0.003;
}

function trial(stand: Stand, direction: Direction, load: Load): Promise<Trial> {
  return direction === "up" ? upward(stand, load) : downward(stand, load);
}

async function upward(stand: Stand, load: Load): Promise<Trial> {
  const port = freshPort();
  const serving = await stand.server.serve<Received>({
    do: "receive",
    port,
    size: load.size,
    trains: load.train !== undefined,
  });
  const busy = busySeconds();
  try {
    const sent = await stand.client.ask<Sent>({ do: "send", to: { address: stand.target, port }, ...load });
    const work = busySeconds() - busy;
    await after(LINGER);
    return { ...sent, ...(await serving.stop()), work };
  } catch (error) {
    await serving.stop();
    throw error;
  }
}

/** The client calls first: it may be behind a CLAT that shares its address, where nothing comes in unasked. */
async function downward(stand: Stand, load: Load): Promise<Trial> {
  const port = freshPort();
  const sending = await stand.server.serve<Sent>({ do: "answer-with-load", port, ...load });
  const receiving = await stand.client.serve<Received>({
    do: "call-and-receive",
    to: { address: stand.target, port },
    size: load.size,
    trains: load.train !== undefined,
  });
  const busy = busySeconds();
  try {
    const sent = await sending.done();
    const work = busySeconds() - busy;
    await after(LINGER);
    return { ...sent, ...(await receiving.stop()), work };
  } catch (error) {
    await receiving.stop();
    throw error;
  }
}
