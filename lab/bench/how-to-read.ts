// What the report's figures mean, for who has not read this source: what stands in a cell, and what was done for each row.

import { readFileSync } from "node:fs";
import type { Profile } from "./profiles.js";
import { medianRange } from "./statistics.js";
import { CAPPED } from "./table.js";

/** Markdown: a list. */
export function howToRead(profile: Profile): string[] {
  return [cellText(profile), ...rows(profile)].map((line) => `- ${line}`);
}

export function roundsText({ rounds, throughputs = rounds }: Profile): string {
  const all = `${rounds} interleaved ${rounds === 1 ? "round" : "rounds"}`;
  return throughputs < rounds ? `${all} (${throughputs} of single datagrams)` : all;
}

/** Ratios need two rounds to have a range. */
function cellText(profile: Profile): string {
  const { rounds } = profile;
  const [example, spread, range] =
    rounds === 1
      ? ["16.4 0.98 ×", "", ""]
      : [
          "16.4 [15.4–17.4] 0.98 × (0.95–1.00)",
          " [1st to 99th percentile]",
          ` (and the range that holds it${sure(rounds)})`,
        ];
  return `A cell like \`${example}\` is the median of ${roundsText(profile)}${spread}, and then what it is of untranslated IPv6, × \`plain\`, in the same round, which a drift of the machine leaves alone: the median of the rounds${range}. ${CAPPED}: better than what the tester reached back to back, which stands there instead.`;
}

function sure(rounds: number): string {
  const { confidence } = medianRange(Array.from({ length: rounds }, (_, round) => round));
  return ` with a confidence of ${Math.floor(confidence * 100)} %`;
}

function rows({ streams, tcpRuns }: Profile): string[] {
  const several = `With several streams it has slow states that last for seconds, whoever translates. ${tcpRuns === 1 ? "Its" : `Where it is fast it is the best of ${tcpRuns} runs in each round; its`} ratio is that of the best rounds (in brackets: without the one's best, without the other's).`;
  return [
    "Up is from the host with the CLAT to the server, down is back. The server owns the embedded IPv6 address itself: there is no PLAT.",
    `TCP is iperf3's, with the machine's own congestion control (${congestionControl()}).${streams.some((count) => count > 1) ? ` ${several}` : ""}`,
    "UDP, no loss: the highest rate at which every datagram arrives (the throughput of RFC 2544). Blast: what arrives where the sender sends as fast as it can. Trains: the same, many datagrams handed to the kernel at once, as programs do that speak QUIC. Octets are those of the payload.",
    "Round trips are of one datagram at a time, with client, server and engine on one core. TCP connections are opened and closed, and carry nothing.",
    "CPU is processor time of the whole machine, by 10^9 octets (GB) or datagram that arrived.",
  ];
}

function congestionControl(): string {
  return readFileSync("/proc/sys/net/ipv4/tcp_congestion_control", "utf8").trim();
}
