// One try of each kind of check: what is run in the node, and what is made of its output.

import type { ExecResult } from "../command.js";
import { ECHO_PORT, HTTP_PORT } from "../kinds/server.js";
import { bad, good, inconclusive, type Outcome } from "../probe/outcome.js";
import { programs } from "../programs.js";
import type { Check, CheckOf } from "./check.js";
import { type CheckContext, USUAL_PATIENCE } from "./check-context.js";
import { iperf3 } from "./iperf3.js";
import { readPing, readTraceroute } from "./read-output.js";
import { watching } from "./sight.js";
import { snapshotDifference } from "./snapshot-difference.js";

/** @param left milliseconds until the check's deadline */
export function tryCheck(check: Check, context: CheckContext, left: number): Promise<Outcome> {
  return watching(check.seen, context, () => tryKind(check, breakable(context), left), check.expect === "pass");
}

/** What is tried can be broken off, but not the looking on, which tidies up after itself. */
function breakable(context: CheckContext): CheckContext {
  const { signal } = context;
  if (signal === undefined) return context;
  return { ...context, exec: (node, command, options) => context.exec(node, command, { ...options, signal }) };
}

async function tryKind(check: Check, context: CheckContext, left: number): Promise<Outcome> {
  const patience = patienceFor(check, context);
  switch (check.kind) {
    case "run":
      // The last try, when little time is left, is to say what is wrong, not that it was broken off.
      return tryRun(check, await context.exec(check.on, check.command, { timeout: Math.max(left, 5 * patience) }));
    case "ping": {
      const tos = check.tos === undefined ? [] : ["-Q", `${check.tos}`];
      const wait = seconds(patience);
      // All at once: after the last one ping waits for no more than an interval, whatever -W says.
      const sending = ["-c", `${check.count}`, "-l", `${check.count}`, "-i", wait, "-W", wait];
      const words = ["-n", "-q", ...sending, "-s", `${check.size}`, ...tos];
      const timeout = Math.max(left, patience + 1000);
      return readPing(await context.exec(check.on, ["ping", ...words, check.to], { timeout }));
    }
    case "traceroute":
      return tryTraceroute(check, context, left);
    case "http": {
      const { url, family, download, upload, streams, seenFrom } = check;
      // A download that is under way is not broken off because others of its kind were tried before.
      const timeout = download + upload > 0 ? Math.max(left, 30_000) : Math.min(left, 3 * patience);
      return probe(check, context, "http", { url, family, download, upload, streams, seenFrom, timeout });
    }
    case "udp-echo":
      return probe(check, context, "udp-echo", {
        to: check.to,
        port: ECHO_PORT,
        sizes: check.sizes,
        zeroChecksum: check.zeroChecksum,
        tos: check.tos,
        dontFragment: check.dontFragment,
        atOnce: check.atOnce,
        ipOptions: check.ipOptions,
        hangUp: check.hangUp,
        timeout: patience,
      });
    case "tcp": {
      const { to, port, error } = check;
      return probe(check, context, "tcp", { to, port, error, timeout: Math.min(left, 2 * patience) });
    }
    case "dns":
      return probe(check, context, "dns", {
        query: check.query,
        type: check.type,
        answer: check.answer,
        timeout: Math.min(left, 2 * patience),
      });
    case "clatd":
      return tryClatd(check, context, left);
    case "throughput":
      return check.with === "iperf3"
        ? iperf3(check, context)
        : probe(check, context, "load", {
            to: check.to,
            port: HTTP_PORT,
            streams: check.streams,
            seconds: check.seconds,
          });
    case "restored": {
      const before = context.before(check.on);
      if (before === undefined) return inconclusive("nobody looked before clatd started");
      const difference = snapshotDifference(before, await context.snapshot(check.on));
      return difference.length === 0 ? good("snapshots equal") : bad(difference.join("\n"));
    }
  }
}

/** What must not work is not waited for. */
const patienceFor = (check: Check, { patience = USUAL_PATIENCE }: CheckContext): number =>
  check.expect === "pass" ? patience : USUAL_PATIENCE;

const seconds = (ms: number): string => `${Math.ceil(ms / 1000)}`;

function tryRun(check: CheckOf<"run">, { code, stdout, stderr }: ExecResult): Outcome {
  const output = `${stdout}${stdout === "" || stderr === "" ? "" : "\n"}${stderr}`.trim();
  if (code !== check.exit)
    return bad(
      `exit code ${code}${check.exit === 0 ? "" : `, not ${check.exit}`}${output === "" ? "" : `: ${lastLines(output)}`}`,
    );
  if (check.match !== undefined && !new RegExp(check.match, "mu").test(output))
    return bad(`nothing in its output matches ${check.match}: ${lastLines(output)}`);
  return good(lastLines(output, 1));
}

const lastLines = (text: string, count = 4): string => text.split("\n").slice(-count).join("\n").slice(0, 600);

async function tryTraceroute(check: CheckOf<"traceroute">, context: CheckContext, left: number): Promise<Outcome> {
  const words = ["-n", "-q", "1", "-w", seconds(patienceFor(check, context)), "-m", "15", check.to];
  const result = await context.exec(check.on, ["traceroute", ...words], { timeout: Math.max(left, 5000) });
  return readTraceroute(result, check.to, check.hops, check.atLeast);
}

async function tryClatd(check: CheckOf<"clatd">, context: CheckContext, left: number): Promise<Outcome> {
  const { code, stdout, stderr } = await context.exec(
    check.on,
    [programs.node, `${programs.dist}/src/cli/clatd.js`, "status", "-j"],
    {
      timeout: Math.min(left, 5 * patienceFor(check, context)),
    },
  );
  let status: {
    readonly state?: unknown;
    readonly reason?: unknown;
    readonly text?: unknown;
    readonly pref64?: unknown;
  };
  try {
    status = JSON.parse(stdout) as typeof status;
  } catch {
    return bad(`clatd status: exit code ${code}: ${lastLines(`${stdout}\n${stderr}`.trim())}`);
  }
  const words = [status.text, status.reason, status.pref64].find((item) => typeof item === "string") ?? "";
  if (status.state === check.state) return good(String(words));
  return bad(`its state is ${String(status.state)}${words === "" ? "" : `: ${String(words)}`}`);
}

async function probe(check: Check, context: CheckContext, kind: string, request: object): Promise<Outcome> {
  const command = [programs.node, `${programs.dist}/lab/probe/probe.js`, kind, JSON.stringify(request)];
  const { code, stdout, stderr } = await context.exec(check.on, command, { timeout: 120_000 });
  if (code === 0) return JSON.parse(stdout) as Outcome;
  return inconclusive(`the probe ended with exit code ${code}: ${lastLines(stderr.trim(), 8)}`);
}
