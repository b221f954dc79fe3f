// What a driver is tested with, and how tests do and wait.

import type { Applied, OsDriver } from "../../../../src/os/driver.js";
import type { Effect } from "../../../../src/os/effect.js";
import type { NetSnapshot } from "../../../../src/os/snapshot.js";

/** A system under test. */
export interface DriverSubject {
  readonly os: OsDriver & { isRunning(process: string, netns?: string): boolean };
  /** Another process on the same system. */
  readonly other: OsDriver;
  /** SIGKILLs the driver's process, and starts the next one. */
  restart(): Promise<OsDriver>;
  /** Lets time go by, a little; the model's or real. */
  pass(): Promise<void>;
  dispose(): Promise<void>;
}

export async function applyTo(os: OsDriver, effects: readonly Effect[]): Promise<readonly Applied[]> {
  const applied = await os.prepareAll(effects);
  await os.performAll(applied);
  return applied;
}

export async function failureOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("It did not fail");
}

/** The driver's methods, to replace one of them. */
export function bound(os: OsDriver): OsDriver {
  return {
    prepare: (effect) => os.prepare(effect),
    prepareAll: (effects) => os.prepareAll(effects),
    perform: (applied) => os.perform(applied),
    performAll: (applied) => os.performAll(applied),
    revert: (applied) => os.revert(applied),
    revertEach: (applied) => os.revertEach(applied),
    renew: (applied) => os.renew(applied),
    snapshot: (netns) => os.snapshot(netns),
    endOf: (process, netns) => os.endOf(process, netns),
    routeTo: (address, netns) => os.routeTo(address, netns),
    watch: (signal) => os.watch(signal),
  };
}

const deadline = 60_000;

export async function until(
  subject: DriverSubject,
  holds: () => boolean | Promise<boolean>,
  what: string,
): Promise<void> {
  const end = Date.now() + deadline;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`Waited ${deadline / 1000} s in vain until ${what}`);
    await subject.pass();
  }
}

/** The kernel tells itself of a carrier a little later than it answers. */
export function untilRuns(subject: DriverSubject, name: string, wanted = true, netns?: string): Promise<void> {
  const runs = async (): Promise<boolean> =>
    (await subject.os.snapshot(netns)).links.some((link) => link.name === name && link.running === wanted);
  return until(subject, runs, `${name} ${wanted ? "has" : "has lost"} its carrier`);
}

/** The snapshot when all duplicate address detection is over. */
export async function quiet(subject: DriverSubject): Promise<NetSnapshot> {
  let snapshot = await subject.other.snapshot();
  const busy = (): boolean =>
    snapshot.addresses.some(({ tentative, dadFailed, dev }) => {
      const running = snapshot.links.some((link) => link.name === dev && link.running);
      return tentative && !dadFailed && running;
    });
  await until(
    subject,
    async () => {
      snapshot = await subject.other.snapshot();
      return !busy();
    },
    "no address is tentative",
  );
  return snapshot;
}
