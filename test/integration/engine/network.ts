// Three namespaces in a holder, `host` – `router` – `server`: an IPv6-only host, and a server that owns the IPv6 form of
// an IPv4 address itself, so that no PLAT takes part.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, vi } from "vitest";
import type { Placement } from "../../../src/engine/engine.js";
import type { Applied } from "../../../src/os/driver.js";
import type { Effect } from "../../../src/os/effect.js";
import { LinuxOs } from "../../../src/os/linux/linux-os.js";
import type { Place } from "../../../src/os/linux/place.js";
import type { TranslationSpec } from "../../../src/xlat/spec.js";
import { holder } from "../os/holder.js";

export const serverV4 = "198.51.100.1";
export const serverV6 = "2001:db8:64::c633:6401";
export const hostV6 = "2001:db8:1::10";
const ownV6 = "2001:db8:1::c1a7";
const pref64 = "2001:db8:64::/96";
export const translatorV4 = "192.0.0.2";

interface Outcome {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

export interface Network extends AsyncDisposable {
  /** Seconds that an answer may take: many, since the machine may be busy; less where none is expected. */
  patience: number;
  readonly os: LinuxOs;
  readonly place: Place;
  apply(...effects: readonly Effect[]): Promise<readonly Applied[]>;
  /** Last first. */
  revert(applied: readonly Applied[]): Promise<void>;
  run(netns: string, ...command: readonly string[]): Promise<Outcome>;
  /** One echo request, in words for ping. */
  ping(netns: string, ...words: readonly string[]): Promise<Outcome>;
  /** One operation of client.mjs on the host. */
  client(...words: readonly (string | number)[]): Promise<unknown>;
}

export async function network(): Promise<Network> {
  const held = await holder();
  const { place } = held;
  const os = new LinuxOs({ place });
  const apply = async (...effects: readonly Effect[]): Promise<readonly Applied[]> => {
    const applied = await os.prepareAll(effects);
    await os.performAll(applied);
    return applied;
  };
  await apply(...topology());
  for (const netns of ["host", "router", "server"]) await settled(os, netns);

  const run = async (netns: string, ...command: readonly string[]): Promise<Outcome> => {
    const [first = "", ...rest] = [...place.inside(netns), ...command];
    const child = spawn(first, rest, { stdio: ["ignore", "pipe", "pipe"] });
    const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    return { code: Number(code), output, errors };
  };
  const server = await startServer(place.inside("server"));
  const net: Network = {
    patience: 10,
    os,
    place,
    apply,
    revert: async (applied) => {
      for (const one of applied.toReversed()) await os.revert(one);
    },
    run,
    ping: (netns, ...words) => run(netns, "ping", "-n", "-c1", `-W${net.patience}`, ...words),
    client: async (...words) => {
      const command = [process.execPath, program("client.mjs"), `${net.patience * 1000}`, ...words.map(String)];
      const { code, output, errors } = await run("host", ...command);
      if (code !== 0) throw new Error(errors);
      return JSON.parse(output) as unknown;
    },
    [Symbol.asyncDispose]: async () => {
      server.stdin?.end();
      await os[Symbol.asyncDispose]();
      await held.end();
    },
  };
  return net;
}

/** Until every link runs and has its link-local address: the kernel does that on its own, a little later than it answers. */
async function settled(os: LinuxOs, netns: string): Promise<void> {
  await vi.waitFor(async () => {
    const { links, addresses } = await os.snapshot(netns);
    const unfinished = links.filter(({ name, running }) => {
      const own = addresses.some(({ dev, scope, tentative }) => dev === name && scope === "link" && !tentative);
      return !running || (name !== "lo" && !own);
    });
    expect(unfinished).toEqual([]);
  }, 60_000);
}

async function startServer(inside: readonly string[]): Promise<ChildProcess> {
  const [first = "", ...rest] = [...inside, process.execPath, program("peer.mjs"), serverV6];
  const child = spawn(first, rest, { stdio: ["pipe", "pipe", "inherit"] });
  await once(createInterface(child.stdout), "line");
  return child;
}

function program(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

function topology(): readonly Effect[] {
  const names = ["host", "router", "server"];
  const noDad = (netns: string): Effect => ({
    do: "sysctl.set",
    key: "net.ipv6.conf.default.accept_dad",
    value: "0",
    in: netns,
  });
  const up = (netns: string, name: string): Effect => ({ do: "link.set", name, up: true, in: netns });
  const address = (netns: string, dev: string, text: string): Effect => ({
    do: "address.add",
    dev,
    address: text,
    nodad: true,
    in: netns,
  });
  const route = (netns: string, destination: string, via: string, dev: string): Effect => ({
    do: "route.add",
    route: { family: 6, destination, via, dev, table: 254 },
    in: netns,
  });
  const cable = (netns: string, peer: string, peerNetns: string): Effect => ({
    do: "link.add",
    name: "eth0",
    link: { kind: "veth", peer, peerNetns },
    in: netns,
  });
  return [
    ...names.map((name): Effect => ({ do: "netns.add", name })),
    ...names.map(noDad),
    cable("host", "down", "router"),
    cable("server", "up", "router"),
    ...names.map((name) => up(name, "lo")),
    up("host", "eth0"),
    up("router", "down"),
    up("router", "up"),
    up("server", "eth0"),
    { do: "sysctl.set", key: "net.ipv6.conf.all.forwarding", value: "1", in: "router" },
    address("host", "eth0", `${hostV6}/64`),
    address("router", "down", "2001:db8:1::1/64"),
    address("router", "up", "2001:db8:2::1/64"),
    address("server", "eth0", "2001:db8:2::2/64"),
    address("server", "lo", `${serverV6}/128`),
    route("host", "default", "2001:db8:1::1", "eth0"),
    route("router", pref64, "2001:db8:2::2", "up"),
    route("server", "default", "2001:db8:2::1", "eth0"),
  ];
}

export function placementFor(shared: boolean): Placement {
  return {
    clatDev: "clat",
    uplink: "eth0",
    clatV6: { address: shared ? hostV6 : ownV6, shared },
    clatV4: "192.0.0.1",
    ctmark: shared ? 0xc1a7 : 0,
    routeTable: 0xc1a7,
    forwarding: true,
    proxyNd: !shared,
    uplinkMtu: 1500,
    acceptRa: ["eth0"],
    forwardingOff: true,
  };
}

export function specFor(placement: Placement): TranslationSpec {
  return {
    pref64s: [pref64],
    eams: [{ v4: `${placement.clatV4}/32`, v6: `${placement.clatV6.address}/128` }],
    mtuV4: placement.uplinkMtu - 20,
    mtuV6: placement.uplinkMtu,
    lowestIpv6Mtu: 1280,
    udpZeroChecksum: "compute",
    translatorV4,
    translatorV6: placement.clatV6.address,
    icmpSource: "192.0.0.8",
  };
}

/** What the plan adds to every engine. */
export function ipv4Side({ clatDev, clatV4, uplinkMtu }: Placement, mtu = uplinkMtu - 20): readonly Effect[] {
  return [
    { do: "address.add", dev: clatDev, address: `${clatV4}/32` },
    { do: "route.add", route: { family: 4, destination: "default", dev: clatDev, table: 254, metric: 2048, mtu } },
  ];
}

export function onHost(effects: readonly Effect[]): readonly Effect[] {
  // An engine may have a namespace of its own.
  return effects.map((effect) => (effect.in === undefined ? { ...effect, in: "host" } : effect));
}
