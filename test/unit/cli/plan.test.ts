// `clatd plan`: the text for a person, and the simulation.

import { describe, expect, it } from "vitest";
import { main } from "../../../src/cli/main.js";
import { planText } from "../../../src/cli/plan.js";
import type { Desired } from "../../../src/plan/desired.js";
import { heardTerminal } from "../../support/heard-terminal.js";

const active: Desired = {
  state: "active",
  pref64: "64:ff9b::/96",
  origin: "dns64",
  uplink: "eth0",
  clatV4: "192.0.0.1",
  clatV6: "2001:db8::1",
  engine: "userspace",
  mtu: { v4: 1480, v6: 1500 },
  notes: [],
  inUse: {},
  engineEffects: [{ do: "link.set", name: "clat", up: true }],
  plan: {
    effects: [
      { do: "link.set", name: "clat", up: true },
      {
        do: "route.add",
        route: { family: 4, destination: "default", dev: "clat", table: 254, metric: 2048, mtu: 1480 },
      },
    ],
    translator: {
      dev: "clat",
      spec: {
        pref64s: ["64:ff9b::/96"],
        eams: [{ v4: "192.0.0.1/32", v6: "2001:db8::1/128" }],
        mtuV4: 1480,
        mtuV6: 1500,
        lowestIpv6Mtu: 1280,
        udpZeroChecksum: "compute",
        translatorV4: "192.0.0.2",
        icmpSource: "192.0.0.8",
      },
    },
  },
};

describe("planText()", () => {
  it("is commands, with the facts as comments", () => {
    expect(planText(active)).toBe(
      [
        "# PLAT 64:ff9b::/96 (dns64) over eth0; CLAT 192.0.0.1 <-> 2001:db8::1; engine userspace",
        "# MTU: IPv4 1480, IPv6 1500",
        "ip link set clat up",
        "ip route add default dev clat metric 2048 mtu 1480",
        "# clatd translates on clat",
        "",
      ].join("\n"),
    );
  });

  it("says what an Edge Relay is for, and what is left to others", () => {
    const text = planText({
      ...active,
      relay: { mappings: 2, behind: ["lan0"] },
      notes: ["Route 2001:db8::/120 here"],
    });
    expect(text.split("\n").slice(2, 4)).toEqual([
      "# Edge Relay for 2 mappings; service addresses behind lan0",
      "# Note: Route 2001:db8::/120 here",
    ]);
  });

  it("says why nothing would be done", () => {
    const text = "There is no IPv6 route to the PLAT's prefix 64:ff9b::/96";
    expect(planText({ state: "waiting", reason: "no-route", text })).toBe(`# Nothing would be done now. ${text}\n`);
  });
});

describe("clatd plan --simulate", () => {
  async function simulated(...settings: string[]): Promise<{ code: number; out: string }> {
    const { terminal, said } = heardTerminal();
    return { code: await main(["plan", "--simulate", "-c", "/dev/null", ...settings], terminal), out: said.out };
  }

  it("shows the whole way of a CLAT, the same each time", async () => {
    const { code, out } = await simulated();
    expect(code).toBe(0);
    expect(out).toMatch(/clatd active pref64=2001:db8:64::\/96 origin=dns64/);
    expect(out).toContain('application sends udp "hello" to 198.51.100.80 and gets "echo of hello" by clat');
    expect(out).toMatch(/clatd has ended with 0\n$/);
    expect(await simulated()).toEqual({ code, out });
  });

  it("has its PLAT where the configuration has it", async () => {
    const { code, out } = await simulated("plat-prefix=2001:db8:46::/96", "clat-v6-addr=derived");
    expect(code).toBe(0);
    expect(out).toMatch(/clatd active pref64=2001:db8:46::\/96 origin=static .* v6=2001:db8:1:0:5054:c1:a700:1 /);
    expect(out).toContain('gets "echo of hello" by clat');
  });

  it.each(["tayga", "nat46", "jool"])("refuses engine=%s, which the simulated host has not", async (engine) => {
    const { terminal, said } = heardTerminal();
    expect(await main(["plan", "--simulate", "-c", "/dev/null", `engine=${engine}`], terminal)).toBe(2);
    expect(said).toMatchObject({
      out: "",
      error: `clatd: error: cannot simulate engine=${engine}: the simulated host has clatd's own engines only, ebpf and userspace\n`,
    });
  });

  it("says why it does not come up", async () => {
    const { code, out } = await simulated("plat-dev=wwan0");
    expect(code).toBe(1);
    expect(out).toContain("The uplink wwan0 (plat-dev) does not exist");
  });
});
