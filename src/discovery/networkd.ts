// PREF64 from systemd-networkd, which reads the Router Advertisements itself (RFC 8781): asked soon after the network has
// changed, and now and then. That it is not there is the normal case on many hosts, and no trouble.

import type { Clock } from "../os/clock.js";
import { readNetworkdAnswer } from "./networkd-answer.js";
import { childOf, pause } from "./pause.js";
import type { Pref64Report, Pref64Source } from "./source.js";

/** What `networkctl --json=short status` printed, or why there is nothing; `problem` continues "systemd-networkd …". */
export type NetworkdSays =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: string };

export interface NetworkdOptions {
  readonly clock: Clock;
  /** Never rejects, and ends by itself. */
  readonly ask: () => Promise<NetworkdSays>;
  /** `plat-dev`, where it is set. */
  readonly platDev?: string | undefined;
}

/** Milliseconds. */
const times = {
  /** The Router Advertisement that brings an address brings the prefix too; networkd has read it a moment later. */
  soon: 1000,
  /** For so long after a change of the network. */
  eagerFor: 15_000,
  leisurely: 30_000,
  /** A networkd that is being restarted says nothing about the PLAT. */
  silenceFor: 60_000,
} as const;

interface Known {
  readonly report: Pref64Report;
  readonly at: number;
}

export class NetworkdSource implements Pref64Source {
  readonly origin = "networkd";
  readonly #options: NetworkdOptions;
  #woken = false;
  #interrupt: (() => void) | undefined;

  constructor(options: NetworkdOptions) {
    this.#options = options;
  }

  wake(): void {
    this.#woken = true;
    this.#interrupt?.();
  }

  async *watch(signal: AbortSignal): AsyncGenerator<Pref64Report> {
    const { clock } = this.#options;
    let wokenAt = clock.now();
    let known: Known | undefined;
    let said = "";
    while (!signal.aborted) {
      if (this.#woken) {
        this.#woken = false;
        wokenAt = clock.now();
      }
      const { report, silent } = await this.#look();
      if (signal.aborted) return;
      const now = clock.now();
      if (report.found) known = { report, at: now };
      const holds = silent && known !== undefined && now - known.at < times.silenceFor ? known.report : report;
      if (!holds.found) known = undefined;
      const text = JSON.stringify(holds);
      if (text !== said) yield holds;
      said = text;
      await this.#rest(now - wokenAt < times.eagerFor ? times.soon : times.leisurely, signal);
    }
  }

  async #look(): Promise<{ readonly report: Pref64Report; readonly silent: boolean }> {
    const says = await this.#options.ask();
    const { platDev } = this.#options;
    const answer = says.ok
      ? readNetworkdAnswer(says.text, platDev)
      : ({ kind: "useless", problem: says.problem } as const);
    switch (answer.kind) {
      case "prefixes":
        return { report: { origin: "networkd", found: true, prefixes: answer.prefixes }, silent: false };
      case "none":
        return { report: none(`knows no PREF64${platDev === undefined ? "" : ` on ${platDev}`}`), silent: false };
      case "useless":
        return { report: none(answer.problem), silent: true };
    }
  }

  /** Sooner after a wake. */
  async #rest(ms: number, signal: AbortSignal): Promise<void> {
    const { controller, release } = childOf(signal);
    this.#interrupt = () => controller.abort();
    if (!this.#woken) await pause(this.#options.clock, ms, controller.signal);
    this.#interrupt = undefined;
    release();
    // However often it is woken: not more than one question in that time.
    if (this.#woken) await pause(this.#options.clock, times.soon / 4, signal);
  }
}

function none(problem: string): Pref64Report {
  return { origin: "networkd", found: false, reason: `systemd-networkd ${problem}` };
}
