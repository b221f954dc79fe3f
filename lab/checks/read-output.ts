// What ping and traceroute print, as outcomes. Pure.

import type { ExecResult } from "../command.js";
import { bad, good, type Outcome } from "../probe/outcome.js";

/** iputils' summary. */
export function readPing({ stdout, stderr }: ExecResult): Outcome {
  const [, sent, received] = /(\d+) packets transmitted, (\d+) received/.exec(stdout) ?? [];
  if (sent === undefined) return bad(stderr.trim() || "ping said nothing");
  if (received !== sent)
    return bad(`${received} of ${sent} answers${/, \+(\d+) errors/.test(stdout) ? " and ICMP errors" : ""}`);
  const [, average] = /= [\d.]+\/([\d.]+)\//.exec(stdout) ?? [];
  return good(`${received} of ${sent} answers${average === undefined ? "" : `, ${average} ms`}`);
}

/** Addresses by hop; undefined where nobody answered. */
function tracerouteHops(stdout: string): (string | undefined)[] {
  return stdout.split("\n").flatMap((line) => {
    const [, rest] = /^\s*\d+\s+(.+)$/.exec(line) ?? [];
    if (rest === undefined) return [];
    const [, address] = /^([0-9a-fA-F:.]+)\s/.exec(rest) ?? [];
    return [address];
  });
}

export function readTraceroute(
  { stdout, stderr }: ExecResult,
  to: string,
  wanted: readonly string[],
  atLeast: number,
): Outcome {
  const hops = tracerouteHops(stdout);
  const words = hops.map((hop) => hop ?? "*").join(" → ");
  if (hops.length === 0) return bad(stderr.trim() || "traceroute said nothing");
  if (hops.at(-1) !== to) return bad(`it does not arrive: ${words}`);
  if (hops.includes(undefined)) return bad(`a hop does not answer: ${words}`);
  if (hops.length < atLeast) return bad(`${hops.length} hops, not ${atLeast}: ${words}`);
  let from = 0;
  for (const hop of wanted) {
    const at = hops.indexOf(hop, from);
    if (at < 0) return bad(`${hop} is missing: ${words}`);
    from = at + 1;
  }
  return good(words);
}
