// A lab that stays: `clatlab up` starts a keeper, a process of its own in the background that holds the lab. It says what
// it does as JSON lines on its standard output for as long as somebody listens, and ends the lab on SIGTERM.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { labPlace } from "./holder.js";
import { type Step, startLab } from "./lab.js";
import { Nodes } from "./nodes.js";
import { type KeptLab, keptLab, keptLabs, lives, markProcess, removeState, writeState } from "./state.js";
import { loadTopology, whereIs } from "./topology-file.js";

type Word = { readonly step: Step } | { readonly up: KeptLab } | { readonly error: string };

/** The keeper itself: comes back when it has been told to end. */
export async function keep(topology: string): Promise<void> {
  // The one who listens leaves as soon as the lab is up.
  process.stdout.on("error", () => undefined);
  const say = (word: Word): void => void process.stdout.write(`${JSON.stringify(word)}\n`);
  const told = Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]);
  let up = false;
  // Who wants the lab holds the other end, and may go before it is up (Ctrl-C, SIGKILL): nobody would know of it then. It
  // ends with us.
  process.stdin.once("end", () => {
    if (!up) process.exit();
  });
  process.stdin.resume();
  try {
    await using lab = await startLab(topology, { onStep: (step) => say({ step }) });
    const kept: KeptLab = {
      name: lab.topology.name,
      topology,
      keeper: markProcess(process.pid),
      holder: markProcess(lab.pid),
      nodes: [...lab.nodes.names],
    };
    up = true;
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
  const child = spawn(file, words, { detached: true, stdio: ["pipe", "pipe", "ignore"] });
  try {
    return await untilUp(child, onStep);
  } finally {
    child.stdin?.destroy();
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

/**
 * The lab that is up by this name, or by the path that `up` was given, whatever has become of the file since.
 *
 * @param action what is wanted of it, for the words where it is not up
 */
export async function keptBy(nameOrPath: string, action: "enter" | "end" = "enter"): Promise<KeptLab> {
  const where = whereIs(nameOrPath);
  const known = (await keptLabs()).find(({ name, topology }) => topology === where || name === nameOrPath);
  if (known !== undefined) return known;
  const { name } = await loadTopology(nameOrPath);
  const kept = await keptLab(name);
  if (kept !== undefined) return kept;
  const hint =
    action === "enter" ? `bring it up with "clatlab up ${nameOrPath}"` : '"clatlab list" shows those that are';
  throw new Error(`Cannot ${action} lab "${name}": it is not up; ${hint}`);
}

export const nodesOf = ({ holder, nodes }: KeptLab): Nodes => new Nodes(labPlace(holder.pid), nodes);
