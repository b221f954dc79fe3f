// A small world for the discovery's tests: a clock that moves only when told, DNS servers that are functions.

import { decode, encode } from "dns-packet";
import type { DnsServer, DnsTransport } from "../../../src/discovery/dns-transport.js";
import type { Clock, Random } from "../../../src/os/clock.js";

/** Time moves in `advance` only; sleepers wake in the order of their times. */
export class TestClock implements Clock {
  #now = 0;
  readonly #sleepers = new Set<{ at: number; wake: () => void }>();

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const sleeper = { at: this.#now + ms, wake: () => finish(resolve) };
      const abort = (): void => finish(() => reject(signal?.reason));
      const finish = (settle: () => void): void => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener("abort", abort);
        settle();
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#sleepers.add(sleeper);
    });
  }

  /** Lets `ms` pass, and everybody who wakes in that time do what there is to do. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settle();
    for (;;) {
      const [next] = [...this.#sleepers].sort((a, b) => a.at - b.at);
      if (next === undefined || next.at > until) break;
      this.#now = Math.max(this.#now, next.at);
      next.wake();
      await settle();
    }
    this.#now = until;
  }

  get sleeping(): number {
    return this.#sleepers.size;
  }
}

/** Lets all promises that can go on do so. */
async function settle(): Promise<void> {
  for (let round = 0; round < 3; round++) await new Promise((resolve) => setImmediate(resolve));
}

/** Octets that count up: different ones each time, the same in each run. */
export function countingRandom(): Random {
  let next = 1;
  return {
    fill(octets) {
      for (let index = 0; index < octets.length; index++) octets[index] = next++ & 0xff;
    },
  };
}

/** What a server does with a query: an answer, silence, or an error of the socket. */
export type Behaviour = (query: Buffer) => Uint8Array | "silence" | Error;

/** A network with these servers by address; whoever is not there stays silent. Counts the queries. */
export class TestDns implements DnsTransport {
  readonly servers = new Map<string, Behaviour>();
  readonly asked: string[] = [];
  /** Queries that nobody waits for any more have to be given up. */
  open = 0;

  async query(server: DnsServer, packet: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    this.asked.push(server.address);
    const answer = this.servers.get(server.address)?.(Buffer.from(packet)) ?? "silence";
    if (answer instanceof Error) throw answer;
    if (answer !== "silence") return answer;
    this.open++;
    return new Promise((_, reject) => {
      const give = (): void => {
        this.open--;
        reject(signal.reason);
      };
      if (signal.aborted) give();
      else signal.addEventListener("abort", give, { once: true });
    });
  }
}

/** Answers with AAAA records. */
export function aaaa(addresses: readonly string[], ttl = 300): Behaviour {
  return (query) => {
    const { id = 0, questions = [] } = decode(query);
    const answers = addresses.map((data) => ({
      type: "AAAA" as const,
      name: "ipv4only.arpa",
      ttl,
      data,
      class: "IN" as const,
    }));
    return encode({ type: "response", id, flags: 0x0180, questions, answers });
  };
}

/** NODATA or NXDOMAIN, with a SOA where `ttl` is given. */
export function negative(code: "NODATA" | "NXDOMAIN", ttl?: number): Behaviour {
  return rcode(code === "NXDOMAIN" ? 3 : 0, ttl);
}

/** An empty answer with that code. */
export function rcode(code: number, ttl?: number): Behaviour {
  return (query) => {
    const { id = 0, questions = [] } = decode(query);
    const soa = {
      mname: "ns.example",
      rname: "root.example",
      serial: 1,
      refresh: 1,
      retry: 1,
      expire: 1,
      minimum: ttl ?? 0,
    };
    const authorities =
      ttl === undefined
        ? []
        : [{ type: "SOA" as const, name: "ipv4only.arpa", ttl: ttl + 1000, class: "IN" as const, data: soa }];
    return encode({ type: "response", id, flags: 0x0180 | code, questions, authorities });
  };
}
