// `given:` and `seen:` of a check, and what the mistakes in them are called.

import { describe, expect, it } from "vitest";
import type { Check } from "../../../../lab/checks/check.js";
import { TopologyError } from "../../../../lab/schema/mistake.js";
import { readTopology } from "../../../../lab/schema/read-topology.js";

const file = (check: string): string => `
name: small
title: x
nodes:
  edge: { kind: router }
  core: { kind: router }
  far: { kind: router }
  host: { kind: host }
links:
  - edge:eth0 -- core:eth0, 2001:db8:1::/64
  - core:eth1 -- far:eth0, 2001:db8:2::/64
  - core:eth2 -- far:eth1, 192.0.2.0/24
  - edge:eth1 -- host:eth0 -- far:eth2, 2001:db8:3::/64
checks:
  - ${check}
`;
const checkOf = (check: string): Check | undefined => readTopology("lab.yml", file(check)).checks[0];
const mistakeIn = (check: string): string => {
  try {
    checkOf(check);
  } catch (error) {
    if (error instanceof TopologyError) return error.message.split("\n").slice(1).join("\n");
    throw error;
  }
  return "none";
};

describe("given:", () => {
  it.each(["edge -- core", "core -- edge", "core:eth0 -- edge", "edge:eth0 -- core:eth0"])(
    "%s, mtu 1400: both ends of that link",
    (link) => {
      expect(checkOf(`{ ping: 192.0.2.1, given: ["${link}, mtu 1400"] }`)?.given).toEqual([
        { do: "link.set", in: "edge", name: "eth0", mtu: 1400 },
        { do: "link.set", in: "core", name: "eth0", mtu: 1400 },
      ]);
    },
  );

  it("an unreachable prefix is a route, in either family", () => {
    const given = `["core, unreachable 2001:DB8:64::/96", "far, unreachable 198.51.100.0/24"]`;
    const route = { table: 254, type: "unreachable" };
    expect(checkOf(`{ ping: 192.0.2.1, given: ${given} }`)?.given).toEqual([
      { do: "route.add", in: "core", route: { ...route, family: 6, destination: "2001:db8:64::/96" } },
      { do: "route.add", in: "far", route: { ...route, family: 4, destination: "198.51.100.0/24" } },
    ]);
  });

  it.each([
    [
      "edge -- core",
      'Cannot read "edge -- core" as what is given: write "NODE -- NODE, mtu N" or "NODE, unreachable PREFIX"',
    ],
    [
      "core, mtu 1400",
      'Cannot read "core, mtu 1400" as what is given: write "NODE -- NODE, mtu N" or "NODE, unreachable PREFIX"',
    ],
    [
      "edge -- core, 1400",
      'Cannot read "edge -- core, 1400" as what is given: write "NODE -- NODE, mtu N" or "NODE, unreachable PREFIX"',
    ],
    ["edge -- far, mtu 1400", 'Cannot change the link between "edge" and "far": there is none of two ends'],
    [
      "core -- far, mtu 1400",
      'Cannot change the link between "core" and "far": there are 2; name the devices, "node:dev"',
    ],
    ["edge -- core, mtu 1200", 'Cannot use "mtu 1200" on a link with IPv6: 1280 is its least (RFC 8200 §5)'],
    ["cor, unreachable 192.0.2.0/24", 'Cannot change node "cor": there is none; did you mean "core"?'],
    ["core, unreachable 192.0.2.1/24", 'Cannot make "192.0.2.1/24" unreachable: it is no prefix'],
  ])("%j is a mistake with its place", (given, mistake) => {
    expect(mistakeIn(`{ ping: 192.0.2.1, given: ["${given}"] }`)).toContain(`lab.yml:15:32: ${mistake}`);
  });

  it("an IPv4 link may have less than 1280", () => {
    expect(checkOf(`{ ping: 192.0.2.1, given: ["core:eth2 -- far:eth1, mtu 1000"] }`)?.given).toHaveLength(2);
  });
});

describe("seen:", () => {
  it("expressions by node, one or several; nft is needed then", () => {
    const check = checkOf("{ tcp: { to: 192.0.2.1, port: 80 }, seen: { host: ip dscp 46, core: [udp, tcp] } }");
    expect(check?.seen).toEqual([
      { in: "host", packets: "ip dscp 46" },
      { in: "core", packets: "udp" },
      { in: "core", packets: "tcp" },
    ]);
    expect(check?.needs).toEqual(["nft"]);
  });

  it("a node that is not there is a mistake with its place", () => {
    expect(mistakeIn("{ ping: 192.0.2.1, seen: { hots: udp } }")).toBe(
      'lab.yml:15:32: Cannot look for packets in "hots": there is no such node; did you mean "host"?',
    );
  });

  it("without it there is nothing to be seen, and nothing given", () => {
    expect(checkOf("{ tcp: { to: 192.0.2.1, port: 80 } }")).toMatchObject({ given: [], seen: [], needs: [] });
  });
});

describe("what a check sends", () => {
  it.each([
    ["{ ping: { to: 192.0.2.1, tos: 184 } }", { kind: "ping", tos: 184 }],
    [
      "{ udp-echo: { to: 192.0.2.1, tos: 184, dont-fragment: false, at-once: 40, ip-options: '94040000', hang-up: true } }",
      { kind: "udp-echo", tos: 184, dontFragment: false, atOnce: 40, ipOptions: "94040000", hangUp: true },
    ],
    ["{ tcp: { to: 192.0.2.1, port: 80, error: [EHOSTUNREACH] } }", { kind: "tcp", error: ["EHOSTUNREACH"] }],
  ])("%s", (check, fields) => {
    expect(checkOf(check)).toMatchObject(fields);
  });

  it("only what is asked for", () => {
    expect(Object.keys(checkOf("{ udp-echo: 192.0.2.1 }") ?? {})).not.toContain("tos");
    expect(mistakeIn("{ ping: { to: 192.0.2.1, tos: 256 } }")).toContain("tos");
  });
});
