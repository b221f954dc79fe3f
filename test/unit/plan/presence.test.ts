import { describe, expect, it } from "vitest";
import type { Effect } from "../../../src/os/effect.js";
import { isPresent } from "../../../src/os/identity.js";
import { presenceIn } from "../../../src/plan/presence.js";
import { snapshotOf } from "./facts-of.js";

const base = snapshotOf();
const snapshot = snapshotOf({
  routes: [
    ...base.routes,
    { family: 6, destination: "2001:db8:a::1/128", dev: "clat", table: 7, metric: 1024 },
    { family: 4, destination: "192.0.2.16/28", dev: "clat", table: 255, type: "local", scope: "host" },
    { family: 4, destination: "default", dev: "clat", table: 254, metric: 2048, mtu: 1480 },
  ],
  proxies: [{ dev: "eth0", address: "2001:db8:a::1" }],
});

const effects: readonly Effect[] = [
  { do: "route.add", route: { family: 6, destination: "2001:db8:a::1/128", dev: "clat", table: 7 } },
  { do: "route.add", route: { family: 6, destination: "2001:db8:a::1/128", dev: "eth0", table: 7 } },
  { do: "route.add", route: { family: 6, destination: "2001:db8:a::2/128", dev: "clat", table: 7 } },
  { do: "route.add", route: { family: 4, destination: "192.0.2.16/28", dev: "clat", table: 255, type: "local" } },
  { do: "route.add", route: { family: 4, destination: "default", dev: "clat", table: 254, metric: 2048, mtu: 1480 } },
  { do: "route.add", route: { family: 4, destination: "default", dev: "clat", table: 254, metric: 2048, mtu: 1260 } },
  { do: "route.withhold", route: { family: 4, destination: "default", dev: "eth1", table: 254, metric: 2048 } },
  { do: "route.withhold", route: { family: 4, destination: "default", dev: "clat", table: 254, metric: 2048 } },
  { do: "address.add", dev: "eth0", address: "2001:db8:1:0:5054:ff:fe00:1/64" },
  { do: "address.add", dev: "clat", address: "2001:db8:1:0:5054:ff:fe00:1/64" },
  { do: "neighbour.proxy", dev: "eth0", address: "2001:db8:a::1" },
  { do: "neighbour.proxy", dev: "eth1", address: "2001:db8:a::1" },
  { do: "rule.add", rule: { family: 6, priority: 0, table: 255 } },
  { do: "link.set", name: "eth0", up: true },
  { do: "sysctl.set", key: "net.ipv6.conf.all.forwarding", value: "0" },
  { do: "file.write", path: "/x", text: "" },
];

describe("presenceIn()", () => {
  it.each(effects.map((effect) => ({ effect })))("presenceIn() says what isPresent() says: $effect", ({ effect }) => {
    expect(presenceIn(snapshot)(effect)).toBe(isPresent(effect, snapshot));
  });

  it("both answers are among them", () => {
    const answers = new Set(effects.map(presenceIn(snapshot)));
    expect(answers).toEqual(new Set([true, false, "unknown"]));
  });
});
