// The same daemon on the model kernel, with virtual time and an in-memory network: an application, an uplink with its
// router, a NAT64 with its DNS64, an IPv4 server. No root, no Linux, and the same course every time (DESIGN §3).

import type { Config } from "../config/key-table.js";
import type { Loaded } from "../config/load.js";
import { type CleanedUp, cleanUp } from "../daemon/cleanup.js";
import type { DaemonParts } from "../daemon/daemon.js";
import { createLog, type Log } from "../daemon/log.js";
import type { StatusRecord } from "../daemon/status.js";
import type { DnsTransport } from "../discovery/dns-transport.js";
import type { EamText } from "../net/eam.js";
import { FakeOs } from "../os/fake/fake-os.js";
import { FakeKernel } from "../os/fake/kernel.js";
import { Outside } from "../os/fake/outside.js";
import { VirtualClock } from "../os/fake/virtual-clock.js";
import type { Journal } from "../os/journal.js";
import { memoryStorage } from "../os/journal-storage.js";
import type { AttachedProgram, NetSnapshot } from "../os/snapshot.js";
import { sorted } from "../os/sorted.js";
import type { WaitReason } from "../plan/desired.js";
import { Application } from "./application.js";
import { BorderRelay } from "./border-relay.js";
import { Client } from "./client.js";
import { simulatedParts } from "./daemon-parts.js";
import { DaemonRun } from "./daemon-run.js";
import { simulatedDns } from "./dns64.js";
import { SimulatedFastPaths } from "./fast-paths.js";
import { HostPackets } from "./host-packets.js";
import { Lan } from "./lan.js";
import { mortalOs } from "./mortal.js";
import { passUntil } from "./passing-time.js";
import { Plat } from "./plat.js";
import { journalPath, SimulatedProcess, type Trouble } from "./process.js";
import { Router } from "./router.js";
import { Transcript } from "./transcript.js";

export const simulated = {
  uplink: "eth0",
  prefix: "2001:db8:1::/64",
  otherPrefix: "2001:db8:2::/64",
  pref64: "2001:db8:64::/96",
  dnsServer: "2001:db8:53::64",
} as const;

/** Equal before and after, where nothing was left behind. */
export interface HostState {
  readonly snapshot: NetSnapshot;
  /** Programs that anybody has left on a device. */
  readonly programs: readonly AttachedProgram[];
  readonly files: Readonly<Record<string, string>>;
  readonly journal: string | undefined;
}

export interface SimulationOptions {
  readonly config: Config;
  /** Seconds for which the DNS64's answers hold. */
  readonly ttl?: number;
  /** A Border Relay in the place of the PLAT, with these mappings. */
  readonly border?: readonly EamText[];
  /** Changes the daemon's parts before each start: a shell for scripts, a translator that dies. */
  readonly parts?: (parts: DaemonParts) => DaemonParts;
}

export class Simulation {
  readonly clock = new VirtualClock();
  readonly kernel = new FakeKernel(this.clock);
  /** Everybody else who changes the host: administrators, other programs. */
  readonly outside = new Outside(this.kernel);
  readonly transcript = new Transcript(this.clock);
  readonly router: Router;
  readonly plat: Plat;
  readonly application: Application;
  /** On the IPv4 internet. */
  readonly client: Client;
  /** An IPv4 network behind the host, on `eth1`. */
  readonly lan = new Lan("eth1");
  #config: Config;
  readonly #ttl: number;
  readonly #adapt: (parts: DaemonParts) => DaemonParts;
  readonly #storage = memoryStorage();
  readonly #fastPaths = new SimulatedFastPaths();
  /** Looks at the host without being part of it. */
  readonly #eye = new FakeOs({ kernel: this.kernel });
  #daemon: DaemonRun | undefined;
  #pids = 100;

