// A trial for each capability (src/engine/capabilities.ts): what an IPv4 application or its peer does, and that it comes about.
// A trial that an engine does not pass throws.

import { expect, vi } from "vitest";
import type { Capability } from "../../../src/engine/capabilities.js";
import type { Effect } from "../../../src/os/effect.js";
import { hostV6, type Network, serverV4, serverV6, translatorV4 } from "./network.js";

export type Trial = (net: Network) => Promise<void>;

const sizes = [0, 1, 1200, 1232, 1233, 1452, 1453, 1472, 1473, 4000, 9000, 65507];
const allWhole = Object.fromEntries(sizes.map((size) => [size, "whole"]));
const most = 6;

/** Trials of a CLAT that shares the host's address. */
export const clatTrials: readonly (readonly [Capability, Trial])[] = [
  ["tcp", carriesTcp],
  ["udp-sizes", async (net) => expect(await net.client("udp", serverV4, 7, sizes.join())).toEqual(allWhole)],
  [
    "udp-unchecked",
    async (net) => expect(await net.client("udp", serverV4, 7, "100", "unchecked")).toEqual({ 100: "whole" }),
  ],
  ["ping", (net) => answers(net, "-s", "1200", serverV4)],
  ["ping-fragments", (net) => answers(net, "-s", "4000", serverV4)],
  ["ping-self", (net) => answers(net, translatorV4)],
  ["refusals", hearsRefusals],
  [
    "hops",
    async (net) => {
      for (const said of await hopsOf(net)) expect(said).toContain("Time to live exceeded");
    },
  ],
  // The host, the router, and the server answers.
  ["one-hop", async (net) => expect(await hopsOf(net)).toHaveLength(2)],
  ["router-errors", async (net) => expect((await hopsOf(net)).at(-1)).toContain("From 192.0.0.8 ")],
  ["path-mtu", learnsPathMtu],
  ["traffic-class", keepsTrafficClass],
  ["options", (net) => answers(net, "-R", serverV4)],
  ["protocols", carriesUnknownProtocols],
  ["shared", sharesAddress],
];

async function carriesTcp(net: Network): Promise<void> {
  expect(await net.client("get", serverV4, 5_000_000)).toEqual({ same: true });
  expect(await net.client("put", serverV4, 5_000_000)).toEqual({ same: true });
}

export async function answers(net: Network, ...words: readonly string[]): Promise<void> {
  expect(await net.ping("host", ...words)).toMatchObject({ code: 0 });
}

async function hearsRefusals(net: Network): Promise<void> {
  expect(await net.client("udp", serverV4, 9, "10")).toEqual({ 10: "ECONNREFUSED" });
  expect(await net.client("connect", serverV4, 81)).toEqual({ error: "ECONNREFUSED" });
}

/** What ping says of each hop before the server. */
async function hopsOf(net: Network): Promise<readonly string[]> {
  const said: string[] = [];
  for (let ttl = 1; ttl <= most; ttl++) {
    const { code, output } = await net.ping("host", "-t", `${ttl}`, serverV4);
    if (code === 0) return said;
    said.push(output);
  }
  throw new Error(`The server did not answer with a TTL of ${most}`);
}

async function learnsPathMtu(net: Network): Promise<void> {
  const narrow = await net.apply(
    { do: "link.set", name: "up", mtu: 1280, in: "router" },
    { do: "link.set", name: "eth0", mtu: 1280, in: "server" },
  );
  try {
    const { output, errors } = await net.ping("host", "-s", "1300", "-M", "do", serverV4);
    // Told by a router, or known here already.
    expect(output + errors).toMatch(/Frag needed and DF set \(mtu = 1260\)|message too long, mtu=1260/);
    expect(await net.client("put", serverV4, 1_000_000)).toEqual({ same: true });
    expect(await net.client("udp", serverV4, 7, "1200,4000")).toEqual({ 1200: "whole", 4000: "whole" });
  } finally {
    await net.revert(narrow);
    await net.run("host", "ip", "route", "flush", "cache");
  }
}

/** Expedited forwarding and ECT(0), there and, since Linux answers with what it got, back. */
async function keepsTrafficClass(net: Network): Promise<void> {
  const count = (netns: string, family: "ip" | "ip6", match: string): Effect => ({
    do: "nft.table",
    in: netns,
    family,
    name: "trial",
    body: `chain in {\n type filter hook input priority 0;\n ${match} ${family} dscp ef ${family} ecn ect0 counter\n}`,
  });
  const counters = await net.apply(
    count("server", "ip6", "icmpv6 type echo-request"),
    count("host", "ip", "icmp type echo-reply"),
  );
  try {
    await answers(net, "-Q", "0xba", serverV4);
    expect(await packetsCounted(net, "server", "ip6")).toBe(1);
    expect(await packetsCounted(net, "host", "ip")).toBe(1);
  } finally {
    await net.revert(counters);
  }
}

async function packetsCounted(net: Network, netns: string, family: string): Promise<number> {
  const { output } = await net.run(netns, "nft", "list", "table", family, "trial");
  return Number(/counter packets (\d+)/.exec(output)?.[1] ?? "0");
}

/** Until one packet is counted. */
async function arrives(net: Network, netns: string, family: string): Promise<void> {
  const counted = async (): Promise<void> => expect(await packetsCounted(net, netns, family)).toBe(1);
  await vi.waitFor(counted, 1000 * net.patience);
}

/** 253 is for experiments (RFC 3692). */
async function carriesUnknownProtocols(net: Network): Promise<void> {
  const body = "chain in {\n type filter hook input priority 0;\n meta l4proto 253 counter\n}";
  const counter = await net.apply({ do: "nft.table", in: "server", family: "ip6", name: "trial", body });
  try {
    await net.client("raw", serverV4, 253, 100);
    // Nobody answers it.
    await arrives(net, "server", "ip6");
  } finally {
    await net.revert(counter);
  }
}

/** Sockets of the host and of the CLAT at the same time. */
async function sharesAddress(net: Network): Promise<void> {
  const native = net.client("get", serverV6, 2_000_000);
  const translated = net.client("put", serverV4, 2_000_000);
  expect(await Promise.all([native, translated])).toEqual([{ same: true }, { same: true }]);
  expect(await net.ping("host", serverV6)).toMatchObject({ code: 0 });
  expect(await net.ping("router", hostV6)).toMatchObject({ code: 0 });
}

/** A ping from there, which comes from `serverV4` here, arrives, and its answer does. */
export async function pingsFromThere(net: Network, from: string, to: string): Promise<void> {
  const counter = await net.apply(pingsFromServer);
  try {
    expect(await net.ping("server", "-I", from, to)).toMatchObject({ code: 0 });
    expect(await packetsCounted(net, "host", "ip")).toBe(1);
  } finally {
    await net.revert(counter);
  }
}

/** The same, where the answer goes elsewhere. */
export async function pingArrivesFromThere(net: Network, from: string, to: string): Promise<void> {
  const counter = await net.apply(pingsFromServer);
  try {
    await Promise.all([net.run("server", "ping", "-n", "-c1", "-W1", "-I", from, to), arrives(net, "host", "ip")]);
  } finally {
    await net.revert(counter);
  }
}

const pingsFromServer: Effect = {
  do: "nft.table",
  in: "host",
  family: "ip",
  name: "trial",
  body: `chain in {\n type filter hook input priority 0;\n icmp type echo-request ip saddr ${serverV4} counter\n}`,
};
