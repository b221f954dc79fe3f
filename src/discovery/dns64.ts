// PREF64 by DNS (RFC 7050): asks for ipv4only.arpa until somebody answers with a prefix, and again before the TTL runs
// out. A boot before the network is up just waits.

import type { Clock } from "../os/clock.js";
import type { DnsServer } from "./dns-transport.js";
import { type AskTools, askServers, type ServerSays } from "./dns64-ask.js";
import { childOf, pause } from "./pause.js";
import type { DnsServerList, DnsServerSource } from "./resolv-conf.js";
import { retry, retryDelay } from "./retry.js";
import type { Pref64Report, Pref64Source } from "./source.js";

export interface Dns64Options extends AskTools {
  /** Whom to ask; asked anew before each round. */
  readonly servers: DnsServerSource;
}

/** What an earlier answer said, and until when that holds (by the clock). */
interface Known {
  readonly prefixes: readonly string[];
  readonly expires: number;
}

interface Hold {
  readonly says: ServerSays;
  readonly until: number;
}

export class Dns64Source implements Pref64Source {
  readonly origin = "dns64";
  readonly #options: Dns64Options;
  readonly #clock: Clock;
  /** The network has changed since the last round began. */
  #woken = false;
  #interrupt: (() => void) | undefined;

  constructor(options: Dns64Options) {
    this.#options = options;
    this.#clock = options.clock;
  }

  wake(): void {
    this.#woken = true;
    this.#interrupt?.();
  }

  async *watch(signal: AbortSignal): AsyncGenerator<Pref64Report> {
    const holds = new Map<string, Hold>();
    let wokenAt = this.#clock.now();
    let changed = false;
    let failures = 0;
    let known: Known | undefined;
    let said: string | undefined;
    while (!signal.aborted) {
      const startedAt = this.#clock.now();
      if (this.#woken) {
        this.#woken = false;
        changed = true;
        wokenAt = startedAt;
        failures = 0;
        // What servers said before was about another network.
        holds.clear();
      }
      const list = await this.#options.servers();
      const answers = await this.#round(list, holds, signal);
      if (signal.aborted) return;
      const now = this.#clock.now();
      const success = answers.find((says) => says.kind === "prefixes");
      let next: number;
      if (success !== undefined) {
        known = { prefixes: success.prefixes, expires: now + success.validFor };
        changed = false;
        failures = 0;
        said = undefined;
        next = now + Math.max(success.validFor - retry.refreshBefore, success.validFor / 2);
        yield { origin: "dns64", found: true, prefixes: success.prefixes, validFor: success.validFor + retry.staleFor };
      } else {
        failures++;
        next = Math.max(startedAt + retryDelay(failures, now - wokenAt), endOfHolds(list, holds));
        if (known !== undefined && !stillHolds(known, answers, changed, now)) known = undefined;
        const reason = list.ok ? answers.map(reasonOf).join("; ") : list.reason;
        if (known === undefined && reason !== said) {
          said = reason;
          yield { origin: "dns64", found: false, reason };
        }
      }
      await this.#waitUntil(next, startedAt, wokenAt, list, signal);
    }
  }

  /** Asks those servers whose negative answer does not hold any more. */
  async #round(list: DnsServerList, holds: Map<string, Hold>, signal: AbortSignal): Promise<readonly ServerSays[]> {
    if (!list.ok) return [];
    const now = this.#clock.now();
    const held = list.servers.flatMap((server) => {
      const hold = holds.get(serverKey(server));
      return hold !== undefined && hold.until > now ? [hold.says] : [];
    });
    const free = list.servers.filter((server) => (holds.get(serverKey(server))?.until ?? 0) <= now);
    const answers = await askServers(free, this.#options, signal);
    for (const [index, says] of answers.entries()) {
      const server = free[index];
      if (says.kind !== "none" || server === undefined) continue;
      holds.set(serverKey(server), { says, until: this.#clock.now() + says.holdsFor });
    }
    return [...answers, ...held];
  }

  /** Until `next`; sooner after a wake, or where the list of servers has become another one. */
  async #waitUntil(
    next: number,
    startedAt: number,
    wokenAt: number,
    list: DnsServerList,
    signal: AbortSignal,
  ): Promise<void> {
    const { controller, release } = childOf(signal);
    this.#interrupt = () => controller.abort();
    try {
      while (!signal.aborted) {
        const now = this.#clock.now();
        // However often it is woken: not more than one round in that time.
        if (this.#woken) return await pause(this.#clock, Math.max(0, startedAt + retry.first - now), signal);
        if (now >= next) return;
        const look = now - wokenAt < retry.eagerFor ? retry.most : retry.leisurely;
        await pause(this.#clock, Math.min(next - now, look), controller.signal);
        if (!this.#woken && listKey(await this.#options.servers()) !== listKey(list)) this.#woken = true;
      }
    } finally {
      this.#interrupt = undefined;
      release();
    }
  }
}

/**
 * Whether what was learned before still holds although this round brought nothing. A negative answer ends it. Silence
 * does not before the TTL is over, and longer where the network is the same: a DNS server that is being restarted says
 * nothing about the PLAT, and taking the CLAT down would cut every connection.
 */
function stillHolds(known: Known, answers: readonly ServerSays[], changed: boolean, now: number): boolean {
  if (answers.length > 0 && answers.every((says) => says.kind === "none")) return false;
  return now < known.expires + (changed ? 0 : retry.staleFor);
}

/** When the first of the servers may be asked again, where none may be now. */
function endOfHolds(list: DnsServerList, holds: ReadonlyMap<string, Hold>): number {
  if (!list.ok || list.servers.length === 0) return 0;
  return Math.min(...list.servers.map((server) => holds.get(serverKey(server))?.until ?? 0));
}

function reasonOf(says: ServerSays): string {
  return says.kind === "prefixes" ? "" : says.reason;
}

function listKey(list: DnsServerList): string {
  return list.ok ? list.servers.map(serverKey).join() : list.reason;
}

function serverKey(server: DnsServer): string {
  return `[${server.address}]:${server.port}`;
}
