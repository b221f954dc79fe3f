import { describe, expect, it } from "vitest";
import { describeEffect, describeRevert } from "../../../src/os/describe.js";
import type { Applied } from "../../../src/os/driver.js";
import type { Effect, Route } from "../../../src/os/effect.js";
import type { NetSnapshot } from "../../../src/os/snapshot.js";
import { type Difference, diff, type Step } from "../../../src/plan/diff.js";
import { repairsIn } from "../../../src/plan/repairs.js";
import { appliedOf, snapshotOf } from "./facts-of.js";

const tun: Effect = { do: "link.add", name: "clat", link: { kind: "tun", offloads: true } };
const up: Effect = { do: "link.set", name: "clat", up: true };
const mtu = (value: number): Effect => ({ do: "link.set", name: "clat", mtu: value });
const forwarding: Effect = { do: "sysctl.set", key: "net.ipv6.conf.all.forwarding", value: "1" };
const acceptRa: Effect = { do: "sysctl.set", key: "net.ipv6.conf.eth0.accept_ra", value: "2" };
const addrGen: Effect = { do: "sysctl.set", key: "net.ipv6.conf.clat.addr_gen_mode", value: "1" };
const v4: Effect = { do: "address.add", dev: "clat", address: "192.0.0.1/32" };
const route = (changes: Partial<Route> = {}): Effect => ({
  do: "route.add",
  route: { family: 4, destination: "default", dev: "clat", table: 254, metric: 2048, ...changes },
});
const rule = (to: string): Effect => ({ do: "rule.add", rule: { family: 6, priority: 1, to, table: 0xc1a7 } });
const nft = (body: string): Effect => ({ do: "nft.table", family: "ip6", name: "clatd-clat", body });

const all = [tun, addrGen, up, acceptRa, forwarding, rule("2001:db8::1/128"), nft("x"), v4, route()];

/** The system after these effects. */
function systemWith(effects: readonly Effect[]): NetSnapshot {
  const base = snapshotOf();
  const links = [...base.links];
  const addresses = [...base.addresses];
  const routes = [...base.routes];
  const rules = [...base.rules];
  const sysctls = { ...base.sysctls };
  const tables: NetSnapshot["nft"][number][] = [];
  for (const effect of effects) {
    if (effect.do === "link.add") links.push({ name: "clat", kind: "tun", up: true, running: true, mtu: 1500 });
    if (effect.do === "address.add")
      addresses.push({ ...plainAddress, dev: "clat", family: 4, address: "192.0.0.1", length: 32 });
    if (effect.do === "route.add") routes.push(effect.route);
    if (effect.do === "rule.add") rules.push(effect.rule);
    if (effect.do === "sysctl.set" && !effect.key.endsWith("addr_gen_mode")) sysctls[effect.key] = effect.value;
    if (effect.do === "nft.table") tables.push({ family: effect.family, name: effect.name, text: effect.body });
  }
  return { ...base, links, addresses, routes, rules, sysctls, nft: tables };
}

const plainAddress = { scope: "global", tentative: false, dadFailed: false, deprecated: false, temporary: false };

function without(snapshot: NetSnapshot, part: "links" | "addresses" | "routes" | "rules" | "nft"): NetSnapshot {
  const dropClat = (value: unknown): boolean => !JSON.stringify(value).includes("clat") && !hasTable(value);
  return { ...snapshot, [part]: (snapshot[part] as readonly unknown[]).filter(dropClat) };
}

function hasTable(value: unknown): boolean {
  return typeof value === "object" && value !== null && "table" in value && value.table === 0xc1a7;
}

function words(step: Step): string {
  switch (step.do) {
    case "undo":
      return `- ${describeRevert(step.applied.effect).join("; ")} (${step.why})`;
    case "apply":
      return `+ ${describeEffect(step.effect).join("; ")}${step.why === "again" ? " (again)" : ""}`;
    case "amend":
      return `~ ${describeEffect(step.effect).join("; ")}`;
  }
}

function shown({ make, clear }: Difference): string[] {
  return [...make.map(words), ...(clear.length > 0 ? ["--"] : []), ...clear.map(words)];
}

const applied: readonly Applied[] = appliedOf(...all);
const nothing: Difference = { make: [], clear: [] };

