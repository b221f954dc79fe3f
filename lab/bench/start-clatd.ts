// Starts clatd in a node with the keys that the topology gives it, and makes sure that the engine asked for is the one that
// works: another one's figures under its name would be worse than none.

import { setTimeout as after } from "node:timers/promises";
import type { Lab } from "../lab.js";
import type { NodeProcess } from "../nodes.js";
import { programs } from "../programs.js";
import { nodeNamed } from "../topology.js";
import type { Started } from "./started.js";

const clatd = [programs.node, `${programs.dist}/src/cli/clatd.js`] as const;

/** Milliseconds for it to become active. */
const PATIENCE = 60_000;

export async function startClatd(lab: Lab, node: string, engine: string): Promise<Started> {
  const found = nodeNamed(lab.topology, node);
  const keys = found?.kind === "host" ? (found.clatd?.keys ?? []) : [];
  const running = lab.spawn(node, [...clatd, ...keys]);
  try {
    await active(lab, node, engine, running);
    return { engines: [await running.pid()], [Symbol.asyncDispose]: () => end(running) };
  } catch (error) {
    await end(running);
    throw error;
  }
}

/** It puts everything back by itself; what does not end is killed with the lab. */
async function end(running: NodeProcess): Promise<void> {
  await running.kill("SIGTERM");
  await Promise.race([running.exited, after(5000)]);
  await running[Symbol.asyncDispose]();
}

async function active(lab: Lab, node: string, engine: string, running: NodeProcess): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  let ended = false;
  void running.exited.then(() => {
    ended = true;
  });
  for (;;) {
    const { stdout } = await lab.exec(node, [...clatd, "status", "-j"]);
    const status = readStatus(stdout);
    if (status.state === "active") {
      if (status.engine === engine) return;
      throw new Error(`clatd runs the engine ${status.engine} instead${status.why === "" ? "" : `: ${status.why}`}`);
    }
    if (ended) throw new Error(`clatd has ended: ${lastWords(running.output)}`);
    if (performance.now() > deadline)
      throw new Error(`clatd is not active after ${PATIENCE / 1000} s: ${status.text || lastWords(running.output)}`);
    await after(100);
  }
}

export interface ClatdStatus {
  readonly state: string;
  readonly text: string;
  readonly engine: string;
  readonly why: string;
}

/** @param stdout of `clatd status -j`; empty or broken while it starts */
export function readStatus(stdout: string): ClatdStatus {
  try {
    const record = JSON.parse(stdout) as {
      readonly state?: string;
      readonly text?: string;
      readonly active?: { readonly engine?: { readonly name?: string; readonly why?: string } };
    };
    const { name = "", why = "" } = record.active?.engine ?? {};
    return { state: record.state ?? "", text: record.text ?? "", engine: name, why };
  } catch {
    return { state: "", text: "", engine: "", why: "" };
  }
}

function lastWords(output: string): string {
  return output.trim().split("\n").slice(-3).join(" / ") || "without a word";
}
