// TCP throughput by iperf3, and what it costs the whole machine in processor time.

import { setTimeout as after } from "node:timers/promises";
import { busySeconds } from "./cpu.js";
import type { Direction } from "./direction.js";
import type { Stand } from "./stand.js";

interface Report {
  readonly error?: string;
  readonly end?: { readonly sum_received?: { readonly bits_per_second?: number } };
}

/** Seconds until iperf3 has started, and before it ends: processor time is counted between. */
const RUN_UP = 0.25;
const RUN_OUT = 0.1;

/** iperf3 serves one client at a time, and is done with the last one a little after that has ended. */
const BUSY = /server is busy/;
const BUSY_ATTEMPTS = 10;
const BUSY_WAIT = 300;

/** Estimated: iperf3 starts, ends, and sends its figures. */
export const tcpSeconds = (seconds: number): number => seconds + 0.08;

/** Gbit/s above which memory decides, not the translator. */
const FAST = 15;

/**
 * The figures of the best of so many runs. Several streams at once have several states, which last for seconds: measured back
 * to back, 16 of them carried 66 Gbit/s, 52 or 25, and changed from one to another within a connection. Whoever is slower than
 * that is not asked again.
 */
export async function bestOf(runs: number, measure: () => Promise<readonly number[]>): Promise<readonly number[]> {
  let best = await measure();
  for (let run = 2; run <= runs && gbits(best) > FAST; run++) {
    const again = await measure();
    if (gbits(again) > gbits(best)) best = again;
  }
  return best;
}

const gbits = ([first = 0]: readonly number[]): number => first;

/** Gbit/s, and seconds of processor time for each 10^9 octets. */
export async function measureTcp(
  stand: Stand,
  direction: Direction,
  streams: number,
  seconds: number,
): Promise<readonly number[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await measureOnce(stand, direction, streams, seconds);
    } catch (error) {
      if (attempt === BUSY_ATTEMPTS || !(error instanceof Error && BUSY.test(error.message))) throw error;
      await after(BUSY_WAIT);
    }
  }
}

async function measureOnce(
  { lab, node, target }: Stand,
  direction: Direction,
  streams: number,
  seconds: number,
): Promise<readonly number[]> {
  const words = ["-J", "-c", target, "-t", `${seconds}`, "-P", `${streams}`, "--connect-timeout", "20000"];
  const command = ["iperf3", ...words, ...(direction === "down" ? ["-R"] : [])];
  const running = lab.exec(node, command, { timeout: (seconds + 60) * 1000 });
  await after(RUN_UP * 1000);
  const [begin, busy] = [performance.now(), busySeconds()];
  await after((seconds - RUN_UP - RUN_OUT) * 1000);
  const [took, work] = [(performance.now() - begin) / 1000, busySeconds() - busy];
  const { stdout, stderr } = await running;
  const bits = receivedBits(stdout, stderr);
  return [bits / 1e9, work / ((bits / 8e9) * took)];
}

/** Bit/s that arrived. Throws iperf3's complaint. */
export function receivedBits(stdout: string, stderr = ""): number {
  let report: Report;
  try {
    report = JSON.parse(stdout) as Report;
  } catch {
    throw new Error(`Cannot measure TCP: iperf3 said no JSON: ${(stderr || stdout).trim() || "nothing"}`);
  }
  const bits = report.end?.sum_received?.bits_per_second ?? 0;
  if (report.error !== undefined || !(bits > 0))
    throw new Error(`Cannot measure TCP: ${report.error ?? "nothing arrived"}`);
  return bits;
}
