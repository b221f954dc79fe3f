import { describe, expect, it } from "vitest";
import type { Applied } from "../../../../src/os/driver.js";
import type { Effect } from "../../../../src/os/effect.js";
import { failedLines, undoRuns } from "../../../../src/os/linux/undo-runs.js";

const applied = (effect: Effect): Applied => ({ effect, undo: {} });
const address = applied({ do: "address.add", dev: "clat", address: "192.0.2.1/32" });
const route = applied({ do: "route.add", route: { family: 6, destination: "2001:db8::/64", dev: "clat", table: 7 } });
const rule6 = applied({ do: "rule.add", rule: { family: 6, priority: 1, table: 7 } });
const rule4 = applied({ do: "rule.add", rule: { family: 4, priority: 1, table: 7 } });
const local = applied({ do: "rule.add", rule: { family: 6, priority: 2, table: 255 } });
const sysctl = applied({ do: "sysctl.set", key: "net.ipv6.conf.all.forwarding", value: "1" });
const elsewhere = applied({ do: "address.add", dev: "clat", address: "192.0.2.1/32", in: "ns" });

describe("undoRuns()", () => {
  it.each<[string, readonly Applied[], readonly (readonly Applied[])[]]>([
    ["nothing", [], []],
    ["what `ip` undoes together", [address, route, rule4], [[address, route, rule4]]],
    ["a rule of IPv6 apart, for which the command names the family", [route, rule6, rule6], [[route], [rule6, rule6]]],
    ["a rule for the local table alone", [rule6, local, rule6], [[rule6], [local], [rule6]]],
    ["what is not for `ip` alone", [sysctl, sysctl, address], [[sysctl], [sysctl], [address]]],
    ["namespaces apart", [address, elsewhere], [[address], [elsewhere]]],
  ])("undoRuns() of %s", (_what, list, expected) => {
    expect(undoRuns(list)).toEqual(expected);
  });
});

describe("failedLines()", () => {
  it("failedLines() gives each line its own words", () => {
    const stderr = [
      "RTNETLINK answers: No such process",
      "Command failed -:2",
      'Cannot find device "clat"',
      "Command failed -:17",
      "",
    ].join("\n");
    expect([...failedLines(stderr)]).toEqual([
      [2, "RTNETLINK answers: No such process"],
      [17, 'Cannot find device "clat"'],
    ]);
    expect(failedLines("setting the network namespace failed").size).toBe(0);
  });
});
