// The model beside the kernel: the same random walks of effects and undoings on both. Each step must be refused by both or
// by none, with the same code, and leave both looking the same.

import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { type Applied, type OsDriver, OsError } from "../../../src/os/driver.js";
import type { Effect, Route } from "../../../src/os/effect.js";
import { FakeOs } from "../../../src/os/fake/fake-os.js";
import { LinuxOs } from "../../../src/os/linux/linux-os.js";
import type { NetSnapshot } from "../../../src/os/snapshot.js";
import { network } from "../../unit/os/suite/network.js";
import { applyTo } from "../../unit/os/suite/subject.js";
import { holder, whyNot } from "./holder.js";

const reason = await whyNot();
const walks = Number(process.env["CLATD_WALKS"] ?? 12);

const dev = fc.constantFrom("up0", "up1", "clat", "br0", "nope");
const maybe = <T>(...values: readonly T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
const metric = maybe(0, 5, 256, 1024, 2048);
const advmss = maybe(1220, 1400);
const onlink = maybe(true as const);
const protocol = maybe("static", "ra", "dhcp");
const table = fc.constantFrom(254, 0xc1a7);

const route4 = fc
  .record({
    family: fc.constant(4 as const),
    destination: fc.constantFrom("default", "198.51.100.0/24", "192.0.2.0/24"),
    dev: fc.option(dev, { nil: undefined }),
    via: maybe("192.0.2.2", "198.51.100.2"),
    source: maybe("192.0.2.1", "192.0.0.1"),
    metric,
    table,
    mtu: maybe(1260, 1400),
    advmss,
    onlink,
    protocol,
    scope: maybe("link", "global", "host"),
  })
  .filter((route) => route.dev !== undefined || route.via !== undefined);
const route6 = fc
  .record({
    family: fc.constant(6 as const),
    destination: fc.constantFrom("default", "2001:db8:7::/48", "2001:db8::c1a7/128"),
    dev: fc.option(dev, { nil: undefined }),
    via: maybe("fe80::1", "2001:db8::2", "2001:db8:7::1"),
    source: maybe("2001:db8::1", "2001:db8::9"),
    metric,
    table,
    mtu: maybe(1280, 1400),
    advmss,
    onlink,
    protocol,
    pref: maybe("low", "medium", "high"),
  })
  .filter((route) => route.dev !== undefined || (route.via !== undefined && route.via !== "fe80::1"));
const refusing = fc.constantFrom<Route>(
  { family: 4, destination: "198.51.100.0/24", table: 254, type: "unreachable" },
  { family: 6, destination: "2001:db8:7::/48", table: 254, type: "unreachable" },
  { family: 6, destination: "default", table: 0xc1a7, type: "blackhole" },
  { family: 4, destination: "default", table: 254, type: "prohibit", metric: 5 },
  { family: 6, destination: "default", table: 254, type: "prohibit", metric: 0 },
  { family: 6, destination: "2001:db8:7::/96", dev: "lo", table: 255, type: "local" },
);

const effect: fc.Arbitrary<Effect> = fc.oneof(
  fc.constantFrom<Effect>(
    { do: "link.add", name: "clat", link: { kind: "tun", offloads: true } },
    { do: "link.add", name: "br0", link: { kind: "bridge" } },
    { do: "link.add", name: "a0", link: { kind: "veth", peer: "a1" } },
    { do: "rule.add", rule: { family: 6, priority: 1, table: 255 } },
    { do: "rule.withhold", rule: { family: 6, priority: 0, table: 255 } },
    { do: "rule.add", rule: { family: 6, priority: 0, to: "2001:db8::c1a7/128", table: 0xc1a7 } },
    { do: "rule.add", rule: { family: 4, priority: 7, fwmark: 0x10, table: 0xc1a7 } },
    { do: "rule.add", rule: { family: 4, priority: 7, fwmark: 0x10, fwmask: 0xffffffff, table: 0xc1a7 } },
    { do: "rule.add", rule: { family: 4, priority: 7, fwmark: 0x10, fwmask: 0xff, table: 0xc1a7 } },
    { do: "rule.add", rule: { family: 6, priority: 7, from: "2001:db8::/64", table: 254 } },
    { do: "rule.add", rule: { family: 6, priority: 7, from: "2001:db8::1/64", table: 0xc1a7 } },
    { do: "rule.add", rule: { family: 6, priority: 7, iif: "up0", table: 0xc1a7, protocol: "static" } },
    { do: "rule.withhold", rule: { family: 6, priority: 7, iif: "up0", table: 0xc1a7 } },
    { do: "rule.withhold", rule: { family: 6, priority: 32766, table: 254 } },
    { do: "link.add", name: "b0", link: { kind: "veth", peer: "b1", direct: true }, mtu: 1000 },
    { do: "link.add", name: "br0", link: { kind: "bridge" }, mtu: 1400 },
    { do: "address.add", dev: "up0", address: "192.0.0.1/32", peer: "192.0.0.9" },
    { do: "address.add", dev: "up0", address: "2001:db8::b/128", nodad: true, deprecated: true, lifetime: 600 },
    { do: "address.add", dev: "up0", address: "2001:db8::b/64", nodad: true, deprecated: true },
    { do: "address.add", dev: "lo", address: "2001:db8:7::1/128", nodad: true },
    { do: "sysctl.set", key: "net.ipv6.conf.up0.disable_ipv6", value: "1" },
    { do: "sysctl.set", key: "net.ipv6.conf.clat.disable_ipv6", value: "1" },
    { do: "sysctl.set", key: "net.ipv6.conf.up0.accept_ra", value: "2" },
  ),
  fc.record({ do: fc.constant("link.set" as const), name: dev, up: fc.boolean() }),
  fc.record({ do: fc.constant("link.set" as const), name: dev, mtu: fc.constantFrom(1000, 1280, 1500, 40, 9000) }),
  fc.record({ do: fc.constant("link.set" as const), name: fc.constantFrom("up1", "clat"), master: fc.constant("br0") }),
  fc.record({
    do: fc.constant("address.add" as const),
    dev,
    address: fc.constantFrom(
      "192.0.0.1/32",
      "192.0.2.7/24",
      "198.51.100.9/24",
      "2001:db8::9/64",
      "2001:db8:7::9/64",
      "2001:db8::c1a7/128",
    ),
    nodad: fc.constant(true),
  }),
  fc.record({
    do: fc.constant("neighbour.proxy" as const),
    dev,
    address: fc.constantFrom("2001:db8::c1a7", "2001:db8::c1a8"),
  }),
  fc.record({
    do: fc.constant("sysctl.set" as const),
    key: fc.constantFrom(
      "net.ipv6.conf.all.forwarding",
      "net.ipv6.conf.default.forwarding",
      "net.ipv6.conf.up0.forwarding",
      "net.ipv6.conf.clat.forwarding",
      "net.ipv4.ip_forward",
      "net.ipv4.conf.up1.forwarding",
      "net.ipv6.conf.up0.proxy_ndp",
    ),
    value: fc.constantFrom("0", "1"),
  }),
  fc.record({ do: fc.constant("route.add" as const), route: fc.oneof(route4, route6, refusing).map(defined) }),
  fc.record({ do: fc.constant("route.withhold" as const), route: fc.oneof(route4, route6).map(defined) }),
);

const step = fc.oneof(
  { weight: 4, arbitrary: effect.map((what) => ({ do: what })) },
  { weight: 1, arbitrary: fc.nat().map((which) => ({ undo: which })) },
);

describe("FakeOs beside LinuxOs", () => {
  beforeEach(({ skip }) => {
    if (reason !== undefined) skip(reason);
  });

  it(
    "walks the same ways",
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 24 }), async (steps) => {
          const held = await holder();
          const kernel = new LinuxOs({ place: held.place });
          const model = new FakeOs();
          try {
            for (const os of [kernel, model]) await applyTo(os, network);
            const done: (readonly [Applied, Applied])[] = [];
            for (const [at, one] of steps.entries()) {
              const text = `step ${at}: ${JSON.stringify(one)}`;
              if ("do" in one) {
                const [real, fake] = [await attempt(kernel, one.do), await attempt(model, one.do)];
                expect(fake.code ?? "done", `${text}\n${real.text}\n${fake.text}`).toBe(real.code ?? "done");
                if (real.applied !== undefined && fake.applied !== undefined) done.push([real.applied, fake.applied]);
              } else {
                const [pair] = done.splice(one.undo % Math.max(1, done.length), 1);
                if (pair === undefined) continue;
                expect(await undo(model, pair[1]), text).toBe(await undo(kernel, pair[0]));
              }
              await sameOf(model, kernel, text);
            }
            for (const [real, fake] of done.toReversed()) {
              expect(await undo(model, fake)).toBe(await undo(kernel, real));
            }
            await sameOf(model, kernel, "at the end");
          } finally {
            await kernel[Symbol.asyncDispose]();
            await held.end();
          }
        }),
        {
          seed: Number(process.env["CLATD_SEED"] ?? 464),
          numRuns: walks,
          endOnFailure: process.env["CLATD_SHRINK"] === undefined,
        },
      );
    },
    300_000 + walks * 5_000,
  );
});

