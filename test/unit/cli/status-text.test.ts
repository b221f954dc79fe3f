// statusText(): the record of the daemon as a person reads it.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { duration, size, statusText } from "../../../src/cli/status-text.js";
import type { StatusRecord } from "../../../src/daemon/status.js";

const waiting: StatusRecord = {
  version: 1,
  pid: 42,
  clatDev: "clat",
  state: "waiting",
  seconds: 75,
  text: "No PREF64 is known: 2001:db8::53 did not answer within 1 s",
  reason: "no-pref64",
  effects: 0,
};

const active: StatusRecord = {
  version: 1,
  pid: 42,
  clatDev: "clat",
  state: "active",
  seconds: 93_784,
  text: "IPv4 goes through eth0 to the PLAT at 64:ff9b::/96",
  active: {
    pref64: "64:ff9b::/96",
    origin: "dns64",
    uplink: "eth0",
    v4: "192.0.0.1",
    v6: "2001:db8:1::5",
    engine: { name: "userspace", why: "the best that this host can run" },
    mtu: { v4: 1480, v6: 1500 },
  },
  counters: {
    v4ToV6: { packets: 1, octets: 84, drops: {} },
    v6ToV4: { packets: 2000, octets: 3_000_000, drops: { "illegal-source": 3, "not-mapped": 1, never: 0 } },
  },
  effects: 11,
};

describe("statusText()", () => {
  it("says why it waits", () => {
    expect(statusText(waiting)).toBe(
      [
        "clat: clat",
        "  state: waiting for 1 minute, 15 seconds",
        "  why: No PREF64 is known: 2001:db8::53 did not answer within 1 s",
        "  effects: none on this system",
        "  pid: 42",
        "",
      ].join("\n"),
    );
  });

  it.each([
    [{ mappings: 1, behind: [] }, "  relay: 1 mapping, services on this host"],
    [{ mappings: 10_000, behind: ["eth1", "eth2"] }, "  relay: 10000 mappings, nodes behind eth1, eth2"],
  ])("says what an Edge Relay relays for: %j", (relay, line) => {
    const record = active.active === undefined ? active : { ...active, active: { ...active.active, relay } };
    expect(statusText(record).split("\n")).toContain(line);
  });

  it("says what is active, and what was dropped", () => {
    expect(statusText(active)).toBe(
      [
        "clat: clat",
        "  state: active for 1 day, 2 hours",
        "  means: IPv4 goes through eth0 to the PLAT at 64:ff9b::/96",
        "  pref64: 64:ff9b::/96 (from DNS64)",
        "  uplink: eth0",
        "  addresses: 192.0.0.1 <-> 2001:db8:1::5",
        "  mtu: IPv4 1480, IPv6 1500",
        "  engine: userspace (the best that this host can run)",
        "  transfer: 84 B in 1 packet sent, 2.9 MiB in 2000 packets received",
        "  dropped coming in: 3 illegal-source, 1 not-mapped",
        "  effects: 11 on this system, in the journal",
        "  pid: 42",
        "",
      ].join("\n"),
    );
  });

  it("says what went wrong last", () => {
    const lastError = {
      text: 'Cannot add route "default dev clat": File exists',
      hint: "Stop the other one",
      seconds: 3,
    };
    expect(
      statusText({ ...waiting, lastError })
        .split("\n")
        .slice(-3),
    ).toEqual([
      '  last error: Cannot add route "default dev clat": File exists (3 seconds ago)',
      "  hint: Stop the other one",
      "",
    ]);
  });

  it("has colours only where they are asked for", () => {
    expect(statusText(active)).not.toContain("\u001b");
    expect(statusText(active, true)).toContain("\u001b[32mactive\u001b[39m");
    expect(statusText(waiting, true)).toContain("\u001b[31mwaiting\u001b[39m");
  });

  it("names an origin that it has no words for", () => {
    const record = { ...active, active: { ...active.active, origin: "pigeon" } as StatusRecord["active"] & object };
    expect(statusText(record)).toContain("pref64: 64:ff9b::/96 (pigeon)");
  });
});

describe("duration()", () => {
  it.each([
    [0, "less than a second"],
    [0.9, "less than a second"],
    [1, "1 second"],
    [59.99, "59 seconds"],
    [60, "1 minute"],
    [3600, "1 hour"],
    [3601, "1 hour, 1 second"],
    [172_800 + 7200 + 60, "2 days, 2 hours"],
  ])("%d seconds: %s", (seconds, text) => expect(duration(seconds)).toBe(text));
});

describe("size()", () => {
  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.0 KiB"],
    [1536, "1.5 KiB"],
    [1024 * 1024 - 1, "1.0 MiB"],
    [2 ** 53, "8.0 PiB"],
  ])("%d: %s", (octets, text) => expect(size(octets)).toBe(text));

  it("keeps to four digits and a unit", () => {
    fc.assert(fc.property(fc.maxSafeNat(), (octets) => /^\d{1,4}(\.\d)? [KMGTP]?i?B$/.test(size(octets))));
  });
});
