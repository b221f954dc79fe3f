// Status records as a daemon gives them, for tests of who shows them.

import { type StatusRecord, statusVersion } from "../../src/daemon/status.js";

const common = {
  version: statusVersion,
  clatd: "0.1.0",
  pid: 42,
  clatDev: "clat",
  since: "2026-02-03T04:05:06.789Z",
  started: "2026-02-01T00:00:00.000Z",
  restarts: 0,
  reloads: { taken: 0, refused: 0 },
} as const;

export const waitingRecord: StatusRecord = {
  ...common,
  state: "waiting",
  seconds: 75,
  text: "No PREF64 is known: 2001:db8::53 did not answer within 1 s",
  reason: "no-pref64",
  effects: 0,
};

export const activeRecord: StatusRecord = {
  ...common,
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
