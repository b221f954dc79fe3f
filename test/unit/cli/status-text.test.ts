// statusText(): the record of the daemon as a person reads it.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { duration, size, statusText } from "../../../src/cli/status-text.js";
import type { StatusRecord } from "../../../src/daemon/status.js";
import { activeRecord as active, waitingRecord as waiting } from "../../support/status-records.js";

describe("statusText()", () => {
  it("says why it waits", () => {
    expect(statusText(waiting)).toBe(
      [
        "clat: clat",
        "  state: waiting for 1 minute, 15 seconds, since 2026-02-03 04:05:06 UTC",
        "  why: No PREF64 is known: 2001:db8::53 did not answer within 1 s",
        "  effects: none on this system",
        "  process: 42, clatd 0.1.0, started 2026-02-01 00:00:00 UTC",
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

  it("says what is left for the operator to do", () => {
    const notes = ["The firewall drops what is forwarded", "The network must route 2001:db8::/64 to this host"];
    const record = active.active === undefined ? active : { ...active, active: { ...active.active, notes } };
    expect(statusText(record).split("\n")).toEqual(expect.arrayContaining(notes.map((note) => `  note: ${note}`)));
  });

  it("says what is active, and what was dropped", () => {
    expect(statusText(active)).toBe(
      [
        "clat: clat",
        "  state: active for 1 day, 2 hours, since 2026-02-03 04:05:06 UTC",
        "  means: IPv4 goes through eth0 to the PLAT at 64:ff9b::/96",
        "  pref64: 64:ff9b::/96 (from DNS64)",
        "  uplink: eth0",
        "  addresses: 192.0.0.1 <-> 2001:db8:1::5",
        "  mtu: IPv4 1480, IPv6 1500",
        "  engine: userspace (the best that this host can run)",
        "  transfer: 84 B in 1 packet sent, 2.9 MiB in 2000 packets received",
        "  dropped coming in: 3 illegal-source, 1 not-mapped",
        "  effects: 11 on this system, in the journal",
        "  process: 42, clatd 0.1.0, started 2026-02-01 00:00:00 UTC",
        "",
      ].join("\n"),
    );
  });

  it("says what another program has translated, and that its drops are not known", () => {
    const { counters: _none, ...rest } = active;
    const translated = { v4ToV6: { packets: 1, octets: 104 }, v6ToV4: { packets: 2, octets: 2048 } };
    const lines = statusText({ ...rest, translated }).split("\n");
    expect(lines).toContain("  transfer: 104 B in 1 packet sent, 2.0 KiB in 2 packets received, as translated");
    expect(lines).toContain("  dropped: not known: userspace does not tell");
  });

  it("says what went wrong last", () => {
    const lastError = {
      text: 'Cannot add route "default dev clat": File exists',
      hint: "Stop the other one",
      at: "2026-02-03T04:06:18.000Z",
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

  it("says how often the engine ended by itself, and what became of configurations", () => {
    const lines = statusText({ ...active, restarts: 2, reloads: { taken: 3, refused: 1 } }).split("\n");
    expect(lines.slice(-4, -2)).toEqual([
      "  restarts: 2 of the engine, which had ended unasked",
      "  reloads: 3 taken, 1 refused",
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
