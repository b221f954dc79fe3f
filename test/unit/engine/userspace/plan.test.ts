import { describe, expect, it } from "vitest";
import type { Placement } from "../../../../src/engine/engine.js";
import { classicUserspaceEngine } from "../../../../src/engine/userspace/plan.js";
import { describeEffect } from "../../../../src/os/describe.js";
import { type OsDriver, OsError } from "../../../../src/os/driver.js";
import { FakeOs } from "../../../../src/os/fake/fake-os.js";
import { specFor } from "./spec.js";

const placement: Placement = {
  clatDev: "clat",
  uplink: "eth0",
  clatV6: { address: "2001:db8:1::c1a7", shared: false },
  clatV4: "192.0.0.1",
  ctmark: 0,
  routeTable: 0xc1a7,
  forwarding: true,
  proxyNd: false,
  uplinkMtu: 1500,
  acceptRa: [],
  forwardingOff: false,
};

function osThatRefuses(code: OsError["code"]): OsDriver {
  const os = new FakeOs();
  os.prepare = () => Promise.reject(new OsError(code, 'Cannot create TUN "clat-probe": for a reason'));
  return os;
}

describe("classicUserspaceEngine", () => {
  it("plan() opens a TUN that is up before anything stands on it", () => {
    const { effects, translator } = classicUserspaceEngine.plan(placement, specFor());
    expect(effects.flatMap(describeEffect)).toMatchInlineSnapshot(`
      [
        "ip tuntap add dev clat mode tun vnet_hdr",
        "ip link set clat mtu 1500",
        "sysctl -w net.ipv6.conf.clat.addr_gen_mode=1",
        "ip link set clat up",
        "ip -6 route add 2001:db8:1::c1a7/128 dev clat table 49575",
        "ip -6 rule add pref 1 from all to 2001:db8:1::c1a7/128 lookup 49575",
      ]
    `);
    expect(translator?.dev).toBe("clat");
    expect(translator?.spec).toMatchObject(specFor());
  });

  it("plan() leaves the hop to the host's forwarding: the CLAT is one router, not two (RFC 7915 §4.1, §5.1)", () => {
    expect(classicUserspaceEngine.plan(placement, specFor()).translator?.spec.kernelTakesHop).toBe(true);
  });

  it("plan() gives the TUN the largest MTU there is where the uplink's is larger", () => {
    const { effects } = classicUserspaceEngine.plan({ ...placement, uplinkMtu: 65_536 }, specFor());
    expect(effects).toContainEqual({ do: "link.set", name: "clat", mtu: 65_535 });
  });

  it("probe() is content where a TUN can be opened", async () => {
    expect(await classicUserspaceEngine.probe(new FakeOs())).toEqual({ ok: true });
  });

  it.each([
    { code: "missing", ok: false },
    { code: "denied", ok: false },
    { code: "unsupported", ok: false },
    { code: "failed", ok: "unknown" },
  ] as const)("probe() gives the driver's reason: $code", async ({ code, ok }) => {
    const reason = 'Cannot create TUN "clat-probe": for a reason';
    expect(await classicUserspaceEngine.probe(osThatRefuses(code))).toEqual({ ok, reason });
  });
});
