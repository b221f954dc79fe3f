// A lab that stays: `clatlab up` starts a keeper, a process of its own in the background that holds the lab. It says what
// it does as JSON lines on its standard output for as long as somebody listens, and ends the lab on SIGTERM.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { labPlace } from "./holder.js";
import { type Step, startLab } from "./lab.js";
import { Nodes } from "./nodes.js";
import { type KeptLab, keptLab, lives, markProcess, removeState, writeState } from "./state.js";
import type { Topology } from "./topology.js";
import { loadTopology } from "./topology-file.js";

type Word = { readonly step: Step } | { readonly up: KeptLab } | { readonly error: string };

/** The keeper itself: comes back when it has been told to end. */
export async function keep(topology: string): Promise<void> {
  // The one who listens leaves as soon as the lab is up.
  process.stdout.on("error", () => undefined);
  const say = (word: Word): void => void process.stdout.write(`${JSON.stringify(word)}\n`);
  const told = Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]);
  try {
    await using lab = await startLab(topology, { onStep: (step) => say({ step }) });
    const kept: KeptLab = {
      name: lab.topology.name,
      topology,
      keeper: markProcess(process.pid),
      holder: markProcess(lab.pid),
    };
    await writeState(kept);
    say({ up: kept });
    await told;
    await removeState(lab.topology.name);
  } catch (error) {
    say({ error: error instanceof Error ? error.message : String(error) });
    process.exitCode = 2;
  }
}

/** Starts a keeper and resolves when its lab is up. */
export async function startKeeper(program: readonly string[], onStep: (step: Step) => void): Promise<KeptLab> {
  const [file = "", ...words] = program;
  const child = spawn(file, words, { detached: true, stdio: ["ignore", "pipe", "ignore"] });
  try {
    return await untilUp(child, onStep);
  } finally {
    child.stdout?.destroy();
    child.unref();
  }
}

async function untilUp(child: ChildProcess, onStep: (step: Step) => void): Promise<KeptLab> {
  if (child.stdout === null) throw new Error("Cannot hear the keeper: it has no output");
  for await (const line of createInterface(child.stdout)) {
    const word = JSON.parse(line) as Word;
    if ("step" in word) onStep(word.step);
    else if ("up" in word) return word.up;
    else throw new Error(word.error);
  }
  throw new Error("Cannot keep the lab: its keeper has ended without a word");
}

/** Asks the keeper to end the lab and waits until nothing of it is left. */
export async function endKept(lab: KeptLab): Promise<void> {
  process.kill(lab.keeper.pid, "SIGTERM");
  const deadline = performance.now() + 10_000;
  while (lives(lab.keeper)) {
    if (performance.now() > deadline) {
      process.kill(lab.keeper.pid, "SIGKILL");
      await removeState(lab.name);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export interface Attached {
  readonly kept: KeptLab;
  readonly topology: Topology;
  readonly nodes: Nodes;
}

/** @param name a topology's name, or the path that `up` was given */
export async function attach(name: string): Promise<Attached> {
  const topology = await loadTopology(name);
  const kept = await keptLab(topology.name);
  if (kept === undefined)
    throw new Error(`Cannot enter lab "${topology.name}": it is not up; bring it up with "clatlab up ${name}"`);
  const nodes = new Nodes(
    labPlace(kept.holder.pid),
    topology.nodes.map((node) => node.name),
  );
  return { kept, topology, nodes };
}