describe("diff()", () => {
  it("diff() has no steps where all that is wanted stands", () => {
    expect(diff(applied, all, systemWith(all))).toEqual(nothing);
  });

  it("diff() does not care about the order of an effect's properties", () => {
    const turned = { address: "192.0.0.1/32", dev: "clat", do: "address.add" } as const;
    expect(diff(appliedOf(tun, v4), [tun, turned], systemWith([tun, v4]))).toEqual(nothing);
  });

  it("diff() applies all in order where nothing is applied", () => {
    expect(diff([], all, snapshotOf()).make).toEqual(all.map((effect) => ({ do: "apply", effect, why: "new" })));
  });

  it("diff() undoes all in reverse where nothing is wanted", () => {
    const { make, clear } = diff(applied, [], systemWith(all));
    expect(make).toEqual([]);
    expect(clear.map((step) => step.do === "undo" && step.applied.effect)).toEqual(all.toReversed());
  });

  it("diff() makes new things before old ones go", () => {
    const wanted = [tun, rule("2001:db8::2/128")];
    const have = [tun, rule("2001:db8::1/128")];
    expect(shown(diff(appliedOf(...have), wanted, systemWith(have)))).toEqual([
      "+ ip -6 rule add pref 1 from all to 2001:db8::2/128 lookup 49575",
      "--",
      "- ip -6 rule del pref 1 from all to 2001:db8::1/128 lookup 49575 (unwanted)",
    ]);
  });

  it("diff() undoes first where old and new need one place", () => {
    const have = [tun, up, v4, route({ mtu: 1480 })];
    expect(shown(diff(appliedOf(...have), [tun, up, v4, route({ mtu: 1260 })], systemWith(have)))).toEqual([
      "- ip route del default dev clat metric 2048 mtu 1480 (changed)",
      "+ ip route add default dev clat metric 2048 mtu 1260 (again)",
    ]);
  });

  it("diff() sets a property over its old value, so that nothing that stands on it goes", () => {
    const have = [tun, up, mtu(1500), v4, route()];
    expect(shown(diff(appliedOf(...have), [tun, up, mtu(1400), v4, route()], systemWith(have)))).toEqual([
      "~ ip link set clat mtu 1400",
    ]);
  });

  it("diff() puts back a route that somebody deleted, and nothing else", () => {
    expect(shown(diff(applied, all, { ...systemWith(all), routes: snapshotOf().routes }))).toEqual([
      "- ip route del default dev clat metric 2048 (lost)",
      "+ ip route add default dev clat metric 2048 (again)",
    ]);
  });

  it("diff() puts back a rule, an nft table, a sysctl", () => {
    const now = systemWith(all);
    expect(shown(diff(applied, all, without(now, "rules")))).toHaveLength(2);
    expect(shown(diff(applied, all, without(now, "nft")))).toHaveLength(2);
    const sysctls = { ...now.sysctls, "net.ipv6.conf.all.forwarding": "0" };
    expect(shown(diff(applied, all, { ...now, sysctls }))).toEqual([
      "- # sysctl net.ipv6.conf.all.forwarding back to what it was (lost)",
      "+ sysctl -w net.ipv6.conf.all.forwarding=1 (again)",
    ]);
  });

  it("diff() does everything on a device again that somebody deleted, and keeps the rest", () => {
    const now = systemWith(all);
    const gone = without(without(without(now, "links"), "addresses"), "routes");
    const again = [tun, addrGen, up, v4, route()];
    const { make, clear } = diff(applied, all, gone);
    expect(clear).toEqual([]);
    expect(make.flatMap((step) => (step.do === "undo" ? [step.applied.effect] : []))).toEqual(again.toReversed());
    expect(make.flatMap((step) => (step.do === "apply" ? [step.effect] : []))).toEqual(again);
  });

  it("diff() does everything on a device again where the device is made anew", () => {
    const other: Effect = { do: "link.add", name: "clat", link: { kind: "tun", offloads: false } };
    const wanted = [other, ...all.slice(1)];
    const { make } = diff(applied, wanted, systemWith(all));
    expect(make.flatMap((step) => (step.do === "apply" ? [step.effect] : []))).toEqual([
      other,
      addrGen,
      up,
      v4,
      route(),
    ]);
    expect(shown({ make: make.slice(0, 2), clear: [] })).toEqual([
      "- ip route del default dev clat metric 2048 (stands on what is redone)",
      "- ip address del 192.0.0.1/32 dev clat (stands on what is redone)",
    ]);
  });

  it("diff() lets go of what stood on a device that is gone for good, before the rest", () => {
    const sysctl: Effect = { do: "sysctl.set", key: "net.ipv6.conf.wwan0/1.accept_ra", value: "2" };
    expect(shown(diff(appliedOf(forwarding, sysctl), [forwarding], systemWith([forwarding])))).toEqual([
      "- # sysctl net.ipv6.conf.wwan0/1.accept_ra back to what it was (lost)",
    ]);
  });

  it("diff() undoes an unwanted effect before the device under it is made anew", () => {
    const other: Effect = { do: "link.add", name: "clat", link: { kind: "tun", offloads: false } };
    const { make, clear } = diff(appliedOf(tun, v4), [other], systemWith([tun, v4]));
    expect(clear).toEqual([]);
    expect(make.map((step) => (step.do === "undo" ? step.applied.effect.do : step.do))).toEqual([
      "address.add",
      "link.add",
      "apply",
    ]);
  });

  it("diff() withholds anew a route that somebody has put back", () => {
    const native: Route = { family: 4, destination: "default", dev: "eth0", via: "192.0.2.1", table: 254 };
    const withhold: Effect = { do: "route.withhold", route: native };
    const back = snapshotOf({ routes: [...snapshotOf().routes, native] });
    expect(diff(appliedOf(withhold), [withhold], back).make.map((step) => step.do)).toEqual(["undo", "apply"]);
    expect(diff(appliedOf(withhold), [withhold], snapshotOf())).toEqual(nothing);
  });

  it("repairsIn() names the device alone where all on it went with it", () => {
    const now = systemWith(all);
    const gone = without(without(without(now, "links"), "addresses"), "routes");
    expect(repairsIn(diff(applied, all, gone).make)).toEqual([tun]);
    expect(repairsIn(diff(applied, all, { ...now, routes: snapshotOf().routes }).make)).toEqual([route()]);
    expect(repairsIn(diff(applied, [], gone).make)).toEqual([]);
  });
});
