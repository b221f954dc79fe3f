// What tests of the whole chain share: a lab with clatd in its host, and the states they wait for.

import type { Check } from "../../lab/checks/check.js";
import { snapshotDifference } from "../../lab/checks/snapshot-difference.js";
import { tryCheck } from "../../lab/checks/try-check.js";
import type { Lab } from "../../lab/lab.js";
import type { NodeProcess } from "../../lab/nodes.js";
import type { Outcome } from "../../lab/probe/outcome.js";
import { programs } from "../../lab/programs.js";
import { contextOf } from "../../lab/run.js";
import type { Topology } from "../../lab/topology.js";
import { exitCodes } from "../../src/cli/exit-code.js";
import type { StatusRecord } from "../../src/daemon/status.js";
import type { NetSnapshot } from "../../src/os/snapshot.js";

/** The IPv4-only server of the 464xlat topologies. */
export const serverV4 = "198.51.100.2";

const command = [programs.node, `${programs.dist}/src/cli/clatd.js`] as const;

type Trial = Check extends infer C
  ? C extends Check
    ? Omit<C, "name" | "phase" | "expect" | "level" | "within" | "pass" | "fail" | "needs" | "on" | "given" | "seen">
    : never
  : never;

/** Milliseconds: how long anything may take that is only waited for. Generous, since it costs nothing where all is well. */
const soon = 60_000;

/** Tries once what a check of a topology tries, and waits for its answers as long as a busy machine may need. */
export function attempt(lab: Lab, trial: Trial, on = "host"): Promise<Outcome> {
  const common = {
    name: "test",
    on,
    phase: "running",
    expect: "pass",
    level: "error",
    within: 30,
    pass: "",
    fail: "",
    given: [],
    seen: [],
  } as const;
  return tryCheck(
    { ...common, needs: [], ...trial } as Check,
    { ...contextOf(lab, new Map()), patience: 10_000 },
    soon,
  );
}

export const http = {
  kind: "http",
  url: `http://${serverV4}/`,
  family: 4,
  download: 0,
  upload: 0,
  streams: 1,
} as const;

export async function spawnClatd(lab: Lab, ...keys: string[]): Promise<NodeProcess> {
  return lab.spawn("host", [...command, ...keys]);
}

export async function clatd(lab: Lab, ...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return lab.exec("host", [...command, ...words], { timeout: soon });
}

export async function status(lab: Lab): Promise<StatusRecord | undefined> {
  // One that is too busy to answer at once is asked again; one that has ended in the meantime is not there.
  const { code, stdout } = await until(
    () => clatd(lab, "status", "-j"),
    (asked) => asked.code !== exitCodes.failed.code,
  );
  return code === 0 ? (JSON.parse(stdout) as StatusRecord) : undefined;
}

/** What a command says; throws where it fails. */
export async function run(lab: Lab, command: string | readonly string[], node = "host"): Promise<string> {
  const { code, stdout, stderr } = await lab.exec(node, command, { timeout: soon });
  if (code !== 0) throw new Error(`${String(command)} in ${node}: ${stderr}`);
  return stdout;
}

/** Polls until the value is as wanted; says the last one seen when the time (ms) is over. */
export async function until<T>(look: () => Promise<T>, wanted: (value: T) => boolean, within = soon): Promise<T> {
  const deadline = performance.now() + within;
  for (;;) {
    const value = await look();
    if (wanted(value)) return value;
    if (performance.now() > deadline) {
      throw new Error(`Not within ${within / 1000} s; the last one seen was ${JSON.stringify(value, undefined, 1)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function active(lab: Lab): Promise<StatusRecord | undefined> {
  return until(
    () => status(lab),
    (now) => now?.state === "active",
  );
}

/** Does a TCP connection to the IPv4 server come about? */
export async function ipv4Works(lab: Lab): Promise<boolean> {
  return (await attempt(lab, { ...http })).ok;
}

/** Until the IPv4 server answers. Often asked: a connection that begins too early is tried again after 1 s, and after 3 s. */
export async function ipv4Answers(lab: Lab): Promise<void> {
  await until(
    () => lab.exec("host", ["ping", "-n", "-c", "1", "-W", "0.5", serverV4], { timeout: soon }),
    ({ code }) => code === 0,
  );
}

/** Until the host's own autoconfiguration has settled: its address and default route are there. */
export function settled(lab: Lab): Promise<NetSnapshot> {
  return lab.settled("host");
}

export async function differenceTo(lab: Lab, before: NetSnapshot): Promise<readonly string[]> {
  return snapshotDifference(before, await lab.snapshot("host"));
}

/** Until the host is as it was. For what goes by itself after SIGKILL; after an end in order it is so at once. */
export async function restored(lab: Lab, before: NetSnapshot): Promise<void> {
  await until(
    () => differenceTo(lab, before),
    (left) => left.length === 0,
  );
}

/** The link between two nodes with another MTU, in octets. */
export function withMtu(first: string, second: string, mtu: number): (topology: Topology) => Topology {
  return (topology) => ({
    ...topology,
    links: topology.links.map((link) => {
      const nodes = link.ends.map(({ node }) => node);
      return nodes.includes(first) && nodes.includes(second) ? { ...link, mtu } : link;
    }),
  });
}
