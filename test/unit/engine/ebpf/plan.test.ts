// The eBPF engine as a plan: which effects, in which order, for which placement.

import { describe, expect, it } from "vitest";
import { ebpfEngine } from "../../../../src/engine/ebpf/plan.js";
import type { Placement } from "../../../../src/engine/engine.js";
import { describeEffect } from "../../../../src/os/describe.js";
import { FakeOs } from "../../../../src/os/fake/fake-os.js";
import { specFor } from "../userspace/spec.js";

const spec = specFor();

const placement: Placement = {
  clatDev: "clat",
  uplink: "eth0",
  clatV6: { address: "2001:db8:1::c1a7", shared: false },
  clatV4: "192.0.0.1",
  ctmark: 0,
  routeTable: 0xc1a7,
  forwarding: true,
  proxyNd: true,
  uplinkMtu: 1500,
  acceptRa: ["eth0"],
  forwardingOff: true,
};
const shared: Placement = { ...placement, clatV6: { address: "2001:db8:1::2", shared: true }, proxyNd: false };
const commands = (changed: Placement): string[] => ebpfEngine.plan(changed, spec).effects.flatMap(describeEffect);
const program = (name: string, hook: string, dev: string): string =>
  `tc filter add dev ${dev} ${hook} bpf direct-action object-file clat.bpf.o program ${name}`;

describe("ebpfEngine", () => {
  it("plan() of an address of its own: a TUN, three programs, the address; nothing of the host's", () => {
    expect(commands(placement)).toEqual([
      "ip tuntap add dev clat mode tun vnet_hdr",
      "ip link set clat mtu 1500",
      "sysctl -w net.ipv6.conf.clat.addr_gen_mode=1",
      "ip link set clat up",
      program("clat_egress", "egress", "clat"),
      program("clat_ingress", "ingress", "clat"),
      program("uplink_ingress", "ingress", "eth0"),
      "ip address add 2001:db8:1::c1a7/128 dev eth0 valid_lft 60 preferred_lft 0 noprefixroute",
    ]);
  });

  it("plan() of a shared address adds none, but a program for the host's own packets", () => {
    expect(commands(shared)).toEqual([...commands(placement).slice(0, -1), program("uplink_egress", "egress", "eth0")]);
    expect(ebpfEngine.plan(shared, spec).translator?.fastPath).toEqual({
      uplink: "eth0",
      uplinks: ["eth0"],
      sharedV6: "2001:db8:1::2",
    });
  });

  it.each(["uplink_ingress", "uplink_egress"])("plan() attaches %s to every device of the uplinks", (name) => {
    const uplinks = ["eth0", "eth1", "wwan0"];
    const { effects, translator } = ebpfEngine.plan({ ...shared, uplinks }, spec);
    const devices = effects.flatMap((effect) =>
      effect.do === "bpf.attach" && effect.program === name ? [effect.dev] : [],
    );
    expect(devices).toEqual(uplinks);
    expect(translator?.fastPath?.uplinks).toEqual(uplinks);
  });

  it("plan() leaves all hops to be taken here: the kernel forwards nothing", () => {
    expect(ebpfEngine.plan(shared, spec).translator?.spec).toEqual(spec);
  });

  it("plan() adds no address where neighbour discovery is left to others (proxynd-enable=no)", () => {
    expect(commands({ ...placement, proxyNd: false })).toEqual(commands(placement).slice(0, -1));
  });

  it("plan() of a relay answers for its mappings; for very many of them by proxy-ND", () => {
    const alsoProxied = ["2001:db8:1::a:1", "2001:db8:1::a:2"];
    expect(commands({ ...placement, alsoProxied }).slice(-3)).toEqual(
      ["2001:db8:1::c1a7", ...alsoProxied].map(
        (address) => `ip address add ${address}/128 dev eth0 valid_lft 60 preferred_lft 0 noprefixroute`,
      ),
    );
    const many = Array.from({ length: 300 }, (_, index) => `2001:db8:1::a:${index.toString(16)}`);
    const plumbed = commands({ ...placement, alsoProxied: many });
    expect(plumbed.filter((line) => line.startsWith("ip address add"))).toEqual([]);
    expect(plumbed.filter((line) => line.includes("neighbour add proxy"))).toHaveLength(301);
    expect(plumbed).toContain("sysctl -w net.ipv6.conf.all.forwarding=1");
  });

  it("probe() is yes where the kernel takes the programs, and changes nothing", async () => {
    const os = new FakeOs();
    const before = await os.snapshot();
    expect(await ebpfEngine.probe(os)).toEqual({ ok: true });
    expect(await os.snapshot()).toEqual(before);
    expect(os.transcript).toEqual([]);
  });

  it("probe() is no with the kernel's reason and the verifier's log", async () => {
    const os = new FakeOs();
    os.kernel.bpf = { attach: "refused", why: "the verifier refuses it", log: "invalid access" };
    expect(await ebpfEngine.probe(os)).toEqual({
      ok: false,
      reason: 'Cannot attach BPF program "clat_egress on egress of clat-probe": the verifier refuses it',
      log: "invalid access",
    });
  });
});
