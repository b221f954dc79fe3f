// Jool as an engine, and the model of its instances.

import { describe, expect, it } from "vitest";
import { joolConfig } from "../../../../src/engine/jool/config.js";
import { joolEngine, namespaceOf } from "../../../../src/engine/jool/plan.js";
import type { Effect } from "../../../../src/os/effect.js";
import { diff } from "../../../../src/plan/diff.js";
import { hostV6, hostWithModules, ownPlacement, sharedPlacement, specFor } from "./world.js";

const settings = (change: Parameters<typeof specFor>[1]) => joolConfig(specFor(ownPlacement, change)).config.global;

describe("joolConfig()", () => {
  it("is the specification in Jool's words", () => {
    expect(joolConfig(specFor(ownPlacement))).toEqual({
      config: {
        global: {
          "manually-enabled": true,
          pool6: "2001:db8:64::/96",
          "lowest-ipv6-mtu": 1280,
          "amend-udp-checksum-zero": true,
          "eam-hairpin-mode": "intrinsic",
          "rfc6791v4-prefix": "192.0.0.8/32",
        },
        eamt: [{ v4: "192.0.0.1/32", v6: "2001:db8:1::c1a7/128" }],
        denylist4: ["192.0.0.2/32"],
      },
      notes: [],
    });
  });

  it.each([
    [{ udpZeroChecksum: "drop" }, { "amend-udp-checksum-zero": false }],
    [{ hairpinning: "simple" }, { "eam-hairpin-mode": "simple" }],
    [{ hairpinning: false }, { "eam-hairpin-mode": "off" }],
    [{ icmpSource: "198.51.100.0/28" }, { "rfc6791v4-prefix": "198.51.100.0/28" }],
    [{ lowestIpv6Mtu: 1500 }, { "lowest-ipv6-mtu": 1500 }],
    [{ trafficClassV6: 0 }, { "zeroize-traffic-class": true }],
    [{ tosV4: 16 }, { "override-tos": true, tos: 16 }],
  ] as const)("%j is %j", (change, expected) => {
    expect(settings(change)).toMatchObject(expected);
  });

  it("says what it leaves out", () => {
    const spec = specFor(ownPlacement, { pref64s: ["64:ff9b::/96", "2001:db8:64::/96"], trafficClassV6: 8 });
    expect(joolConfig(spec).notes).toEqual([
      "Jool knows one PREF64, 64:ff9b::/96; it does not translate 2001:db8:64::/96",
      "Jool copies the traffic class, or makes it 0: ipv6-traffic-class is not held",
    ]);
  });
});

describe("joolEngine", () => {
  it("plan() gives the namespace the source of ICMPv6 errors, unless that is the CLAT's own address", () => {
    const addresses = (placement: typeof ownPlacement): string[] =>
      joolEngine
        .plan(placement, specFor(placement))
        .effects.flatMap((effect) => (effect.do === "address.add" ? [effect.address] : []));
    expect(addresses(ownPlacement)).toEqual(["192.0.0.2/32", `${hostV6}/128`]);
    expect(addresses(sharedPlacement)).toEqual(["192.0.0.2/32"]);
  });

  it("probe() says why not where the module is missing", async () => {
    const { os, kernel } = await hostWithModules();
    expect(await joolEngine.probe(os)).toEqual({ ok: true });
    kernel.files.delete("/sys/module/jool_siit");
    expect(await joolEngine.probe(os)).toEqual({ ok: false, reason: "the kernel has no module jool_siit" });
  });

  it("another specification goes over the instance that is there, and all else stays", async () => {
    const { os, kernel } = await hostWithModules();
    const wanted = (v4: string): readonly Effect[] =>
      joolEngine.plan(ownPlacement, specFor(ownPlacement, { eams: [{ v4, v6: "2001:db8:1::c1a7/128" }] })).effects;
    const applied = await os.prepareAll(wanted("192.0.0.1/32"));
    await os.performAll(applied);
    const { make, clear } = diff(applied, wanted("192.0.2.1/32"), await os.snapshot());
    expect([make.map((step) => step.do), clear]).toEqual([["amend"], []]);
    const [step] = make;
    if (step?.do !== "amend") throw new Error("There is nothing to amend");
    await os.perform({ effect: step.effect, undo: {} });
    expect(kernel.netns(namespaceOf("clat")).jool.get("clat")?.eamt[0]?.v4).toBe("192.0.2.1/32");
  });

  it("when somebody deletes the device, what stood on it is made again, in the namespace too", async () => {
    const { os, outside } = await hostWithModules();
    const { effects } = joolEngine.plan(ownPlacement, specFor(ownPlacement));
    const applied = await os.prepareAll(effects);
    await os.performAll(applied);
    outside.removeDevice("clat");
    const { make } = diff(applied, effects, await os.snapshot());
    for (const one of make) {
      if (one.do === "undo") await os.revert(one.applied);
      if (one.do === "apply") await os.perform(await os.prepare(one.effect));
    }
    const again = make.flatMap((one) => (one.do === "apply" && one.effect.in !== undefined ? [one.effect.do] : []));
    expect(again).toEqual([
      "sysctl.set",
      "link.set",
      "link.set",
      "address.add",
      "address.add",
      "route.add",
      "route.add",
    ]);
    expect(os.routeOf({ destination: ownPlacement.clatV6.address, iif: "eth0" })?.dev).toBe("clat");
  });
});
