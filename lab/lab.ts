// A lab that is up: what `clatlab run` and the integration tests hold in their hands.
//   await using lab = await startLab("464xlat");
//   await lab.exec("host", "curl -4 http://198.51.100.2/");

import type { Applied } from "../src/os/driver.js";
import { LinuxOs } from "../src/os/linux/linux-os.js";
import type { NetSnapshot } from "../src/os/snapshot.js";
import { bare, familyOf } from "./addressing.js";
import { advertisedTo, hasArrived } from "./advertised.js";
import type { Command, ExecOptions, ExecResult } from "./command.js";
import { Holder } from "./holder.js";
import { LabService } from "./lab-service.js";
import { type NodeProcess, Nodes } from "./nodes.js";
import { missingModules, missingPrograms, programs } from "./programs.js";
import { realizeStages, type Stage } from "./realize.js";
import { type Node, nodeNamed, type RaInterface, type Topology } from "./topology.js";
import { loadTopology } from "./topology-file.js";

type StepState = "started" | "done" | "skipped" | "failed";

export interface Step {
  readonly title: string;
  readonly state: StepState;
  /** Milliseconds since the start of the lab. */
  readonly at: number;
  readonly detail?: string;
}

export interface LabOptions {
  /** Start clatd where the topology says so; default true. `lab.service("host").start()` does it later. */
  readonly clatd?: boolean;
  /** Changes the topology before it is brought up. */
  readonly edit?: (topology: Topology) => Topology;
  readonly onStep?: (step: Step) => void;
}

