import { describe, expect, it } from "vitest";
import { classicUserspaceEngine } from "../../../src/engine/userspace/plan.js";
import type { Effect, Route } from "../../../src/os/effect.js";
import { desire } from "../../../src/plan/desire.js";
import type { Desired } from "../../../src/plan/desired.js";
import type { Facts } from "../../../src/plan/facts.js";
import { appliedOf, configOf, factsOf, hostAddress, snapshotOf } from "./facts-of.js";

const native: Route = { family: 4, destination: "default", dev: "eth0", via: "192.0.2.1", table: 254, metric: 100 };
const withNative = snapshotOf({ routes: [...snapshotOf().routes, native] });

const desired = (changes: Partial<Facts> = {}): Desired => desire(factsOf(changes), classicUserspaceEngine);

function active(changes: Partial<Facts> = {}): Extract<Desired, { state: "active" }> {
  const state = desired(changes);
  if (state.state !== "active") throw new Error(`not active: ${JSON.stringify(state)}`);
  return state;
}

function waiting(changes: Partial<Facts>): { reason: string; text: string } {
  const state = desired(changes);
  if (state.state !== "waiting") throw new Error(`not waiting: ${state.state}`);
  return { reason: state.reason, text: state.text };
}

function of<D extends Effect["do"]>(effects: readonly Effect[], kind: D): readonly Extract<Effect, { do: D }>[] {
  return effects.filter((effect): effect is Extract<Effect, { do: D }> => effect.do === kind);
}

function defaultRoute(changes: Partial<Facts>): Route | undefined {
  return of(active(changes).plan.effects, "route.add").find(({ route }) => route.family === 4)?.route;
}

describe("desire() waits", () => {
  const cases: readonly (readonly [string, Partial<Facts>, string, RegExp])[] = [
    ["for the first source", { ...factsWithout("pref64") }, "starting", /Looking for the PLAT/],
    [
      "for a PREF64, with the sources' reason and a remedy",
      { pref64: { origin: "dns64", found: false, reason: "2001:db8::53 answered NXDOMAIN" } },
      "no-pref64",
      /2001:db8::53 answered NXDOMAIN; set plat-prefix, or .* dns64-servers/,
    ],
    [
      "for a route, with the state of each device",
      { ...factsWithout("route"), snapshot: snapshotOf({ addresses: [] }) },
      "no-route",
      /no IPv6 route to the PLAT's prefix 64:ff9b::\/96 \(eth0 is up, without a global IPv6 address\)/,
    ],
    ["for plat-dev", { config: configOf("plat-dev=wwan0") }, "no-route", /wwan0 \(plat-dev\) does not exist/],
    [
      "for an address",
      { route: { dev: "eth0", source: "fe80::2", mtu: 1500 } },
      "no-clat-address",
      /only the link-local address fe80::2/,
    ],
    [
      "while there is native IPv4, and names it",
      { snapshot: withNative },
      "native-ipv4",
      /"default via 192.0.2.1 dev eth0".*v4-conncheck-enable=no/,
    ],
    [
      "for the delay of the check",
      { config: configOf("v4-conncheck-delay=10"), uptime: 9000 },
      "conncheck-delay",
      /10 s after the start/,
    ],
    ["after a failure", { failure: { text: "Cannot add it", again: 700 } }, "failed", /^Cannot add it$/],
  ];
  for (const [what, changes, reason, text] of cases) {
    it(`desire() waits ${what}`, () => {
      expect(waiting(changes)).toEqual({ reason, text: expect.stringMatching(text) });
    });
  }

  it("desire() says when to look again: the rest of the delay", () => {
    const state = desired({ config: configOf("v4-conncheck-delay=10"), uptime: 9000 });
    expect(state).toMatchObject({ lookAgainIn: 1000 });
  });

  it("desire() waits with the same text at every look during the delay, so that the log stays silent", () => {
    const config = configOf("v4-conncheck-delay=10");
    expect(waiting({ config, uptime: 2000 })).toEqual(waiting({ config, uptime: 8000 }));
  });
});