  constructor({ config, ttl = 300, border: eams, parts = (given) => given }: SimulationOptions) {
    this.#config = config;
    this.#ttl = ttl;
    this.#adapt = parts;
    const note = (who: string) => (text: string) => this.transcript.add(`${who} ${text}`);
    this.router = new Router(this.outside, simulated.uplink, note("router"));
    this.plat = new Plat(simulated.pref64, note("plat"));
    const host = new HostPackets(() => this.#livingOs(), config["clat-dev"], this.#fastPaths);
    const { router, lan, plat } = this;
    const border = new BorderRelay(simulated.pref64, eams ?? []);
    const far = eams === undefined ? plat : border;
    this.application = new Application({ host, far, router, note: note("application") });
    this.client = new Client({ host, border, router, lan, uplink: simulated.uplink, note: note("client") });
    this.outside.setUp("lo", true);
    this.outside.addDevice(simulated.uplink, { mac: "52:54:00:00:00:01" });
    this.outside.setUp(simulated.uplink, true);
  }

  /** The whole of what an operator could compare before and after. */
  async state(): Promise<HostState> {
    const snapshot = await this.#eye.snapshot();
    const journal = await this.#storage.read(journalPath);
    const programs = this.kernel
      .netns("")
      .programs.map(({ dev, hook, program, object }): AttachedProgram => ({ dev, hook, program, object }));
    return { snapshot, programs: sorted(programs), files: Object.fromEntries(this.kernel.files), journal };
  }

  status(): StatusRecord | undefined {
    return this.#daemon?.status();
  }

  /** How many dealings with the world the daemon has had: points where a SIGKILL may fall. */
  get calls(): number {
    return this.#daemon?.process.life.calls ?? 0;
  }

  /** The transcript of the fake kernel's driver: each effect as a command. */
  get commands(): readonly string[] {
    return this.#daemon?.process.os.transcript ?? [];
  }

  /** Ended by SIGKILL. */
  get dead(): boolean {
    return this.#daemon?.process.life.dead === true;
  }

  get alive(): boolean {
    return this.#daemon?.alive === true;
  }

  start(trouble: Trouble = {}): void {
    if (this.alive) throw new Error("Cannot start the simulated daemon: it runs already; stop or kill it first");
    const daemon = new DaemonRun(new SimulatedProcess(this.kernel, ++this.#pids, trouble));
    this.#daemon = daemon;
    this.transcript.add("clatd is started");
    const parts = this.#adapt(this.#partsFor(daemon));
    daemon.begin(this.#config, parts, (text) => this.transcript.add(text));
  }

  /** The configuration's files have changed, and the daemon is told. */
  reload(loaded: Loaded, cause = "SIGHUP"): void {
    this.transcript.add(`clatd is told: ${cause}`);
    if (loaded.ok) this.#config = loaded.config;
    this.#daemon?.news.push({ cause, loaded });
  }

  /** SIGTERM. */
  terminate(): void {
    this.transcript.add("clatd gets SIGTERM");
    this.#daemon?.terminate();
  }

  /** SIGTERM. Resolves with the exit code. */
  async stop(): Promise<number> {
    this.terminate();
    return this.exit();
  }

  /** Waits for its end. Resolves with the exit code; rejects with what it threw. */
  async exit(ms = 60_000): Promise<number> {
    const daemon = this.#daemon;
    await this.waitFor("the daemon to end", () => daemon?.ended === true, ms);
    return daemon?.exitCode() ?? 0;
  }

  /** SIGKILL. */
  kill(): void {
    this.transcript.add("clatd gets SIGKILL");
    this.#daemon?.process.life.kill();
  }

  /** A program that the daemon has started comes to an end that nobody asked for. */
  endProcess(name: string, why: string): void {
    this.transcript.add(`process "${name}" has ended: ${why}`);
    this.#livingOs().endProcess(name, why);
  }

  /** `clatd cleanup`, perhaps killed as well: then undefined. */
  async cleanUp(trouble: Trouble = {}): Promise<CleanedUp | undefined> {
    this.transcript.add("clatd cleanup is run");
    const process = new SimulatedProcess(this.kernel, ++this.#pids, trouble);
    const { os, life } = process;
    const openJournal = (): Promise<Journal> => this.#journalFor(process);
    let end: { readonly result: CleanedUp } | { readonly error: unknown } | undefined;
    void cleanUp({ os: mortalOs(os, life), openJournal, log: this.#log() }).then(
      (result) => {
        end = { result };
      },
      (error: unknown) => {
        end = { error };
      },
    );
    await this.waitFor("the clean-up to end", () => end !== undefined || life.dead);
    if (end !== undefined && "error" in end) throw end.error;
    return end?.result;
  }

  /** Until the daemon is in that state, or waits for that reason. Rejects, with what was seen last, after `ms`. */
  async until(wanted: "active" | WaitReason, ms = 10_000): Promise<void> {
    await this.waitFor(
      wanted,
      () => {
        const status = this.status();
        return status?.state === wanted || status?.reason === wanted;
      },
      ms,
    );
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    await passUntil(this.clock, () => false, ms);
  }

  /** Lets time pass until that holds; false where it does not after `ms`. */
  passUntil(holds: () => boolean, ms: number): Promise<boolean> {
    return passUntil(this.clock, holds, ms);
  }

  /** Until that holds. Rejects, with what was seen last, after `ms` of virtual time. */
  async waitFor(what: string, holds: () => boolean, ms = 60_000): Promise<void> {
    if (await passUntil(this.clock, holds, ms)) return;
    const seen = this.status();
    const last = seen === undefined ? "no daemon" : `${seen.state} ${seen.reason ?? ""}: ${seen.text}`;
    throw new Error(`Waited ${ms} ms of virtual time for ${what}: the last was ${last}\n${this.transcript}`);
  }

  #livingOs(): FakeOs {
    const daemon = this.#daemon;
    return daemon === undefined || daemon.process.os.killed ? this.#eye : daemon.process.os;
  }

  #log(): Log {
    return createLog({ quiet: 0, debug: 2, write: (line) => this.transcript.add(line) });
  }

  #partsFor({ process, news }: DaemonRun): DaemonParts {
    return simulatedParts(process, this.#config, {
      clock: this.clock,
      log: this.#log(),
      dnsServer: simulated.dnsServer,
      dns: this.#dns(),
      news,
      fastPaths: this.#fastPaths,
      openJournal: () => this.#journalFor(process),
    });
  }

  #journalFor(process: SimulatedProcess): Promise<Journal> {
    return process.openJournal(this.#storage, (pid) => this.alive && pid === this.#daemon?.process.pid);
  }

  #dns(): DnsTransport {
    return simulatedDns({
      reach: async (address) => {
        const source = (await this.#eye.routeTo(address))?.source;
        if (source === undefined) return "unreachable";
        return this.router.carries(source) ? "there" : "silent";
      },
      pref64: () => this.plat.pref64,
      answers: () => this.plat.up,
      ttl: this.#ttl,
    });
  }
}
