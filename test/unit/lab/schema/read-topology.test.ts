// Mistakes of topology files: the words are golden, as people read them.

import { describe, expect, it } from "vitest";
import { clatdStates } from "../../../../lab/checks/check.js";
import { TopologyError } from "../../../../lab/schema/mistake.js";
import { readTopology } from "../../../../lab/schema/read-topology.js";
import { statusJsonSchema } from "../../../../src/daemon/status-schema.js";

const mistakesOf = (text: string): string => {
  try {
    readTopology("lab.yml", text);
  } catch (error) {
    if (error instanceof TopologyError) return error.message;
    throw error;
  }
  throw new Error("no mistake was found");
};

const GOOD = `
name: small
title: Two nodes
nodes:
  router: { kind: router, ra: true }
  host: { kind: host, clatd: { plat-prefix: "2001:db8:64::/96", proxynd-enable: true } }
links:
  - router:eth0 -- host:eth0, 2001:db8:1::/64, 192.0.2.0/24, mtu 1280
checks:
  - ping: 192.0.2.1
`;

describe("readTopology()", () => {
  it("numbers the ends of a link and leaves the host's IPv6 to Router Advertisements", () => {
    const topology = readTopology("lab.yml", GOOD);
    expect(topology.nodes.map(({ name, interfaces }) => [name, interfaces])).toEqual([
      ["router", [{ dev: "eth0", link: 0, addresses: ["2001:db8:1::1/64", "192.0.2.1/24"], autoconf: false }]],
      ["host", [{ dev: "eth0", link: 0, addresses: ["192.0.2.2/24"], autoconf: true }]],
    ]);
    expect(topology.links[0]?.mtu).toBe(1280);
  });

  it("makes clatd's keys command line arguments", () => {
    const host = readTopology("lab.yml", GOOD).nodes[1];
    expect(host?.kind === "host" && host.clatd).toEqual({
      keys: ["plat-prefix=2001:db8:64::/96", "proxynd-enable=yes"],
    });
  });

  it("opens brief forms: a check's text is its main argument", () => {
    expect(readTopology("lab.yml", GOOD).checks[0]).toMatchObject({
      kind: "ping",
      to: "192.0.2.1",
      size: 56,
      on: "host",
      phase: "running",
      needs: ["ping"],
      pass: "ping 192.0.2.1 works",
    });
  });

  it("reads a link in full form to the same as in brief form", () => {
    const full = GOOD.replace(
      "- router:eth0 -- host:eth0, 2001:db8:1::/64, 192.0.2.0/24, mtu 1280",
      "- { ends: [router:eth0, host:eth0], prefixes: [2001:db8:1::/64, 192.0.2.0/24], mtu: 1280 }",
    );
    expect(readTopology("lab.yml", full)).toEqual(readTopology("lab.yml", GOOD));
  });

  it("writes prefixes canonically (RFC 5952)", () => {
    const text = GOOD.replace("2001:db8:1::/64", "2001:0DB8:0001:0:0::/64");
    expect(readTopology("lab.yml", text)).toEqual(readTopology("lab.yml", GOOD));
  });

  it("takes addresses that stand in the file, and then none from Router Advertisements", () => {
    const text = GOOD.replace(
      "- router:eth0 -- host:eth0, 2001:db8:1::/64, 192.0.2.0/24, mtu 1280",
      "- { ends: [router:eth0, host:eth0], prefixes: [2001:db8:1::/64], addresses: { host:eth0: 2001:db8:1::99 } }",
    );
    expect(readTopology("lab.yml", text).nodes[1]?.interfaces).toEqual([
      { dev: "eth0", link: 0, addresses: ["2001:db8:1::99/64"], autoconf: false },
    ]);
  });

  it("reports every mistake of a file at once, each with its line", () => {
    const text = `name: Bad_Name
title: x
nodes:
  host: { kind: hosst }
  router: { kind: router, raa: true, ra: { intervall: 3, rdnss: dsn } }
  plat: { kind: plat, engine: taiga, pref64: 2001:db8:64::/97 }
  dns: { kind: dns64, pref64: 2001:db8:64::/96, zone: { a.example: servr } }
  server: { kind: server }
links:
  - host:eth0 - router:eth0, 2001:db8:1::/64
  - router:eth1 -- platt:eth0, 2001:db8:2::1/64
  - dns:eth0 -- router:eth1, 2001:db8:3::/64, mtu 12
  - plat:eth1 -- server:eth0 -- router:eth2, 198.51.100.0/31
checks:
  - pings: 192.0.2.1
  - ping: { to: 192.0.2.1, sizes: 4 }
  - ping: 192.0.2.1
    http: http://192.0.2.1/
  - http: { url: 192.0.2.1 }
    on: hots
    phase: afterwards
  - run: { command: "true", match: "(" }
`;
    expect(mistakesOf(text)).toMatchInlineSnapshot(`
      "Cannot read topology "lab.yml": 18 mistakes
      lab.yml:1:1: Cannot use "Bad_Name" for "name": allowed are lower-case letters, digits and "-"
      lab.yml:4:11: Cannot use "hosst" as kind of node: did you mean "host"?
      lab.yml:5:27: Unknown key "raa": did you mean "ra"?
      lab.yml:5:44: Unknown key "intervall": did you mean "interval"?
      lab.yml:5:58: Cannot use "dsn" as DNS server: it is neither an address nor a node; did you mean "dns"?
      lab.yml:6:23: Cannot use "taiga" for "engine": did you mean "tayga"?
      lab.yml:6:38: Cannot use "2001:db8:64::/97" as PREF64: its length is 97; allowed are 32, 40, 48, 56, 64, 96 (RFC 6052 §2.2)
      lab.yml:7:57: Cannot use "servr" as address of "a.example": it is neither an address nor a node; did you mean "server"?
      lab.yml:10:5: Cannot read link "host:eth0 - router:eth0, 2001:db8:1::/64": it joins nothing; write "node:dev -- node:dev, PREFIX, mtu N"
      lab.yml:11:5: Cannot link "platt:eth0": there is no node "platt"; did you mean "plat"?
      lab.yml:11:5: Cannot use "2001:db8:2::1/64" as prefix of a link: it is no prefix such as 2001:db8:1::/64 or 192.0.2.0/24 (its bits behind the length must be zero)
      lab.yml:12:5: Cannot read link "dns:eth0 -- router:eth1, 2001:db8:3::/64, mtu 12": "mtu 12" is no MTU; write "mtu 1280" once
      lab.yml:13:5: Cannot number the ends of this link: prefix "198.51.100.0/31" has no address 3
      lab.yml:15:5: Cannot tell the kind of this check: unknown key "pings", did you mean "ping"?
      lab.yml:16:28: Unknown key "sizes": did you mean "size"?
      lab.yml:17:5: Cannot tell the kind of this check: it has "ping" and "http"; one check has one of them
      lab.yml:21:5: Cannot use "afterwards" for "phase": known: before-clatd, running, after-clatd
      lab.yml:22:29: Cannot use "(" as pattern: it is no regular expression"
    `);
  });

  it("finds what is wrong behind a right shape", () => {
    const text = `name: shaped
title: x
nodes:
  host: { kind: host, clatd: { plat-prefx: "2001:db8::/96" }, dns: nowhere }
  router: { kind: router, ra: { on: [eth7], pref64: "2001:db8::/95" } }
  plat: { kind: plat, pref64: "192.0.2.0/24", pool: 192.0.2.0/31, routes: ["2001:db8::/32 via nobody", "2001:db8::/32 over router"] }
  other: { kind: plat, pref64: "64:ff9b::/96" }
  dns: { kind: dns64, zone: { A.example.: dns } }
  lonely: { kind: server }
  Loud: { kind: server }
links:
  - host:eth0 -- router:eth0, 2001:db8:1::/64
  - host:eth0 -- router:eth1, 2001:db8:1::/64
  - router:eth2 -- plat:clat, 2001:db8:2::/127
  - { ends: [router:eth3, other:eth0, dns:eth0, Loud:eth0], prefixes: [192.0.2.0/30], addresses: { dns:eth9: 192.0.2.1, other:eth0: [nonsense, 10.0.0.1] } }
checks:
  - { ping: 192.0.2.1, on: hots }
  - { ping: 192.0.2.1 }
  - { http: "https://192.0.2.1/" }
`;
    expect(mistakesOf(text)).toMatchInlineSnapshot(`
      "Cannot read topology "lab.yml": 24 mistakes
      lab.yml:4:23: Cannot run clatd: there is no key "plat-prefx"; did you mean plat-prefix?
      lab.yml:4:63: Cannot use "nowhere" as DNS server: it is neither an address nor a node; known: host, router, plat, other, dns, lonely, Loud
      lab.yml:5:38: Cannot advertise on "eth7": no link ends there; did you mean "eth0"?
      lab.yml:5:45: Cannot use "2001:db8::/95" as PREF64: its length is 95; allowed are 32, 40, 48, 56, 64, 96 (RFC 6052 §2.2)
      lab.yml:6:23: Cannot use "192.0.2.0/24" as PREF64: it is an IPv4 prefix; an IPv6 prefix is wanted
      lab.yml:6:47: Cannot use "192.0.2.0/31" as pool: it must be an IPv4 prefix of length 30 or less
      lab.yml:6:76: Cannot route "2001:db8::/32" via "nobody": no neighbour of this node has that name or address and IPv6
      lab.yml:6:104: Cannot read route "2001:db8::/32 over router": write "PREFIX via NODE" or "PREFIX via ADDRESS"
      lab.yml:8:3: Missing key "pref64": there are 2 PLATs, so it must say which PREF64 it synthesises with
      lab.yml:8:31: Cannot use "A.example." as name in a zone: write it in lower case, without a last dot
      lab.yml:8:31: Cannot use "dns" as address of "A.example.": that node has no fixed address
      lab.yml:9:3: Cannot use node "lonely": no link ends there
      lab.yml:10:3: Cannot name a node "Loud": allowed are lower-case letters, digits and "-", at most 15
      lab.yml:13:5: Cannot link "host:eth0" twice: each device is the end of one link
      lab.yml:13:5: Cannot use prefix "2001:db8:1::/64" twice: link 1 has it already
      lab.yml:14:5: Cannot link "plat:clat": the node makes a device of that name itself
      lab.yml:15:5: Cannot number the ends of this link: prefix "192.0.2.0/30" has no address 3
      lab.yml:15:5: Cannot number the ends of this link: prefix "192.0.2.0/30" has no address 4
      lab.yml:15:100: Cannot give "dns:eth9" addresses: it is no end of this link; did you mean "dns:eth0"?
      lab.yml:15:121: Cannot use "nonsense" as address: it is none such as 2001:db8:1::1/64
      lab.yml:15:121: Cannot use "10.0.0.1" as address: it has no length and lies in no prefix of this link
      lab.yml:17:24: Cannot check on "hots": there is no such node; did you mean "host"?
      lab.yml:18:5: Cannot name two checks "ping 192.0.2.1": give this one a "name" of its own
      lab.yml:19:7: Cannot fetch "https://192.0.2.1/": write http://HOST/PATH"
    `);
  });

  it("says what a value may be, and which item of a list is meant", () => {
    const text = `name: ranges
title: x
nodes:
  host: { kind: host, services: [http, htpp], sysctls: { a.b: [${"1, ".repeat(40)}] }, dns: 192.0.2.300 }
  server: { kind: server }
links:
  - host:eth0 -- server:eth0, 192.0.2.0/24, 2001:db8:1::/64, mtu 1000
  - { ends: [host:eth1], mtu: 12 }
checks:
  - { ping: { to: 192.0.2.2, count: 1000, size: -1 } }
  - { udp-echo: { to: 192.0.2.2, sizes: [7, 99999999] } }
  - { tcp: { to: 192.0.2.2, port: 0 } }
  - { tcp: { to: "", port: 80 }, name: nowhere }
  - { http: { url: http://192.0.2.2/, seen-from: "(" } }
  - { dns: { query: a.example, answer: nonsense } }
  - { traceroute: { to: server, hops: [192.0.2.2, hop] } }
  - { udp-echo: server }
  - { udp-echo: { to: "2001:db8:1::2", zero-checksum: true, ip-options: "94040000" }, name: six }
  - { clatd: actve }
  - { clatd: { state: wating }, name: other }
  - { run: "true", given: ["host -- server, mtu 1"] }
`;
    expect(mistakesOf(text)).toMatchInlineSnapshot(`
      "Cannot read topology "lab.yml": 20 mistakes
      lab.yml:4:40: Cannot use "htpp" for item 2 of "services": did you mean "http"?
      lab.yml:4:58: Cannot use [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1… for "a.b": it must be text or a number or true or false
      lab.yml:7:5: Cannot use "mtu 1000" on a link with IPv6: 1280 is its least (RFC 8200 §5)
      lab.yml:8:7: Cannot use ["host:eth1"] for "ends": it must have at least 2 items
      lab.yml:8:26: Cannot use 12 for "mtu": it must be at least 68
      lab.yml:10:30: Cannot use 1000 for "count": it must be at most 100
      lab.yml:10:43: Cannot use -1 for "size": it must be at least 0
      lab.yml:11:45: Cannot use 99999999 for item 2 of "sizes": it must be at most 65507
      lab.yml:12:29: Cannot use 0 for "port": it must be at least 1
      lab.yml:13:14: Cannot use "" for "to": it must not be empty
      lab.yml:14:39: Cannot use "(" as pattern: it is no regular expression
      lab.yml:15:32: Cannot wait for the answer "nonsense": it is no address and no prefix
      lab.yml:16:21: Cannot use "server" as address: it is none such as 2001:db8:1::1 or 192.0.2.1
      lab.yml:16:51: Cannot use "hop" as address: it is none such as 2001:db8:1::1 or 192.0.2.1
      lab.yml:17:7: Cannot use "server" as address: it is none such as 2001:db8:1::1 or 192.0.2.1
      lab.yml:18:40: Cannot use "zero-checksum" to "2001:db8:1::2": only IPv4 has that
      lab.yml:18:61: Cannot use "ip-options" to "2001:db8:1::2": only IPv4 has that
      lab.yml:19:7: Cannot use "actve" for "clatd": did you mean "active"?
      lab.yml:20:16: Cannot use "wating" for "state": did you mean "waiting"?
      lab.yml:21:28: Cannot read "host -- server, mtu 1" as what is given: "mtu 1" is no MTU; write "mtu 1280" once"
    `);
  });

  it("does not take what is no address or prefix for any answer", () => {
    const asking = (answer: string): string => `${GOOD}  - dns: { query: a.example, answer: "${answer}" }\n`;
    for (const answer of ["192.0.2.1", "2001:db8::1", "2001:db8:64::/96"])
      expect(readTopology("lab.yml", asking(answer)).checks[1]).toMatchObject({ answer });
    for (const answer of ["192.0.2.300", "a.example", "2001:db8::/129"])
      expect(mistakesOf(asking(answer))).toContain(`Cannot wait for the answer "${answer}"`);
  });

  it("knows the states of clatd status, and no others", () => {
    expect(statusJsonSchema()).toMatchObject({ properties: { state: { enum: clatdStates } } });
  });

  it("compares the hops of a traceroute in the words of traceroute (RFC 5952)", () => {
    const text = `${GOOD}  - traceroute: { to: "2001:DB8:0::1", hops: ["2001:0db8::2"] }\n`;
    expect(readTopology("lab.yml", text).checks[1]).toMatchObject({ to: "2001:db8::1", hops: ["2001:db8::2"] });
  });

  it.each([
    ["an alias without an anchor", "a: *b\n", 'lab.yml:1:4: Cannot read YAML: there is no anchor "&b" before "*b"'],
    [
      "one that stands in itself",
      "a: &b\n  c: *b\n",
      'lab.yml:2:6: Cannot read YAML: "*b" stands in what it stands for',
    ],
  ])("says where %s is", (_, text, mistake) => {
    expect(mistakesOf(text)).toBe(`Cannot read topology "lab.yml": 1 mistake\n${mistake}`);
  });

  it("shows of what is no topology at all no more than its beginning", () => {
    expect(mistakesOf("\u0001\u001b[31m of old".repeat(400))).toMatch(
      /^Cannot read topology "lab.yml": 1 mistake\n.{1,200}$/u,
    );
    expect(mistakesOf("")).toContain("it must be a mapping with name, title, nodes, links, checks");
  });

  it("says where YAML itself is broken", () => {
    expect(mistakesOf("name: x\n\ttitle: y\n")).toMatchInlineSnapshot(`
      "Cannot read topology "lab.yml": 1 mistake
      lab.yml:2:1: Cannot read YAML: Tabs are not allowed as indentation"
    `);
  });

  it("does not say of each line of a file that is no YAML that it is none", () => {
    const said = mistakesOf(`# A text\n${"a line: of: prose, not of YAML\n".repeat(50)}- | ${"`long` ".repeat(200)}\n`);
    const [head, ...lines] = said.split("\n");
    expect(head).toMatch(/^Cannot read topology "lab.yml": \d+ mistakes$/);
    expect(lines).toHaveLength(6);
    expect(lines.at(-1)).toMatch(/^lab.yml:\d+:\d+: Cannot read YAML: \d+ more from here on$/);
    for (const line of lines) expect(line.length).toBeLessThan(200);
  });

  it.each([
    ["", "an empty file"],
    ["[]", "a list"],
    ["nodes: 3", "nodes that are no mapping"],
    ["nodes: {a: 3}\nlinks: 4\nchecks: {}", "parts of the wrong kind"],
    ["name: x\ntitle: y\nnodes: {a: null}\nlinks: [null]\nchecks: [null, [], 7]", "nulls"],
  ])("refuses %j (%s) with a TopologyError", (text) => {
    expect(() => readTopology("lab.yml", text)).toThrow(TopologyError);
  });
});
