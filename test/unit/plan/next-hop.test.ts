// nextHopOf(): only where the kernel has no choice.

import { describe, expect, it } from "vitest";
import type { Route } from "../../../src/os/effect.js";
import type { Facts } from "../../../src/plan/facts.js";
import { nextHopOf } from "../../../src/plan/next-hop.js";

const pref64 = "2001:db8:64::/96";
const via = "fe80::1";
const main = { family: 6, table: 254 } as const;
const byDefault: Route = { ...main, destination: "default", dev: "eth0", via };

function hop(routes: readonly Route[], route: Facts["route"] = { dev: "eth0", via, mtu: 1500 }): string | undefined {
  return nextHopOf({ route, snapshot: { routes } } as unknown as Facts, pref64, "eth0");
}

describe("nextHopOf()", () => {
  it("is the gateway where all routes to the PREF64 have the same", () => {
    expect(hop([byDefault, { ...main, destination: "2001:db8:1::/64", dev: "eth0" }])).toBe(via);
    expect(hop([byDefault, { ...byDefault, metric: 1024 }])).toBe(via);
  });

  it.each<[string, Route]>([
    ["a second router", { ...byDefault, via: "fe80::2" }],
    ["a second device", { ...byDefault, dev: "wlan0" }],
    [
      "a route to a part of the PREF64",
      { ...main, destination: "2001:db8:64::c000:0/120", dev: "eth0", via: "fe80::2" },
    ],
    ["a part that is on the link", { ...main, destination: "2001:db8:64::c000:0/120", dev: "eth0" }],
    ["a part that is refused", { ...main, destination: "2001:db8:64::c000:0/120", type: "unreachable" }],
    [
      "a route around it in another table",
      { ...main, table: 100, destination: "2001:db8::/32", dev: "eth0", via: "fe80::2" },
    ],
  ])("depends with %s", (_, other) => {
    expect(hop([byDefault, other])).toBeUndefined();
  });

  it("is nobody where there is no gateway, or the route is another device's", () => {
    expect(hop([byDefault], { dev: "eth0", mtu: 1500 })).toBeUndefined();
    expect(hop([byDefault], { dev: "wlan0", via, mtu: 1500 })).toBeUndefined();
    expect(nextHopOf({ snapshot: { routes: [] } } as unknown as Facts, pref64, "eth0")).toBeUndefined();
  });
});
