// SIIT-DC (RFC 7755, 7756) in namespaces: the checks of every siit-dc topology, and an Edge Relay whose mappings change
// under traffic.

import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Lab, startLab } from "../../../lab/lab.js";
import { programs } from "../../../lab/programs.js";
import type { Topology } from "../../../lab/topology.js";
import { loadTopology } from "../../../lab/topology-file.js";
import { readStatus } from "../../../src/daemon/control-client.js";
import type { StatusRecord } from "../../../src/daemon/status.js";
import { ownEngines } from "../../support/engines.js";
import { labObstacle } from "../../support/obstacle.js";
import { eachCheck } from "./each-check.js";
import { until } from "./host-state.js";

const topologies = await Promise.all(
  [
    "siit-dc",
    "siit-dc-2xlat",
    "siit-dc-network",
    "siit-dc-stick",
    "siit-dc-hairpin",
    "siit-dc-asymmetric",
    "siit-dc-icmp",
  ].map(loadTopology),
);

const cases = topologies.flatMap((topology) => ownEngines.map((engine) => ({ name: topology.name, topology, engine })));

describe.each(cases)("$name with engine=$engine", ({ topology, engine }) => eachCheck(topology, engine));

describe("an Edge Relay whose mappings change", () => {
  const service = "192.0.2.1,2001:db8:a::c1a7";
  const file = "/run/clatlab/eams";
  let lab: Lab;
  let socket = "";

  /** 10,000 others in a row, and `service`. */
  const table = (count: number): string =>
    [
      service,
      ...Array.from({ length: count }, (_, n) => `10.6.${n >> 8}.${n & 255},2001:db8:e6::${n.toString(16)}`),
    ].join("\n");

  beforeAll(async () => {
    if (labObstacle !== undefined) return;
    lab = await startLab("siit-dc-2xlat", { edit: withEamFile(table(0)) });
    await until("the relay is active", async () => (await status())?.state === "active");
  });
  beforeEach(({ skip }) => {
    if (labObstacle !== undefined) skip(labObstacle);
  });
  afterAll(() => lab?.[Symbol.asyncDispose]());

  /** Past `clatd status`, whose start would take the processor away from the packets. */
  async function status(): Promise<StatusRecord | undefined> {
    socket ||= (await lab.exec("relay", "find /run/clatd -name clat.sock")).stdout.replace(/^\/run/, "");
    const asked = await readStatus(`/proc/${lab.pid}/root/run/nodes/relay${socket}`);
    return asked.ok ? asked.status : undefined;
  }

  async function write(text: string): Promise<void> {
    const { code, stderr } = await lab.exec("relay", ["sh", "-c", `cat > ${file}.new && mv ${file}.new ${file}`], {
      input: text,
    });
    expect(code, stderr).toBe(0);
  }

  const mappings = (count: number): Promise<void> =>
    until(`${count} mappings`, async () => {
      const { active, lastError } = (await status()) ?? {};
      return active?.relay?.mappings === count || JSON.stringify({ relay: active?.relay, lastError });
    });

  it("no packet is lost while ten thousand of them come, change and go", async () => {
    await until("the way to the service", async () => (await lab.exec("client", "ping -c1 -W1 192.0.2.1")).code === 0);
    const traffic = [programs.node, fileURLToPath(new URL("steady-udp.mjs", import.meta.url))];
    const steady = lab.spawn("client", [...traffic, "192.0.2.1", "7", "1000"]);
    await steady.line("begins");
    for (const count of [10_000, 9_999, 10_000, 0]) {
      await write(table(count));
      await mappings(count + 1);
    }
    await steady.kill("SIGTERM");
    const { sent, back } = JSON.parse(await steady.line("sent")) as { sent: number; back: number };
    await steady.exited;
    expect(sent).toBeGreaterThan(500);
    expect(back).toBe(sent);
  });

  it("a wrong file keeps the one before, and status says why with its line", async () => {
    await write(`${service}\nnonsense\n`);
    await until("the mistake is told", async () => (await status())?.lastError !== undefined);
    const { lastError, active } = (await status()) ?? {};
    expect(lastError?.text).toMatch(/\/run\/clatlab\/eams:2: error: cannot read mapping "nonsense"/);
    expect(active?.relay?.mappings).toBe(1);
    await write(table(3));
    await mappings(4);
    expect(await status()).not.toHaveProperty("lastError");
  });

  it("SIGHUP has it read anew, and ends nothing", async () => {
    const pid = (await status())?.pid;
    await lab.exec("relay", ["kill", "-HUP", `${pid}`]);
    await write(table(5));
    await mappings(6);
    expect((await status())?.pid).toBe(pid);
  });
});

describe("an Edge Relay and forged packets", () => {
  beforeEach(({ skip }) => {
    if (labObstacle !== undefined) skip(labObstacle);
  });

  it("what comes from its own service address is dropped and counted (RFC 7756 §6)", async () => {
    await using lab = await startLab("siit-dc-2xlat");
    await until("the service", async () => (await lab.exec("client", "ping -c1 -W1 192.0.2.1")).code === 0);
    const forge =
      "table ip forge { chain out { type nat hook postrouting priority srcnat; ip daddr 192.0.2.1 udp dport 9 snat to 192.0.2.1\n}\n}\n";
    expect(await lab.exec("client", ["nft", "-f", "-"], { input: forge })).toMatchObject({ code: 0 });
    const send = "require('dgram').createSocket('udp4').send('x', 9, '192.0.2.1', () => process.exit())";
    await lab.exec("client", [programs.node, "-e", send]);
    const status = [programs.node, `${programs.dist}/src/cli/clatd.js`, "status", "-j"];
    await until("the drop is counted", async () => {
      const { code, stdout, stderr } = await lab.exec("relay", status);
      if (code !== 0) return stderr;
      const { counters } = JSON.parse(stdout) as StatusRecord;
      return counters?.v6ToV4.drops["spoofed-source"] === 1 || stdout;
    });
  });
});

/** The relay's mappings from a file. */
function withEamFile(text: string): (topology: Topology) => Topology {
  return (topology) => ({
    ...topology,
    nodes: topology.nodes.map((node) =>
      node.kind === "host"
        ? {
            ...node,
            clatd: { keys: ["plat-prefix=2001:db8:46::/96", "eam-file=/run/clatlab/eams"] },
            files: { eams: text },
          }
        : node,
    ),
  });
}
