// One course through everything, as text: the same every time.

import { readFile, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { Simulation, simulated } from "../../../src/simulation/simulation.js";
import { configOf } from "../plan/facts-of.js";

const golden = {
  userspace: new URL("course.golden.txt", import.meta.url),
  ebpf: new URL("course-ebpf.golden.txt", import.meta.url),
};

async function course(engine: string): Promise<string> {
  const simulation = new Simulation({ config: configOf(`engine=${engine}`, "plumbing=classic") });
  const { router, application, outside, transcript } = simulation;
  simulation.start();
  await simulation.pass(3000);
  router.bring(simulated.prefix);
  await simulation.until("active");
  for (const protocol of ["udp", "tcp", "icmp"] as const) await application.request({ protocol });
  outside.removeDevice("clat");
  await simulation.pass(1000);
  await application.request({ protocol: "udp" });
  router.bring(simulated.otherPrefix);
  await simulation.pass(2000);
  router.take(simulated.prefix);
  await simulation.pass(2000);
  await application.request({ protocol: "udp" });
  router.setLink(false);
  await simulation.until("no-route");
  await application.request({ protocol: "udp" });
  router.setLink(true);
  await simulation.until("active");
  simulation.kill();
  await simulation.pass(1000);
  simulation.start();
  await simulation.until("active");
  await application.request({ protocol: "tcp" });
  await simulation.stop();
  return `${transcript}`;
}

describe("Simulation: the transcript", () => {
  it.each(["userspace", "ebpf"] as const)(
    "with engine=%s is the same every time, and the golden one (UPDATE_GOLDEN=1 writes it anew)",
    async (engine) => {
      const first = await course(engine);
      expect(await course(engine)).toBe(first);
      if (process.env["UPDATE_GOLDEN"] === "1") await writeFile(golden[engine], first);
      expect(first).toBe(await readFile(golden[engine], "utf8"));
    },
  );

  const configurations: readonly (readonly [string, readonly string[], RegExp])[] = [
    [
      "an address of its own",
      ["clat-v6-addr=derived"],
      /ip -6 neighbour add proxy 2001:db8:1:0:5054:c1:a700:1 dev eth0/,
    ],
    ["dns64-servers", ["dns64-servers=2001:db8:53::1"], /active pref64=2001:db8:64::\/96 origin=dns64/],
    [
      "another device and address",
      ["clat-dev=siit0", "clat-v4-addr=198.51.100.1"],
      /ip address add 198.51.100.1\/32 dev siit0/,
    ],
    ["forwarding left alone", ["forwarding-enable=no"], /gets nothing: the host does not forward IPv6/],
  ];
  for (const [what, settings, line] of configurations) {
    it(`with ${what} shows it`, async () => {
      expect(await short(...settings)).toMatch(line);
    });
  }
});

async function short(...settings: string[]): Promise<string> {
  const simulation = new Simulation({ config: configOf("engine=userspace", "plumbing=classic", ...settings) });
  simulation.start();
  simulation.router.bring(simulated.prefix);
  await simulation.until("active");
  await simulation.application.request({ protocol: "udp" });
  await simulation.stop();
  return `${simulation.transcript}`;
}
