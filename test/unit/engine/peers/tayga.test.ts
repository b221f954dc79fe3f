// TAYGA as an engine: its configuration file, its plan and its probe.

import { describe, expect, it } from "vitest";
import { taygaConf } from "../../../../src/engine/tayga/conf.js";
import { taygaEngine } from "../../../../src/engine/tayga/plan.js";
import { hostWithModules, ownPlacement, specFor } from "./world.js";

const engine = taygaEngine({ command: "tayga", dir: "/run/clatd" });
const lines = (change: Parameters<typeof specFor>[1]): string[] =>
  taygaConf("clat", specFor(ownPlacement, change)).text.trimEnd().split("\n");

describe("taygaConf()", () => {
  it("is the device, TAYGA's own address, the PREF64 and the mappings; no pool (tayga.conf(5))", () => {
    expect(
      lines({
        eams: [
          { v4: "192.0.2.0/24", v6: "2001:db8:a::/120" },
          { v4: "192.0.0.1", v6: "2001:db8:1::1" },
        ],
      }),
    ).toEqual([
      "tun-device clat",
      "ipv4-addr 192.0.0.2",
      "prefix 2001:db8:64::/96",
      "map 192.0.2.0/24 2001:db8:a::/120",
      "map 192.0.0.1/32 2001:db8:1::1/128",
    ]);
  });

  it("gives TAYGA an IPv6 address where its IPv4 address must not stand behind the well-known prefix (RFC 6052 §3.1)", () => {
    expect(lines({ pref64s: ["64:ff9b::/96"] })).toContain("ipv6-addr 100::c000:2");
    expect(lines({ pref64s: ["64:ff9b::/96"], translatorV4: "8.8.8.8" }).join()).not.toContain("ipv6-addr");
    expect(lines({}).join()).not.toContain("ipv6-addr");
  });

  it("leaves out what TAYGA refuses, and says so", () => {
    const change = {
      pref64s: ["2001:db8:64::/96", "64:ff9b::/96"],
      eams: [{ v4: "192.0.2.0/24", v6: "2001:db8:a::/64" }],
    };
    expect(lines(change)).toEqual(["tun-device clat", "ipv4-addr 192.0.0.2", "prefix 2001:db8:64::/96"]);
    expect(taygaConf("clat", specFor(ownPlacement, change)).notes).toEqual([
      "TAYGA knows one PREF64, 2001:db8:64::/96; it does not translate 64:ff9b::/96",
      "TAYGA cannot map 192.0.2.0/24 to 2001:db8:a::/64: both must leave as many bits, and it is left out",
    ]);
  });
});

describe("taygaEngine()", () => {
  it("plan() asks for IPv4 packets of 1260 octets, and has no translator in this process", () => {
    const plan = engine.plan(ownPlacement, specFor(ownPlacement));
    expect(plan).toMatchObject({ ipv4RouteMtu: 1260, notes: [] });
    expect(plan.translator).toBeUndefined();
  });

  it("plan() writes the file that is named, over what is there, and leaves it", async () => {
    const { os, kernel } = await hostWithModules();
    const path = "/etc/tayga.conf";
    kernel.files.set(path, "# mine\n");
    const named = taygaEngine({ command: "/opt/tayga", dir: "/run/clatd", conffile: path });
    const applied = await os.prepareAll(named.plan(ownPlacement, specFor(ownPlacement)).effects);
    await os.performAll(applied);
    expect(os.transcript).toContain(`/opt/tayga --config ${path} --nodetach -d &`);
    await os.revertEach(applied.toReversed());
    expect(kernel.files.get(path)).toContain("prefix 2001:db8:64::/96\n");
  });

  it("probe() says yes where TAYGA is installed, and else what is missing", async () => {
    const { os, kernel, outside } = await hostWithModules();
    expect(await engine.probe(os)).toEqual({ ok: true });
    expect(os.transcript).toEqual([]);
    outside.addDevice("clat-probe");
    expect(await engine.probe(os)).toMatchObject({ ok: false });
    outside.removeDevice("clat-probe");
    kernel.missingPrograms.add("tayga");
    expect(await engine.probe(os)).toEqual({
      ok: false,
      reason: "tayga is not installed (package tayga); cmd-tayga says where it is",
    });
  });
});