/** The kernel tells itself of a carrier a little later than it answers. */
async function sameOf(model: OsDriver, kernel: OsDriver, text: string): Promise<void> {
  const wanted = comparable(await model.snapshot());
  await vi.waitFor(async () => expect(wanted, text).toEqual(comparable(await kernel.snapshot())), { timeout: 60_000 });
}

interface Attempt {
  readonly applied?: Applied;
  readonly code?: string;
  readonly text: string;
}

async function attempt(os: OsDriver, what: Effect): Promise<Attempt> {
  try {
    const applied = await os.prepare(what);
    await os.perform(applied);
    return { applied, text: "done" };
  } catch (error) {
    if (error instanceof OsError) return { code: error.code, text: error.message };
    throw error;
  }
}

async function undo(os: OsDriver, applied: Applied): Promise<string> {
  try {
    await os.revert(applied);
    return "undone";
  } catch (error) {
    if (error instanceof OsError) return error.code;
    throw error;
  }
}

/** Without what is made out of random numbers (link-layer addresses), and what lags behind in the real one (carrier). */
function comparable(snapshot: NetSnapshot): unknown {
  return {
    ...snapshot,
    links: snapshot.links.map(({ mac: _mac, running: _running, ...link }) => link),
    addresses: snapshot.addresses.filter(({ address }) => !address.startsWith("fe80:")),
    routes: snapshot.routes.filter(({ destination }) => !destination.startsWith("fe80:")),
  };
}

function defined<T extends object>(value: T): Route {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as unknown as Route;
}