describe("desire() beside another clatd of the host", () => {
  const theirs: Route = { family: 4, destination: "default", dev: "other", table: 254, metric: 2048, mtu: 1480 };
  const link = { name: "other", kind: "tun", up: true, running: true, mtu: 1500 };
  const links = [...snapshotOf().links, link];
  const snapshot = snapshotOf({ links, routes: [...snapshotOf().routes, theirs] });
  const others = appliedOf({ do: "route.add", route: theirs });
  const elsewhere = configOf("v4-defaultroute-metric=4096");

  it("desire() does not take its default route for native IPv4", () => {
    expect(waiting({ snapshot, config: elsewhere }).reason).toBe("native-ipv4");
    expect(desired({ snapshot, others, config: elsewhere }).state).toBe("active");
  });

  it("desire() waits for native IPv4 all the same, and does not mistake it for that one's", () => {
    const both = snapshotOf({ links, routes: [...snapshotOf().routes, theirs, native] });
    expect(waiting({ snapshot: both, others, config: elsewhere }).text).toContain('"default via 192.0.2.1 dev eth0"');
  });

  it("desire() leaves its route where it is with v4-defaultroute-replace", () => {
    const config = configOf("v4-defaultroute-metric=4096", "v4-defaultroute-replace=yes");
    const both = snapshotOf({ links, routes: [...snapshotOf().routes, theirs, native] });
    const { effects } = active({ snapshot: both, others, config }).plan;
    expect(of(effects, "route.withhold")).toEqual([{ do: "route.withhold", route: native }]);
  });

  it("desire() waits where the place of its own default route is taken, and says what to set", () => {
    expect(waiting({ snapshot, others })).toEqual({
      reason: "route-taken",
      text: "Another clatd has the IPv4 default route, on other with metric 2048: give this one another v4-defaultroute-metric, or v4-defaultroute-enable=no",
    });
    expect(desired({ snapshot, others, config: configOf("v4-defaultroute-enable=no") }).state).toBe("active");
  });

  it("desire() minds nothing that a clatd has in another namespace, or had", () => {
    const inside = appliedOf({ do: "route.add", route: theirs, in: "clatd-other" });
    expect(waiting({ snapshot, others: inside, config: elsewhere }).reason).toBe("native-ipv4");
    expect(desired({ others }).state).toBe("active");
  });
});

describe("desire() with native IPv4", () => {
  it("desire() is active where the check is off", () => {
    expect(active({ snapshot: withNative, config: configOf("v4-conncheck-enable=no") }).pref64).toBe("64:ff9b::/96");
  });

  it("desire() does not take our own default route for native IPv4", () => {
    const ours = defaultRoute({});
    if (ours === undefined) throw new Error("no route");
    const clat = { name: "clat", kind: "tun", up: true, running: true, mtu: 1500 };
    const snapshot = snapshotOf({ routes: [...snapshotOf().routes, ours], links: [...snapshotOf().links, clat] });
    expect(desired({ snapshot, applied: appliedOf({ do: "route.add", route: ours }) }).state).toBe("active");
  });

  it("desire() sees another's route in the place where ours was", () => {
    const ours = defaultRoute({});
    if (ours === undefined) throw new Error("no route");
    const other = { ...native, metric: 2048 };
    const snapshot = snapshotOf({ routes: [...snapshotOf().routes, other] });
    const applied = appliedOf({ do: "route.add", route: ours });
    expect(waiting({ snapshot, applied }).reason).toBe("native-ipv4");
  });

  it("desire() ignores a default route on a device without carrier, and in other tables", () => {
    const links = snapshotOf().links.map((link) => ({ ...link, running: link.name === "lo" }));
    expect(desired({ snapshot: snapshotOf({ ...withNative, links }) }).state).toBe("active");
    const routes = [...snapshotOf().routes, { ...native, table: 51820 }];
    expect(desired({ snapshot: snapshotOf({ routes }) }).state).toBe("active");
  });

  it("desire() with v4-defaultroute-replace withholds the others, behind a route of our own", () => {
    const { effects } = active({ snapshot: withNative, config: configOf("v4-defaultroute-replace=yes") }).plan;
    const kinds = effects.map((effect) => effect.do);
    expect(of(effects, "route.withhold")).toEqual([{ do: "route.withhold", route: native }]);
    expect(kinds.indexOf("route.withhold")).toBeGreaterThan(kinds.lastIndexOf("route.add"));
  });

  it("desire() with v4-defaultroute-replace withholds a route of the same metric first, for ours takes its place", () => {
    const config = configOf("v4-defaultroute-replace=yes", "v4-defaultroute-metric=100");
    const { effects } = active({ snapshot: withNative, config }).plan;
    const kinds = effects.map((effect) => effect.do);
    expect(kinds.indexOf("route.withhold")).toBeLessThan(kinds.lastIndexOf("route.add"));
  });

  it("desire() keeps withholding a route that it withholds already, and lets go of one whose device is gone", () => {
    const config = configOf("v4-defaultroute-replace=yes");
    const gone = { ...native, dev: "eth9" };
    const applied = appliedOf({ do: "route.withhold", route: native }, { do: "route.withhold", route: gone });
    expect(of(active({ config, applied }).plan.effects, "route.withhold")).toEqual([
      { do: "route.withhold", route: native },
    ]);
  });

  it("desire() withholds a route once that is back with another source, as it is now", () => {
    const config = configOf("v4-defaultroute-replace=yes");
    const back = { ...native, source: "192.0.2.11" };
    const snapshot = snapshotOf({ routes: [...snapshotOf().routes, back] });
    const applied = appliedOf({ do: "route.withhold", route: native });
    expect(of(active({ config, applied, snapshot }).plan.effects, "route.withhold")).toEqual([
      { do: "route.withhold", route: back },
    ]);
  });

  it("desire() with v4-defaultroute-replace but without v4-defaultroute-enable only takes away", () => {
    const config = configOf("v4-defaultroute-replace=yes", "v4-defaultroute-enable=no");
    const { effects } = active({ snapshot: withNative, config }).plan;
    expect(of(effects, "route.withhold")).toHaveLength(1);
    expect(of(effects, "route.add").some(({ route }) => route.family === 4)).toBe(false);
  });
});

