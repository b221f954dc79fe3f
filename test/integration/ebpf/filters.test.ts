// Kernels before 6.6 have no tcx: there the programs are filters of a qdisc, which outlive the process. This kernel can do
// both, so it shows that they work and how they are taken away.

import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { encodeFastPath } from "../../../src/engine/ebpf/encode.js";
import { filterPlace } from "../../../src/os/linux/bpf/clsact.js";
import { FastPath } from "../../../src/os/linux/bpf/fast-path.js";
import type { AttachPoint, AttachRecord } from "../../../src/os/linux/bpf/fast-path-types.js";
import { linkFacts } from "../../../src/os/linux/bpf/link-facts.js";
import { type Network, network, onHost, placementFor, serverV4, specFor } from "../engine/network.js";
import { whyNot } from "../os/holder.js";
import { whyNoFastPath } from "./obstacle.js";

const obstacle = (await whyNot()) ?? whyNoFastPath();
const placement = placementFor(false);
const spec = specFor(placement);

describe("FastPath by filters", () => {
  let net: Network;
  let path: FastPath;
  let netns: { netnsFile?: string };
  let records: readonly AttachRecord[];

  beforeEach(({ skip }) => {
    if (obstacle !== undefined) skip(obstacle);
  });

  beforeAll(async () => {
    if (obstacle !== undefined) return;
    net = await network();
    const netnsFile = net.place.netnsFile("host");
    netns = netnsFile === undefined ? {} : { netnsFile };
    await net.apply(
      ...onHost([
        { do: "link.add", name: "clat", link: { kind: "tun", offloads: true }, mtu: 1500 },
        { do: "link.set", name: "clat", up: true },
        { do: "address.add", dev: "clat", address: "192.0.0.1/32" },
        { do: "route.add", route: { family: 4, destination: "default", dev: "clat", table: 254, mtu: 1480 } },
        { do: "address.add", dev: "eth0", address: `${placement.clatV6.address}/128`, deprecated: true, nodad: true },
      ]),
    );
    path = FastPath.load();
    const points: readonly AttachPoint[] = [
      { program: "clat_egress", dev: "clat", hook: "egress", ...netns },
      { program: "clat_ingress", dev: "clat", hook: "ingress", ...netns },
      { program: "uplink_ingress", dev: "eth0", hook: "ingress", ...netns },
    ];
    records = points.map((at) => path.attach(at, filterPlace(at, linkFacts(at.dev, netnsFile).ifindex)));
  });

  afterAll(async () => {
    path?.[Symbol.dispose]();
    await net?.[Symbol.asyncDispose]();
  });

  const ping = () => net.ping("host", serverV4);
  const configure = (): void => {
    const link = (dev: string, l2: 0 | 14) => ({ ifindex: linkFacts(dev, netns.netnsFile).ifindex, l2 });
    const eth0 = link("eth0", 14);
    const links = { clat: link("clat", 0), uplink: eth0, uplinks: [eth0] };
    path.configure(encodeFastPath(spec, { uplink: "eth0", uplinks: ["eth0"] }, links));
  };

  it("finds a priority that nobody has, and says whether the qdisc is ours", () => {
    expect(records).toMatchObject([
      { how: "clsact", dev: "clat", hook: "egress", priority: 1, ownQdisc: true },
      { how: "clsact", dev: "clat", hook: "ingress", priority: 1, ownQdisc: false },
      { how: "clsact", dev: "eth0", hook: "ingress", priority: 1, ownQdisc: true },
    ]);
    const next = filterPlace({ program: "uplink_ingress", dev: "eth0", hook: "ingress", ...netns }, 1);
    expect(next).toMatchObject({ priority: 2, ownQdisc: false });
    expect(records.map((record) => path.stands(record, netns.netnsFile))).toEqual([true, true, true]);
  });

  it("translates nothing until it is configured, and then goes on from one generation to the next", async () => {
    net.patience = 1;
    expect(await ping()).toMatchObject({ code: 1 });
    configure();
    // A neighbour has to be found first.
    await vi.waitFor(async () => expect(await ping()).toMatchObject({ code: 0 }), { timeout: 60_000 });
    net.patience = 10;
    const sizes = Array.from({ length: 1000 }, (_, size) => size);
    let changes = 0;
    const changing = setInterval(() => {
      configure();
      changes++;
    }, 2);
    onTestFinished(() => clearInterval(changing));
    const echoed = await net.client("udp", serverV4, 7, sizes.join());
    expect(echoed).toEqual(Object.fromEntries(sizes.map((size) => [size, "whole"])));
    expect(changes).toBeGreaterThan(5);
  });

  it("leaves its filters to who has their records, and another's where they are", async () => {
    path[Symbol.dispose]();
    net.patience = 10;
    expect(await ping()).toMatchObject({ code: 0 });
    const others = ["tc", "filter", "add", "dev", "clat", "egress", "protocol", "all", "prio", "9"];
    expect(await net.run("host", ...others, "u32", "match", "u32", "0", "0")).toMatchObject({ code: 0 });
    for (const record of records.toReversed()) FastPath.detachFilter(record, netns.netnsFile);
    // Once more: what is gone counts as detached.
    for (const record of records.toReversed()) FastPath.detachFilter(record, netns.netnsFile);
    net.patience = 1;
    expect(await ping()).toMatchObject({ code: 1 });
    expect((await net.run("host", "tc", "qdisc", "show", "dev", "eth0")).output).not.toContain("clsact");
    expect((await net.run("host", "tc", "filter", "show", "dev", "clat", "egress")).output).toContain("pref 9 u32");
  });
});
