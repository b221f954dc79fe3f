// A process of clatd on the simulated host, the daemon or a clean-up: a driver that goes with it, a life that a SIGKILL can end
// between any two of its dealings with the world, and the journal as it opens it.

import { FakeOs } from "../os/fake/fake-os.js";
import type { Fault } from "../os/fake/faults.js";
import type { FakeKernel } from "../os/fake/kernel.js";
import { type Journal, openJournal } from "../os/journal.js";
import type { JournalStorage } from "../os/journal-storage.js";
import { Life } from "./life.js";
import { mortalStorage } from "./mortal.js";

/** What goes wrong for a process. */
export interface Trouble {
  /** SIGKILL at its n-th dealing with the world (from 1), which then does not happen. */
  readonly killAt?: number;
  readonly faults?: readonly Fault[];
}

export const journalPath = "/run/clatd/simulated.journal";

export class SimulatedProcess {
  readonly pid: number;
  readonly os: FakeOs;
  readonly life: Life;

  constructor(kernel: FakeKernel, pid: number, { killAt, faults = [] }: Trouble) {
    this.pid = pid;
    this.os = new FakeOs({ kernel });
    for (const fault of faults) this.os.faults.arm(fault);
    this.life = new Life(() => this.os.kill(), killAt);
  }

  /** @param runs whether the process of that id does */
  openJournal(storage: JournalStorage, runs: (pid: number) => boolean): Promise<Journal> {
    const { pid } = this;
    return openJournal({
      storage: mortalStorage(storage, this.life),
      path: journalPath,
      owner: { version: "simulation", pid, started: `${pid}`, boot: "simulated", netns: "simulated" },
      isAlive: (owner) => owner.pid !== pid && runs(owner.pid),
    });
  }
}
