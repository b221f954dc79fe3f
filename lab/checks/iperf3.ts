// Throughput as iperf3 measures it: up, then down.

import { IPERF_PORT } from "../kinds/server.js";
import { bad, type Outcome } from "../probe/outcome.js";
import type { CheckOf } from "./check.js";
import type { CheckContext } from "./check-context.js";

interface Report {
  readonly error?: string;
  readonly end?: { readonly sum_received?: { readonly bits_per_second?: number } };
}

export async function iperf3(check: CheckOf<"throughput">, context: CheckContext): Promise<Outcome> {
  const rates: Record<string, number> = {};
  for (const direction of ["up", "down"] as const) {
    const words = [
      "-c",
      check.to,
      "-p",
      `${IPERF_PORT}`,
      "-J",
      "-t",
      `${check.seconds}`,
      "-P",
      `${check.streams}`,
      "--connect-timeout",
      "10000",
    ];
    const command = ["iperf3", ...words, ...(direction === "down" ? ["-R"] : [])];
    const { stdout, stderr } = await context.exec(check.on, command, { timeout: check.seconds * 1000 + 60_000 });
    const bits = receivedBits(stdout);
    if (typeof bits === "string") return bad(`${direction}: ${bits || stderr.trim() || "iperf3 said nothing"}`);
    rates[direction] = bits;
  }
  const words = Object.entries(rates).map(([direction, bits]) => `${gigabits(bits)} ${direction}`);
  return { ok: Object.values(rates).every((bits) => bits > 0), detail: words.join(", "), rates };
}

/** Bit/s, or iperf3's complaint. */
function receivedBits(stdout: string): number | string {
  try {
    const report = JSON.parse(stdout) as Report;
    return report.error ?? report.end?.sum_received?.bits_per_second ?? "";
  } catch {
    return stdout.trim();
  }
}

const gigabits = (bits: number): string =>
  bits >= 1e9 ? `${(bits / 1e9).toFixed(1)} Gbit/s` : `${(bits / 1e6).toFixed(0)} Mbit/s`;
