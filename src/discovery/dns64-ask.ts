// One round of asking for ipv4only.arpa: the servers in their order, the next one as well when the one before stays
// silent for a moment; the first that names a prefix wins. What the network says never throws.

import { formatIpv6 } from "../net/address.js";
import { formatPrefix } from "../net/prefix.js";
import type { Clock, Random } from "../os/clock.js";
import { type DnsAnswer, decodeAnswer, encodeQuestion } from "./dns-answer.js";
import type { DnsServer, DnsTransport } from "./dns-transport.js";
import { childOf, pause } from "./pause.js";
import { clampTtl, retry } from "./retry.js";
import { pref64Of } from "./well-known-address.js";

/** What one server said. Durations in milliseconds. */
export type ServerSays =
  | { readonly kind: "prefixes"; readonly prefixes: readonly string[]; readonly validFor: number }
  /** There is no DNS64. `holdsFor`: how long not to ask again (RFC 7050 §3: the TTL of a negative answer is obeyed). */
  | { readonly kind: "none"; readonly reason: string; readonly holdsFor: number }
  /** No answer, or none to go by. */
  | { readonly kind: "failed"; readonly reason: string };

export interface AskTools {
  readonly transport: DnsTransport;
  readonly clock: Clock;
  readonly random: Random;
}

/** More than an operator has, and less than a malicious answer can carry. */
const mostPrefixes = 16;

/** Asks the servers: the one that named a prefix alone, or what each of them said, in their order. */
export async function askServers(
  servers: readonly DnsServer[],
  tools: AskTools,
  signal: AbortSignal,
): Promise<readonly ServerSays[]> {
  const { controller, release } = childOf(signal);
  const round = controller.signal;
  try {
    const answers: Promise<ServerSays>[] = [];
    let ready: Promise<unknown> = Promise.resolve();
    let won = false;
    const askIfNeeded = async (server: DnsServer): Promise<ServerSays> => {
      if (won || round.aborted) return { kind: "failed", reason: `${server.address} was not asked` };
      const says = await askServer(server, tools, round);
      won ||= says.kind === "prefixes";
      return says;
    };
    for (const server of servers) {
      const begin = ready;
      const answer = begin.then(() => askIfNeeded(server));
      answers.push(answer);
      ready = Promise.race([answer, begin.then(() => pause(tools.clock, retry.nextServerAfter, round))]);
    }
    const winner = new Promise<readonly ServerSays[]>((resolve) => {
      for (const answer of answers) void answer.then((says) => says.kind === "prefixes" && resolve([says]));
    });
    return await Promise.race([winner, Promise.all(answers)]);
  } finally {
    release();
    controller.abort();
  }
}

async function askServer(server: DnsServer, tools: AskTools, signal: AbortSignal): Promise<ServerSays> {
  const { controller, release } = childOf(signal);
  const id = randomIdentifier(tools.random);
  const silence = pause(tools.clock, retry.answerWithin, controller.signal).then(() => undefined);
  try {
    const octets = await Promise.race([tools.transport.query(server, encodeQuestion(id), controller.signal), silence]);
    if (octets === undefined) {
      return { kind: "failed", reason: `${server.address} did not answer within ${retry.answerWithin / 1000} s` };
    }
    return interpret(server, decodeAnswer(octets, id));
  } catch (error) {
    return { kind: "failed", reason: error instanceof Error ? error.message : String(error) };
  } finally {
    release();
    controller.abort();
  }
}

function interpret(server: DnsServer, answer: DnsAnswer): ServerSays {
  switch (answer.kind) {
    case "useless":
      return { kind: "failed", reason: `${server.address} answered ${answer.problem}` };
    case "negative": {
      const what = answer.code === "NXDOMAIN" ? "NXDOMAIN" : "that there is no AAAA record";
      const reason = `${server.address} answered ${what} for ipv4only.arpa: no DNS64 there`;
      return { kind: "none", reason, holdsFor: Math.min((answer.ttl ?? 0) * 1000, retry.mostTtl) };
    }
    case "addresses": {
      const found = answer.addresses.map(pref64Of).filter((prefix) => prefix !== undefined);
      const prefixes = [...new Set(found.map(formatPrefix))].slice(0, mostPrefixes);
      if (prefixes.length > 0) return { kind: "prefixes", prefixes, validFor: clampTtl(answer.ttl) };
      const [first] = answer.addresses;
      const seen = first === undefined ? "addresses" : formatIpv6(first);
      // A captive portal says such things until somebody has logged in: ask again soon.
      const reason =
        `${server.address} answered ${seen} for ipv4only.arpa, where no well-known IPv4 address stands: ` +
        "no DNS64 there, or a captive portal";
      return { kind: "none", reason, holdsFor: 0 };
    }
  }
}

function randomIdentifier(random: Random): number {
  const octets = new Uint8Array(2);
  random.fill(octets);
  return ((octets[0] ?? 0) << 8) | (octets[1] ?? 0);
}
