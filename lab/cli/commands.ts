// What each command of clatlab does.

import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { wrap } from "../../src/config/key-docs.js";
import { LinuxOs } from "../../src/os/linux/linux-os.js";
import { runChecks } from "../checks/run-checks.js";
import { endKept, keptBy, nodesOf, startKeeper } from "../keep.js";
import { mermaid } from "../report/mermaid.js";
import { picture } from "../report/picture.js";
import { exitCode, summarise } from "../report/reporter.js";
import { contextOf, runTopology } from "../run.js";
import { topologyJsonSchema } from "../schema/json-schema.js";
import { keptLab, keptLabs } from "../state.js";
import { loadTopology, topologyNames, whereIs } from "../topology-file.js";
import type { Flags } from "./arguments.js";
import { chooseReporter } from "./choose-reporter.js";
import { endBy, whenInterrupted } from "./interrupted.js";
import { outputWidth } from "./screen.js";

const print = (text: string): void => void process.stdout.write(`${text}\n`);

export async function list({ json, schema }: Flags): Promise<number> {
  if (schema) {
    print(JSON.stringify(topologyJsonSchema(), undefined, 2));
    return 0;
  }
  const kept = new Set((await keptLabs()).map((lab) => lab.name));
  const names = await topologyNames();
  const rows = await Promise.all(
    names.map(async (name) => {
      const { title, nodes, checks } = await loadTopology(name);
      return { name, title, nodes: nodes.length, checks: checks.length, up: kept.has(name) };
    }),
  );
  if (json) print(JSON.stringify(rows, undefined, 2));
  else for (const { name, title, up } of rows) print(listed(name, `${up ? "(up) " : ""}${title}`));
  return 0;
}

function listed(name: string, title: string): string {
  const column = 20;
  return `${name.padEnd(column)}${wrap(title, outputWidth() - column).join(`\n${" ".repeat(column)}`)}`;
}

export async function run(topology: string, { json, keep }: Flags): Promise<number> {
  const loaded = await loadTopology(topology);
  using reporter = chooseReporter(json);
  using interruption = whenInterrupted((signal) => endWithLab(reporter, signal));
  const stay = async (): Promise<void> => {
    interruption[Symbol.dispose]();
    process.stderr.write("The lab is kept until Ctrl-C.\n");
    await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  };
  return exitCode(await runTopology(loaded, { reporter, ...(keep ? { keep: stay } : {}) }));
}

function endWithLab(reporter: Disposable, signal: NodeJS.Signals): void {
  reporter[Symbol.dispose]();
  endBy(signal, "stopped, and the lab with it");
}

export async function up(topology: string): Promise<number> {
  const loaded = await loadTopology(topology);
  if ((await keptLab(loaded.name)) !== undefined)
    throw new Error(`Cannot bring up "${loaded.name}": it is up already; end it with "clatlab down ${topology}"`);
  using reporter = chooseReporter(false);
  using _interruption = whenInterrupted((signal) => endWithLab(reporter, signal));
  reporter.topology(loaded);
  const clatlab = fileURLToPath(new URL("clatlab.js", import.meta.url));
  await startKeeper([process.execPath, clatlab, "keep", whereIs(topology)], (step) => reporter.step(step));
  print(`\n"${loaded.name}" is up. Try: clatlab shell ${topology} ${loaded.nodes[0]?.name ?? "NODE"}`);
  return 0;
}

export async function down(topology: string): Promise<number> {
  const kept = await keptBy(topology, "end");
  await endKept(kept);
  print(`"${kept.name}" is down.`);
  return 0;
}

export async function check(topology: string, { json }: Flags): Promise<number> {
  const started = performance.now();
  const kept = await keptBy(topology);
  const nodes = nodesOf(kept);
  // The checks may have been changed since it is up.
  const loaded = await loadTopology(topology === kept.name ? kept.topology : topology);
  const os = new LinuxOs({ place: nodes.place });
  using reporter = chooseReporter(json);
  const stop = new AbortController();
  let stoppedBy: NodeJS.Signals | undefined;
  // A check may have changed something in the lab, which it puts back.
  using _interruption = whenInterrupted((signal) => {
    stoppedBy = signal;
    stop.abort();
  });
  reporter.topology(loaded);
  const context = { ...contextOf({ nodes, os }, new Map()), signal: stop.signal };
  const results = await runChecks(loaded.checks, context, {
    reasonToSkip: ({ phase }) =>
      phase === "running"
        ? undefined
        : `it belongs ${phase === "before-clatd" ? "before clatd starts" : "after clatd has stopped"}; "clatlab run" tries it`,
    onStart: (each) => reporter.checkStarts(each),
    onResult: (result) => reporter.check(result),
  });
  if (stoppedBy !== undefined) {
    reporter[Symbol.dispose]();
    endBy(stoppedBy, "stopped; the lab stays up");
  }
  const summary = summarise(results, performance.now() - started);
  reporter.summary(summary);
  return exitCode(summary);
}

export async function exec(topology: string, node: string, words: readonly [string, ...string[]]): Promise<number> {
  return nodesOf(await keptBy(topology)).attach(node, words);
}

export async function shell(topology: string, node: string): Promise<number> {
  return exec(topology, node, [process.env["SHELL"] ?? "/bin/sh"]);
}

export async function graph(topology: string, flags: Flags): Promise<number> {
  const loaded = await loadTopology(topology);
  print(flags.mermaid ? mermaid(loaded) : picture(loaded, outputWidth()));
  return 0;
}
