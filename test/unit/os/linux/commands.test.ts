// The pure half of the real driver: what is given to commands, and how their answers are read.

import { describe, expect, it } from "vitest";
import type { Effect } from "../../../../src/os/effect.js";
import { groupEffects, lanesOf } from "../../../../src/os/linux/groups.js";
import { doLines } from "../../../../src/os/linux/ip-lines.js";
import { codeOf, meansGone, oneLine } from "../../../../src/os/linux/kernel-words.js";
import { splitRuleset } from "../../../../src/os/linux/nft-text.js";
import { parseDeviceKey, sysctlKey, sysctlPath } from "../../../../src/os/sysctl.js";

const applied = (effects: readonly Effect[]) => effects.map((effect) => ({ effect, undo: {} }));
const up = (name: string, netns?: string): Effect => ({
  do: "link.set",
  name,
  up: true,
  ...(netns === undefined ? {} : { in: netns }),
});
const sysctl: Effect = { do: "sysctl.set", key: "net.ipv4.ip_forward", value: "1" };
const rule6: Effect = { do: "rule.add", rule: { family: 6, priority: 1, table: 255 } };

describe("doLines()", () => {
  it("names the family of a default route, since a batch has none", () => {
    const route = { destination: "default", dev: "clat", table: 254 } as const;
    expect(doLines({ do: "route.add", route: { ...route, family: 6 } }, String)).toEqual(["route add ::/0 dev clat"]);
    expect(doLines({ do: "route.add", route: { ...route, family: 4 } }, String)).toEqual([
      "route add 0.0.0.0/0 dev clat",
    ]);
  });

  it("makes a veth from outside, with the namespaces of both ends", () => {
    const veth: Effect = {
      do: "link.add",
      in: "a",
      name: "x",
      link: { kind: "veth", peer: "y", peerNetns: "b" },
      mtu: 1400,
    };
    expect(doLines(veth, (name) => `/run/netns/${name}`)).toEqual([
      "link add x netns /run/netns/a mtu 1400 type veth peer name y netns /run/netns/b",
    ]);
  });

  it.each(["eth0 down", "eth0\nlink del eth1", "a#b", "a\\", "'a'", ""])(
    "refuses the name %j, which would not stay one word",
    (name) => {
      expect(() => doLines(up(name), String)).toThrow(/^Cannot pass .* to ip/);
    },
  );
});

describe("groupEffects()", () => {
  it("puts together what follows each other and is for one command in one namespace", () => {
    const list = [
      up("a"),
      up("b"),
      rule6,
      rule6,
      sysctl,
      sysctl,
      up("c", "n"),
      up("d", "n"),
      { do: "file.write", path: "/x", text: "" } as const,
      up("e"),
    ];
    expect(groupEffects(applied(list)).map(({ tool, netns, members }) => [tool, netns, members.length])).toEqual([
      ["ip", undefined, 2],
      ["rule6", undefined, 2],
      ["sysctl", undefined, 2],
      ["ip", "n", 2],
      ["alone", undefined, 1],
      ["ip", undefined, 1],
    ]);
  });
});

describe("lanesOf()", () => {
  it("does named namespaces side by side, and waits where something is for all", () => {
    const list = [
      { do: "netns.add", name: "n" } as const,
      up("a", "n"),
      up("b", "m"),
      { ...sysctl, in: "n" },
      up("c"),
      up("d", "n"),
    ];
    const stages = lanesOf(groupEffects(applied(list)));
    expect(
      stages.map((lanes) => lanes.map((lane) => lane.map(({ tool, netns }) => `${netns ?? "-"} ${tool}`))),
    ).toEqual([[["- netns"]], [["n ip", "n sysctl"], ["m ip"]], [["- ip"]], [["n ip"]]]);
  });
});

describe("codeOf()", () => {
  const rows: readonly (readonly [string, string, boolean])[] = [
    ["RTNETLINK answers: File exists", "exists", false],
    ["Error: ipv6: address already assigned.", "exists", false],
    ['Cannot find device "nope"', "missing", true],
    ["RTNETLINK answers: No such process", "missing", true],
    ["Error: ipv4: Address not found.", "missing", true],
    ["Error: ipv6: address not found.", "missing", true],
    ["Error: Nexthop has invalid gateway.", "missing", false],
    ["Error: Device for nexthop is not up.", "missing", false],
    ["RTNETLINK answers: Operation not permitted", "denied", false],
    ["Error: Unknown device type.", "unsupported", false],
    ["Error: mtu less than device minimum.", "failed", false],
    // musl says some of it in other words than glibc.
    ["RTNETLINK answers: Address not available", "missing", true],
    ["RTNETLINK answers: Network unreachable", "missing", false],
    ["RTNETLINK answers: Host is unreachable", "missing", false],
    ["RTNETLINK answers: Not supported", "unsupported", false],
  ];
  it.each(rows)("%s", (text, code, gone) => {
    expect([codeOf(text), meansGone(text)]).toEqual([code, gone]);
  });
});

describe("oneLine()", () => {
  it("keeps the reason only", () => {
    expect(oneLine("Error: Nexthop has invalid gateway.\nCommand failed -:2\n")).toBe("Nexthop has invalid gateway.");
    expect(oneLine("Error: No such file or directory\ndelete table ip nope\n                ^^^^\n")).toBe(
      "No such file or directory; delete table ip nope",
    );
  });
});

describe("splitRuleset()", () => {
  it("cuts a listing into its tables", () => {
    const one = "table ip clatd {\n\tchain post {\n\t\tcounter\n\t}\n}";
    const two = "table inet foo {\n}";
    expect(splitRuleset(`${one}\n${two}\n`)).toEqual([
      { family: "ip", name: "clatd", text: one },
      { family: "inet", name: "foo", text: two },
    ]);
    expect(splitRuleset("")).toEqual([]);
    expect(
      splitRuleset("# Warning: table ip nat is managed by iptables-nft, do not touch!\ntable ip nat {\n}\n"),
    ).toEqual([{ family: "ip", name: "nat", text: "table ip nat {\n}" }]);
  });
});

describe("sysctlPath()", () => {
  it("turns keys of devices with dots into paths and back (sysctl(8))", () => {
    const key = "net.ipv6.conf.eth0/100.forwarding";
    expect(sysctlPath(key)).toBe("/proc/sys/net/ipv6/conf/eth0.100/forwarding");
    expect(sysctlKey(sysctlPath(key))).toBe(key);
    expect(parseDeviceKey(key)).toEqual({ family: "ipv6", dev: "eth0.100", name: "forwarding" });
  });
});