/** @param topology a name of one that is shipped, a path, or one that has been read */
export async function startLab(topology: string | Topology, options: LabOptions = {}): Promise<Lab> {
  const read = typeof topology === "string" ? await loadTopology(topology) : topology;
  const edited = options.edit?.(read) ?? read;
  const holder = await Holder.start();
  const lab = new Lab(edited, holder);
  try {
    await lab.bringUp(options);
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
  return lab;
}

export class Lab {
  readonly topology: Topology;
  /** PID 1 of the lab, as this process sees it. */
  readonly pid: number;
  readonly nodes: Nodes;
  readonly os: LinuxOs;
  readonly #holder: Holder;
  readonly #services = new Map<string, LabService>();
  readonly #started = performance.now();

  constructor(topology: Topology, holder: Holder) {
    this.topology = topology;
    this.#holder = holder;
    this.pid = holder.pid;
    this.nodes = new Nodes(
      holder.place,
      topology.nodes.map((node) => node.name),
    );
    this.os = new LinuxOs({ place: holder.place });
  }

  async bringUp(options: LabOptions): Promise<void> {
    const stages = realizeStages(this.topology, programs);
    const wanted = stages.filter((stage) => !this.#isMissing(stage, options));
    const applied = await this.os.prepareAll(wanted.flatMap((stage) => [...stage.effects]));
    const parts = wanted.map((stage, index) => {
      const from = wanted.slice(0, index).reduce((sum, before) => sum + before.effects.length, 0);
      return { stage, applied: applied.slice(from, from + stage.effects.length) };
    });
    for (const { stage, applied: own } of parts) {
      if (stage.part === "service") continue;
      await this.#step(options, stage.title, () => this.os.performAll(own));
      if (stage.part === "namespaces")
        await this.#step(options, "a /run and a resolver of its own for each node", () =>
          this.#holder.addNodes([...this.nodes.names]),
        );
    }
    const services = parts.flatMap(({ stage, applied: own }) =>
      stage.part === "service" ? [{ stage, service: this.#addService(stage, own) }] : [],
    );
    // They do not need each other to start, and most of the time is theirs to wait.
    await all(
      services
        .filter(({ stage }) => stage.name !== "clatd")
        .map(({ stage, service }) => this.#step(options, stage.title, () => service.start())),
    );
    if (options.clatd === false) return;
    for (const { stage, service } of services) {
      if (stage.name === "clatd") await this.#step(options, stage.title, () => service.start());
    }
  }

  exec(node: string, command: Command, options?: ExecOptions): Promise<ExecResult> {
    return this.nodes.exec(node, command, options);
  }

  spawn(node: string, command: Command, options?: Pick<ExecOptions, "env">): NodeProcess {
    return this.nodes.spawn(node, command, options);
  }

  snapshot(node: string): Promise<NetSnapshot> {
    return this.os.snapshot(this.#node(node).name);
  }

  /**
   * Until the node has what the routers on its links advertise: a snapshot before that would not be one of how things stand.
   * Comes back after `within` milliseconds at the latest, with what there is.
   */
  async settled(node: string, within = 60_000): Promise<NetSnapshot> {
    const awaited = advertisedTo(this.topology, this.#node(node));
    const deadline = performance.now() + within;
    for (;;) {
      const snapshot = await this.snapshot(node);
      if (awaited.every((wanted) => hasArrived(wanted, snapshot)) || performance.now() > deadline) return snapshot;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** The first fixed address of the node. */
  address(node: string, family: 4 | 6): string {
    const found = this.#node(node)
      .interfaces.flatMap((face) => face.addresses)
      .find((address) => familyOf(address) === family);
    if (found === undefined) throw new Error(`Cannot tell the IPv${family} address of "${node}": it has no fixed one`);
    return bare(found);
  }

  /** What the node runs; `name` where there is more than one (`server` has `server` and `iperf3`). */
  service(node: string, name?: string): LabService {
    const own = [...this.#services.values()].filter((service) => service.node === node);
    const found = name === undefined ? own[0] : own.find((service) => service.name === name);
    if (found === undefined) {
      const known = own.map((service) => service.name).join(", ");
      throw new Error(
        `Cannot find a service ${name === undefined ? "" : `"${name}" `}of "${this.#node(node).name}": it has ${known === "" ? "none" : known}`,
      );
    }
    return found;
  }

  get services(): readonly LabService[] {
    return [...this.#services.values()];
  }

  /** Takes a device down, or up again with the routes of the topology, which the kernel has forgotten meanwhile. */
  async setLink(node: string, dev: string, up: boolean): Promise<void> {
    const { interfaces, routes } = this.#node(node);
    if (!interfaces.some((face) => face.dev === dev))
      throw new Error(`Cannot set "${dev}" of "${node}": no link ends there`);
    const again = up ? routes.filter((route) => route.dev === dev) : [];
    const lines = [
      `link set dev ${dev} ${up ? "up" : "down"}`,
      ...again.map((route) => `-${route.family} route replace ${route.destination} via ${route.via} dev ${dev}`),
    ];
    for (const line of lines) await this.#ip(node, line);
  }

  /**
   * Gives the link behind a router's device another prefix: its own address there, and what it advertises. The old one is
   * told off with lifetimes of 0, so that hosts no longer use it (RFC 4862 §5.5.3 e).
   */
  async renumber(router: string, dev: string, prefix: string): Promise<void> {
    const face = this.#node(router).interfaces.find((other) => other.dev === dev);
    if (face === undefined) throw new Error(`Cannot renumber "${dev}" of "${router}": no link ends there`);
    const [network = "", length = "64"] = prefix.split("/");
    await this.#ip(router, `-6 address flush dev ${dev} scope global`);
    await this.#ip(router, `-6 address add ${network}1/${length} dev ${dev} nodad`);
    await this.updateRa(router, dev, (ra) => ({
      ...ra,
      prefixes: [
        { prefix, valid: 86400, preferred: 14400 },
        ...ra.prefixes.filter((old) => old.prefix !== prefix).map((old) => ({ ...old, valid: 0, preferred: 0 })),
      ],
    }));
  }

  /** Changes what a router advertises on a device; it is sent at once. */
  async updateRa(router: string, dev: string, change: (face: RaInterface) => RaInterface): Promise<void> {
    await this.service(router, "ra").update((configuration) => {
      const { interfaces } = configuration as { interfaces: readonly RaInterface[] };
      return { interfaces: interfaces.map((face) => (face.dev === dev ? change(face) : face)) };
    });
  }

  /** Ends everything in it; nothing is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    // In this order: each nsenter sees its command die and waits for it. Killed together, they would leave zombies to the
    // host's init, and the holder cannot end before that has looked after them.
    await this.#holder[Symbol.asyncDispose]();
    await this.os[Symbol.asyncDispose]();
  }

  async #ip(node: string, line: string): Promise<void> {
    const { code, stderr } = await this.exec(node, ["ip", ...line.split(" ")]);
    if (code !== 0) throw new Error(`Cannot run "ip ${line}" in "${node}": ${stderr.trim()}`);
  }

  #node(name: string): Node {
    const node = nodeNamed(this.topology, name);
    if (node === undefined)
      throw new Error(`Cannot find node "${name}": there are ${[...this.nodes.names].join(", ")}`);
    return node;
  }

  #addService(stage: Extract<Stage, { part: "service" }>, applied: readonly Applied[]): LabService {
    const service = new LabService(stage, applied, this.os, this.#holder.place.root);
    this.#services.set(`${stage.node}/${stage.name}`, service);
    return service;
  }

  /** A service whose program or kernel module is not here: optional ones are left out, others are an error. */
  #isMissing(stage: Stage, options: LabOptions): boolean {
    if (stage.part !== "service") return false;
    const missing = missingModules(stage.modules ?? []) ?? missingPrograms(stage.needs);
    if (missing === undefined) return false;
    if (!stage.optional) throw new Error(`Cannot bring up "${this.topology.name}": ${stage.title}: ${missing}`);
    options.onStep?.({ title: stage.title, state: "skipped", at: this.#now(), detail: missing });
    return true;
  }

  async #step(options: LabOptions, title: string, work: () => Promise<void>): Promise<void> {
    options.onStep?.({ title, state: "started", at: this.#now() });
    try {
      await work();
    } catch (error) {
      options.onStep?.({ title, state: "failed", at: this.#now() });
      throw error;
    }
    options.onStep?.({ title, state: "done", at: this.#now() });
  }

  #now(): number {
    return performance.now() - this.#started;
  }
}

/** Waits for all even where one fails, so that nothing is under way when the lab is taken down. */
async function all(work: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
