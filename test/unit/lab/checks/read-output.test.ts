// What ping and traceroute print, and what snapshots differ in.

import { describe, expect, it } from "vitest";
import { readPing, readTraceroute } from "../../../../lab/checks/read-output.js";
import { snapshotDifference } from "../../../../lab/checks/snapshot-difference.js";
import type { NetSnapshot } from "../../../../src/os/snapshot.js";

const said = (stdout: string, stderr = ""): { code: number; stdout: string; stderr: string } => ({
  code: 0,
  stdout,
  stderr,
});

describe("readPing()", () => {
  it.each([
    [
      "3 packets transmitted, 3 received, 0% packet loss, time 401ms\nrtt min/avg/max/mdev = 0.554/1.426/2.299/0.872 ms",
      true,
      "3 of 3 answers, 1.426 ms",
    ],
    ["3 packets transmitted, 2 received, 33% packet loss, time 401ms", false, "2 of 3 answers"],
    [
      "1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms",
      false,
      "0 of 1 answers and ICMP errors",
    ],
  ])("%s", (stdout, ok, detail) => {
    expect(readPing(said(stdout))).toEqual({ ok, detail });
  });

  it("passes on why ping could not start", () => {
    expect(readPing(said("", "ping: connect: Network is unreachable\n"))).toEqual({
      ok: false,
      detail: "ping: connect: Network is unreachable",
    });
  });
});

const trace = `traceroute to 198.51.100.2 (198.51.100.2), 15 hops max, 60 byte packets
 1  192.0.0.2  0.637 ms
 2  192.0.0.8  2.300 ms !N
 3  198.51.100.2  10.482 ms
`;

describe("readTraceroute()", () => {
  it("shows the hops", () => {
    expect(readTraceroute(said(trace), "198.51.100.2", [], 3)).toEqual({
      ok: true,
      detail: "192.0.0.2 → 192.0.0.8 → 198.51.100.2",
    });
  });

  it.each([
    [
      "a hop that does not answer",
      trace.replace(" 2  192.0.0.8  2.300 ms !N", " 2  *"),
      [],
      1,
      "a hop does not answer: 192.0.0.2 → * → 198.51.100.2",
    ],
    [
      "an end that is not reached",
      trace.replace(" 3  198.51.100.2  10.482 ms\n", ""),
      [],
      1,
      "it does not arrive: 192.0.0.2 → 192.0.0.8",
    ],
    ["too few hops", trace, [], 4, "3 hops, not 4: 192.0.0.2 → 192.0.0.8 → 198.51.100.2"],
    [
      "hops in another order",
      trace,
      ["192.0.0.8", "192.0.0.2"],
      1,
      "192.0.0.2 is missing: 192.0.0.2 → 192.0.0.8 → 198.51.100.2",
    ],
    ["nothing", "", [], 1, "traceroute said nothing"],
  ] as const)("refuses %s", (_name, stdout, hops, atLeast, detail) => {
    expect(readTraceroute(said(stdout), "198.51.100.2", hops, atLeast)).toEqual({ ok: false, detail });
  });
});

describe("snapshotDifference()", () => {
  const before: NetSnapshot = {
    links: [],
    addresses: [],
    routes: [{ family: 6, destination: "default", dev: "eth0", table: 254 }],
    rules: [],
    proxies: [],
    sysctls: { "net.ipv6.conf.all.forwarding": "0", gone: "1" },
    nft: [],
    programs: [],
  };

  it("says nothing about the same things in another order", () => {
    const same: NetSnapshot = { ...before, routes: [{ table: 254, dev: "eth0", destination: "default", family: 6 }] };
    expect(snapshotDifference(before, same)).toEqual([]);
  });

  it("says what is gone, what is new and what has another value", () => {
    const after: NetSnapshot = {
      ...before,
      routes: [],
      proxies: [{ dev: "eth0", address: "2001:db8::1" }],
      sysctls: { "net.ipv6.conf.all.forwarding": "1" },
    };
    expect(snapshotDifference(before, after)).toEqual([
      '- routes: {"destination":"default","dev":"eth0","family":6,"table":254}',
      '+ proxies: {"address":"2001:db8::1","dev":"eth0"}',
      "~ sysctl gone: 1 → none",
      "~ sysctl net.ipv6.conf.all.forwarding: 0 → 1",
    ]);
  });
});