describe("desire() active", () => {
  it("desire() says where IPv4 goes", () => {
    const { plan: _plan, engineEffects: _engineEffects, inUse: _inUse, ...rest } = active();
    expect(rest).toEqual({
      state: "active",
      pref64: "64:ff9b::/96",
      origin: "dns64",
      uplink: "eth0",
      clatV4: "192.0.0.1",
      clatV6: hostAddress,
      engine: "userspace",
      mtu: { v4: 1480, v6: 1500 },
      notes: [],
    });
  });

  it("desire() gives the translator one EAM and every PREF64, the first one first", () => {
    const prefixes = ["2001:db8:64::/96", "64:ff9b::/96"];
    expect(active({ pref64: { origin: "ra", found: true, prefixes } }).plan.translator?.spec).toMatchObject({
      pref64s: prefixes,
      eams: [{ v4: "192.0.0.1/32", v6: `${hostAddress}/128` }],
      mtuV6: 1500,
      translatorV4: "192.0.0.2",
      icmpSource: "192.0.0.8",
    });
  });

  const routes: readonly (readonly [string, readonly string[], Partial<Route>])[] = [
    ["the path's MTU less 20, and 40 less for the MSS", [], { metric: 2048, mtu: 1480, advmss: 1440 }],
    ["v4-defaultroute-mtu", ["v4-defaultroute-mtu=1260"], { mtu: 1260, advmss: 1220 }],
    ["v4-defaultroute-advmss", ["v4-defaultroute-advmss=1000"], { mtu: 1480, advmss: 1000 }],
    ["v4-defaultroute-metric", ["v4-defaultroute-metric=0"], { metric: 0 }],
    ["clat-dev", ["clat-dev=siit0"], { dev: "siit0" }],
  ];
  for (const [what, settings, expected] of routes) {
    it(`desire() gives the IPv4 default route ${what}`, () => {
      expect(defaultRoute({ config: configOf(...settings) })).toMatchObject(expected);
    });
  }

  it("desire() leaves MTU and MSS out where v4-defaultroute-mtu=0", () => {
    const route = defaultRoute({ config: configOf("v4-defaultroute-mtu=0") });
    expect(route).toEqual({ family: 4, destination: "default", dev: "clat", table: 254, metric: 2048 });
  });

  it("desire() switches accept_ra to 2 before forwarding on, and not again where it stands by us", () => {
    const sysctls = { "net.ipv6.conf.all.forwarding": "1", "net.ipv6.conf.eth0.accept_ra": "2" };
    const first = of(active().plan.effects, "sysctl.set").filter(({ key }) => !key.includes(".clat."));
    expect(first.map(({ key, value }) => `${key}=${value}`)).toEqual([
      "net.ipv6.conf.eth0.accept_ra=2",
      "net.ipv6.conf.all.forwarding=1",
    ]);
    const again = active({ snapshot: snapshotOf({ sysctls }), applied: appliedOf(...first) });
    expect(again.plan.effects).toEqual(active().plan.effects);
    const theirs = active({ snapshot: snapshotOf({ sysctls }) }).plan.effects;
    expect(of(theirs, "sysctl.set").filter(({ key }) => !key.includes(".clat."))).toEqual([]);
  });

  it("desire() leaves the local rule to who has moved it, but knows when that was us", () => {
    const rules = snapshotOf().rules.filter(({ table }) => table !== 255);
    const withheld = { do: "rule.withhold", rule: { family: 6, priority: 0, table: 255 } } as const;
    expect(of(active({ snapshot: snapshotOf({ rules }) }).plan.effects, "rule.withhold")).toEqual([]);
    const ours = active({ snapshot: snapshotOf({ rules }), applied: appliedOf(withheld) });
    expect(of(ours.plan.effects, "rule.withhold")).toEqual([withheld]);
  });

  it("desire() for a derived address takes c1a7 for fffe, proxies it and needs no mark", () => {
    const { clatV6, plan } = active({ config: configOf("clat-v6-addr=derived") });
    expect(clatV6).toBe("2001:db8:1:0:5054:c1:a700:1");
    expect(of(plan.effects, "neighbour.proxy")).toEqual([{ do: "neighbour.proxy", dev: "eth0", address: clatV6 }]);
    expect(of(plan.effects, "nft.table")).toEqual([]);
  });
});

function factsWithout(name: "pref64" | "route"): Partial<Facts> {
  return { [name]: undefined } as unknown as Partial<Facts>;
}
