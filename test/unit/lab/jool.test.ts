// Jool as PLAT and as Border Relay in topologies.

import { describe, expect, it } from "vitest";
import type { CheckResult } from "../../../lab/checks/outcome.js";
import type { Step } from "../../../lab/lab.js";
import { missingModules } from "../../../lab/programs.js";
import { realizeStages } from "../../../lab/realize.js";
import { exitCode } from "../../../lab/report/reporter.js";
import { runTopology } from "../../../lab/run.js";
import { readTopology } from "../../../lab/schema/read-topology.js";
import type { Topology } from "../../../lab/topology.js";
import { describeEffect } from "../../../src/os/describe.js";

const programs = { node: "node", dist: "dist" };

const topology = (node: string): Topology =>
  readTopology(
    "small.yml",
    `
name: small
title: Jool between two worlds
nodes:
  middle: { ${node} }
  inside: { kind: server }
  outside: { kind: server }
links:
  - middle:eth0 -- inside:eth0, 2001:db8:a::/64
  - middle:eth1 -- outside:eth0, 203.0.113.0/24
checks:
  - run: "true"
    on: inside
`,
  );
const plat = topology("kind: plat, engine: jool, pref64: 2001:db8:64::/96");
const relay = topology(
  'kind: border-relay, engine: jool, pref64: 2001:db8:46::/96, mappings: { 192.0.2.24/29: "2001:db8:a::18/125" }',
);

const stageOf = (of: Topology) => {
  const stage = realizeStages(of, programs).find((each) => each.part === "service" && each.node === "middle");
  if (stage?.part !== "service") throw new Error("the node in the middle runs nothing");
  return stage;
};
const instanceOf = (of: Topology): unknown => JSON.parse(stageOf(of).files["instance.json"] ?? "null");

describe("joolService()", () => {
  it("a PLAT is a stateful instance with the PREF64, in the node's namespace, and nothing else", () => {
    expect(instanceOf(plat)).toEqual({
      instance: "plat",
      framework: "netfilter",
      global: { pool6: "2001:db8:64::/96" },
    });
    expect(stageOf(plat)).toMatchObject({ needs: ["jool"], modules: ["jool"] });
    expect(stageOf(plat).effects.flatMap(describeEffect)).toEqual([
      "ip netns exec middle node dist/lab/services/jool.js /run/clatlab/jool.json &",
    ]);
  });

  it("a Border Relay is a stateless one with the mappings (RFC 7757)", () => {
    expect(instanceOf(relay)).toEqual({
      instance: "border-relay",
      framework: "netfilter",
      global: { pool6: "2001:db8:46::/96", "rfc6791v4-prefix": "192.0.0.8/32", "amend-udp-checksum-zero": true },
      eamt: [{ "ipv4 prefix": "192.0.2.24/29", "ipv6 prefix": "2001:db8:a::18/125" }],
    });
    expect(stageOf(relay)).toMatchObject({ needs: ["jool_siit"], modules: ["jool_siit"] });
  });

  it("is in the picture by its name", () => {
    expect(plat.nodes[0]?.label).toBe("PLAT (NAT64), jool");
    expect(relay.nodes[0]?.label).toBe("Border Relay, jool");
  });
});

it("readTopology() refuses a PLAT's mappings with Jool, which has none", () => {
  expect(() =>
    topology('kind: plat, engine: jool, pref64: 2001:db8:64::/96, mappings: { 192.0.2.10: "2001:db8:5::c1a7" }'),
  ).toThrow('Cannot map addresses with the engine "jool": only "builtin" does');
});

describe("where the kernel has no such module", () => {
  it("missingModules() says how to get it", () => {
    expect(missingModules(["no_such_module"])).toBe(
      "the kernel module no_such_module is not loaded (modprobe no_such_module; Debian's package jool-dkms has it)",
    );
  });

  it("missingModules() of none is nothing", () => {
    expect(missingModules([])).toBeUndefined();
  });

  it("runTopology() skips every check with that reason, and brings nothing up", async ({ skip }) => {
    const reason = missingModules(["jool"]) ?? skip("this kernel has Jool");
    const results: CheckResult[] = [];
    const silent = { topology() {}, checkStarts() {}, summary() {} };
    const step = ({ title }: Step): void => expect.unreachable(title);
    const check = (result: CheckResult): void => void results.push(result);
    const summary = await runTopology(plat, { reporter: { ...silent, step, check } });
    expect(results.map(({ verdict, detail }) => ({ verdict, detail }))).toEqual([{ verdict: "SKIP", detail: reason }]);
    expect(summary).toMatchObject({ passed: 0, failed: 0, skipped: 1 });
    expect(exitCode(summary)).toBe(0);
  });
});
