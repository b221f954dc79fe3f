// Brings up a lab for the benchmark: its links of one kind, the subjects started, a tester in each of their nodes.

import { type Lab, startLab } from "../lab.js";
import type { Topology } from "../topology.js";
import { Notebook } from "./figures.js";
import { type LinkKind, linkEffects } from "./links.js";
import type { Place, Say } from "./rounds.js";
import type { Stand } from "./stand.js";
import { answering, type Subject, selfTest } from "./subjects.js";
import { TesterProcess } from "./tester-process.js";

export interface Setting {
  /** In progress lines. */
  readonly label: string;
  readonly topology: string;
  readonly edit?: (topology: Topology) => Topology;
  readonly links: LinkKind;
  /** The node of the server. */
  readonly server: string;
  readonly subjects: readonly (Subject & { readonly node?: string })[];
}

/** Who cannot be measured here, and why. */
export interface Missing {
  readonly subject: string;
  readonly why: string;
}

export class OpenLab {
  readonly lab: Lab;
  readonly notebook = new Notebook();
  readonly places: Place[] = [];
  readonly missing: Missing[] = [];
  readonly #setting: Setting;
  readonly #server: TesterProcess;
  readonly #open: AsyncDisposable[] = [];

  private constructor(lab: Lab, setting: Setting) {
    this.lab = lab;
    this.#setting = setting;
    this.#server = new TesterProcess(lab, setting.server);
    this.#open.push(lab, this.#server);
  }

  static async start(setting: Setting, say: Say): Promise<OpenLab> {
    const { topology, edit, links, label, subjects } = setting;
    say(`${label}: bringing up topology ${topology}`);
    const lab = await startLab(topology, { clatd: false, ...(edit === undefined ? {} : { edit }) });
    const open = new OpenLab(lab, setting);
    try {
      await lab.os.performAll(await lab.os.prepareAll(linkEffects(lab.topology, links, selfTest.name)));
      for (const subject of subjects) await open.#add(subject, say);
    } catch (error) {
      await open[Symbol.asyncDispose]();
      throw error;
    }
    return open;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.#open.toReversed()) await one[Symbol.asyncDispose]();
  }

  async #add(subject: Subject & { readonly node?: string }, say: Say): Promise<void> {
    const { name, target, only, node = subject.name } = subject;
    const { label } = this.#setting;
    try {
      await this.lab.settled(node);
      const started = await subject.start?.(this.lab);
      if (started !== undefined) this.#open.push(started);
      await answering(this.lab, node, target);
      const client = new TesterProcess(this.lab, node);
      this.#open.push(client);
      const engines = started?.engines ?? [];
      const stand: Stand = { lab: this.lab, name, node, target, client, server: this.#server, engines };
      this.places.push({ stand, notebook: this.notebook, label, ...(only === undefined ? {} : { only }) });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      say(`${label}: ${name} is left out: ${why}`);
      this.missing.push({ subject: name, why });
    }
  }
}
