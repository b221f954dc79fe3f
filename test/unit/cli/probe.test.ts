// `clatd probe`: what each engine answers, as text and as JSON.

import { describe, expect, it } from "vitest";
import { main } from "../../../src/cli/main.js";
import { type EngineReport, probeAll, probeText } from "../../../src/cli/probe.js";
import type { Engine, EngineName, Probe } from "../../../src/engine/engine.js";
import { FakeOs } from "../../../src/os/fake/fake-os.js";
import { heardTerminal } from "../../support/heard-terminal.js";

function engine(name: EngineName, answer: () => Probe): Engine {
  return {
    name,
    probe: async () => answer(),
    plan: () => {
      throw new Error("nobody asked for a plan");
    },
  };
}

const engines = [
  engine("ebpf", () => ({ ok: false, reason: "the kernel is too old" })),
  engine("userspace", () => ({ ok: true })),
  engine("tayga", () => ({ ok: "unknown", reason: "the firewall forwards nothing" })),
  engine("jool", () => {
    throw new Error("modprobe has crashed");
  }),
];

describe("probeAll()", () => {
  it("asks each engine; one that cannot be asked cannot run", async () => {
    const reports = await probeAll(engines, new FakeOs(), true);
    expect(probeText(reports)).toBe(
      [
        "ebpf: no: the kernel is too old",
        "userspace: yes",
        "tayga: unsure: the firewall forwards nothing",
        "jool: no: modprobe has crashed",
        "",
      ].join("\n"),
    );
  });

  it("believes no yes that was given to somebody who may not change the network", async () => {
    const reports = await probeAll(engines.slice(0, 2), new FakeOs(), false);
    expect(reports.map(({ runs }) => runs)).toEqual(["no", "unsure"]);
  });
});

describe("clatd probe", () => {
  it("-j is a list with a record for each engine, and the exit code says whether any can run", async () => {
    const { terminal, said } = heardTerminal();
    const code = await main(["probe", "-j", "cmd-tayga=/nowhere/tayga", "-c", "/dev/null"], terminal);
    const reports = JSON.parse(said.out) as readonly EngineReport[];
    expect(reports.map(({ engine: name }) => name)).toEqual([
      "ebpf",
      "userspace",
      "userspace",
      "tayga",
      "nat46",
      "jool",
    ]);
    expect(code).toBe(reports.some(({ runs }) => runs !== "no") ? 0 : 1);
    const tayga = reports.find(({ engine: name }) => name === "tayga");
    expect(tayga?.runs).not.toBe("yes");
    for (const { runs, reason } of reports) expect(reason === undefined).toBe(runs === "yes");
  });

  it("says of a TAYGA that is not to be called why it does not run", async () => {
    const { terminal, said } = heardTerminal();
    await main(["probe", "cmd-tayga=", "-c", "/dev/null"], terminal);
    expect(said.out).toContain("tayga: no: cmd-tayga is empty, so TAYGA is not to be called\n");
  });
});
