import { describe, expect, it } from "vitest";
import type { Effect } from "../../../src/os/effect.js";
import { effectKey, isPresent, isRoute, sameEffect } from "../../../src/os/identity.js";
import type { NetSnapshot } from "../../../src/os/snapshot.js";

const empty: NetSnapshot = {
  links: [],
  addresses: [],
  routes: [],
  rules: [],
  proxies: [],
  sysctls: {},
  nft: [],
  programs: [],
};

describe("effectKey()", () => {
  const route = (more: object): Effect => ({
    do: "route.add",
    route: { family: 4, destination: "default", table: 254, ...more },
  });
  const pairs: readonly (readonly [string, Effect, Effect, boolean])[] = [
    ["routes that lead elsewhere", route({ dev: "a" }), route({ dev: "b" }), true],
    ["routes of other metrics", route({ metric: 1 }), route({ metric: 2 }), false],
    ["routes of other tables", route({}), route({ table: 100 }), false],
    ["the default route spelled as a prefix", route({}), route({ destination: "0.0.0.0/0" }), true],
    ["families", route({}), route({ family: 6 }), false],
    ["IPv6's metric of those that have none", route({ family: 6 }), route({ family: 6, metric: 1024 }), true],
    [
      "an address spelled otherwise",
      { do: "address.add", dev: "a", address: "2001:db8:0::1/64" },
      { do: "address.add", dev: "a", address: "2001:db8::1/64", deprecated: true },
      true,
    ],
    [
      "an address of other lengths",
      { do: "address.add", dev: "a", address: "192.0.2.1/24" },
      { do: "address.add", dev: "a", address: "192.0.2.1/32" },
      false,
    ],
    [
      "an IPv6 address of other lengths, which the kernel knows once on a device",
      { do: "address.add", dev: "a", address: "2001:db8::1/64" },
      { do: "address.add", dev: "a", address: "2001:db8::1/128", peer: "2001:db8::2" },
      true,
    ],
    [
      "a local route of IPv6 with the kernel's metric",
      { do: "route.add", route: { family: 6, destination: "2001:db8::/96", table: 255, type: "local", dev: "lo" } },
      {
        do: "route.add",
        route: { family: 6, destination: "2001:db8::/96", table: 255, type: "local", dev: "lo", metric: 1024 },
      },
      true,
    ],
    [
      "values of a sysctl",
      { do: "sysctl.set", key: "a.b", value: "1" },
      { do: "sysctl.set", key: "a.b", value: "2" },
      true,
    ],
    ["properties of a link", { do: "link.set", name: "a", up: true }, { do: "link.set", name: "a", mtu: 1400 }, false],
    [
      "a link and its properties",
      { do: "link.add", name: "a", link: { kind: "bridge" } },
      { do: "link.set", name: "a", up: true },
      false,
    ],
    [
      "namespaces",
      { do: "link.add", name: "a", link: { kind: "bridge" } },
      { do: "link.add", in: "n", name: "a", link: { kind: "bridge" } },
      false,
    ],
    [
      "a mark with its full mask",
      { do: "rule.add", rule: { family: 6, priority: 1, fwmark: 5, table: 9 } },
      { do: "rule.add", rule: { family: 6, priority: 1, fwmark: 5, fwmask: 0xffffffff, table: 9 } },
      true,
    ],
    [
      "an added and a withheld rule",
      { do: "rule.add", rule: { family: 6, priority: 1, table: 9 } },
      { do: "rule.withhold", rule: { family: 6, priority: 1, table: 9 } },
      false,
    ],
  ];
  it.each(pairs)("%s: the same place or not", (_name, a, b, same) => {
    expect(effectKey(a) === effectKey(b)).toBe(same);
  });
});

describe("sameEffect()", () => {
  it("does not look at the order of properties", () => {
    const a: Effect = { do: "rule.add", rule: { family: 6, priority: 1, table: 9 } };
    const b: Effect = { rule: { table: 9, priority: 1, family: 6 }, do: "rule.add" };
    expect(sameEffect(a, b)).toBe(true);
    expect(sameEffect(a, { ...b, in: "n" })).toBe(false);
  });
});

describe("isPresent()", () => {
  it("is unknown for what a snapshot does not show", () => {
    const effects: readonly Effect[] = [
      { do: "netns.add", name: "n" },
      { do: "file.write", path: "/run/x", text: "" },
      { do: "process.start", name: "p", command: ["p"] },
      { do: "sysctl.set", key: "net.core.somaxconn", value: "1" },
      { do: "link.set", name: "a", features: { tso: false } },
    ];
    const links = [{ name: "a", kind: "veth", up: true, running: true, mtu: 1500 }];
    expect(effects.map((effect) => isPresent(effect, { ...empty, links }))).toEqual(effects.map(() => "unknown"));
  });

  it("is false for a sysctl of a device that is gone", () => {
    expect(isPresent({ do: "sysctl.set", key: "net.ipv6.conf.a.accept_ra", value: "2" }, empty)).toBe(false);
  });

  it("is false for a link of that name and another kind", () => {
    const links = [{ name: "clat", kind: "bridge", up: true, running: true, mtu: 1500 }];
    const tun: Effect = { do: "link.add", name: "clat", link: { kind: "tun", offloads: true } };
    expect(isPresent(tun, { ...empty, links })).toBe(false);
  });

  it("is false for an address that another host has (RFC 4862 §5.4.5)", () => {
    const state = {
      dev: "a",
      family: 6,
      address: "2001:db8::1",
      length: 64,
      scope: "global",
      tentative: true,
      deprecated: false,
      temporary: false,
    } as const;
    const effect: Effect = { do: "address.add", dev: "a", address: "2001:db8::1/64" };
    expect(isPresent(effect, { ...empty, addresses: [{ ...state, dadFailed: false }] })).toBe(true);
    expect(isPresent(effect, { ...empty, addresses: [{ ...state, dadFailed: true }] })).toBe(false);
  });

  it("is false for a route whose MTU somebody changed", () => {
    const route = { family: 4, destination: "default", dev: "clat", table: 254, metric: 2048, mtu: 1260 } as const;
    const effect: Effect = { do: "route.add", route };
    const shown = { ...route, protocol: "boot", scope: "link" };
    expect(isPresent(effect, { ...empty, routes: [shown] })).toBe(true);
    expect(isPresent(effect, { ...empty, routes: [{ ...shown, mtu: 1500 }] })).toBe(false);
    expect(isPresent(effect, { ...empty, routes: [{ ...shown, dev: "eth0" }] })).toBe(false);
  });
});

describe("isRoute()", () => {
  it("knows an unreachable IPv6 route by the loopback device that the kernel shows", () => {
    const asked = { family: 6, destination: "2001:db8::/32", table: 254, type: "unreachable" } as const;
    expect(isRoute({ ...asked, dev: "lo", metric: 1024 }, asked)).toBe(true);
    expect(isRoute({ ...asked, type: "blackhole" }, asked)).toBe(false);
  });
});
