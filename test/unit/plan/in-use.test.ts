// valuesInUse(): what scripts find in their environment where a key was left to clatd.

import { describe, expect, it } from "vitest";
import { scriptEnvironment } from "../../../src/config/environment.js";
import { type KeyName, keyNames } from "../../../src/config/key-table.js";
import { loadConfig } from "../../../src/config/load.js";
import { ebpfEngine } from "../../../src/engine/ebpf/plan.js";
import type { Engine } from "../../../src/engine/engine.js";
import { taygaEngine } from "../../../src/engine/tayga/plan.js";
import { classicUserspaceEngine } from "../../../src/engine/userspace/plan.js";
import { desire } from "../../../src/plan/desire.js";
import { configOf, factsOf, hostAddress } from "./facts-of.js";

/** The environment of a script, with the keys that are set, on the host of facts-of.ts. */
function environment(settings: readonly string[] = [], engine: Engine = classicUserspaceEngine) {
  const config = configOf(...settings);
  const desired = desire(factsOf({ config }), engine);
  if (desired.state !== "active") throw new Error(`not active: ${JSON.stringify(desired)}`);
  return scriptEnvironment(config, desired.inUse);
}

describe("valuesInUse()", () => {
  it("shows what every key of the Perl clatd has become that was left to clatd", () => {
    expect(environment()).toMatchObject({
      quiet: "0",
      debug: "0",
      script_up: "",
      script_down: "",
      clat_dev: "clat",
      clat_v4_addr: "192.0.0.1",
      clat_v6_addr: hostAddress,
      ctmark: "0xc1a7",
      dns64_servers: "",
      cmd_ip: "ip",
      cmd_networkctl: "networkctl",
      cmd_nft: "nft",
      cmd_tayga: "tayga",
      cmd_ufw: "ufw",
      forwarding_enable: "yes",
      plat_dev: "eth0",
      plat_prefix: "64:ff9b::/96",
      plat_fallback_prefix: "",
      proxynd_enable: "no",
      route_table: "0xc1a7",
      tayga_v4_addr: "192.0.0.2",
      v4_conncheck_enable: "yes",
      v4_conncheck_delay: "0",
      v4_defaultroute_enable: "yes",
      v4_defaultroute_replace: "no",
      v4_defaultroute_metric: "2048",
      v4_defaultroute_mtu: "1480",
      v4_defaultroute_advmss: "1440",
      engine: "userspace",
      ipv4_mtu: "1480",
      ipv6_mtu: "1500",
      icmp6_source: hostAddress,
      icmp_rate_limit: "1000",
      relay: "node",
    });
  });

  it.each<[string, string[], Record<string, string>]>([
    [
      "an address of its own needs proxy-ND and no mark",
      ["clat-v6-addr=2001:db8:1::c1a7"],
      { clat_v6_addr: "2001:db8:1::c1a7", ctmark: "0", proxynd_enable: "yes" },
    ],
    ["an address that is derived", ["clat-v6-addr=derived"], { clat_v6_addr: "2001:db8:1:0:5054:c1:a700:1" }],
    ["a mark of one's own", ["ctmark=4711"], { ctmark: "0x1267" }],
    ["no mark", ["ctmark=0"], { ctmark: "0" }],
    ["proxy-ND switched off", ["clat-v6-addr=derived", "proxynd-enable=no"], { proxynd_enable: "no" }],
    ["an MTU", ["v4-defaultroute-mtu=1300"], { v4_defaultroute_mtu: "1300", v4_defaultroute_advmss: "1260" }],
    ["no MTU: no MSS either", ["v4-defaultroute-mtu=0"], { v4_defaultroute_mtu: "0", v4_defaultroute_advmss: "0" }],
    ["an MSS", ["v4-defaultroute-advmss=1000"], { v4_defaultroute_mtu: "1480", v4_defaultroute_advmss: "1000" }],
    [
      "without a default route the MTU that it would have",
      ["v4-defaultroute-enable=no"],
      { v4_defaultroute_enable: "no", v4_defaultroute_mtu: "1480" },
    ],
    ["replacing routes switches the check off", ["v4-defaultroute-replace=yes"], { v4_conncheck_enable: "no" }],
    ["a smaller uplink", ["ipv6-mtu=1400"], { ipv6_mtu: "1400", ipv4_mtu: "1380", v4_defaultroute_mtu: "1380" }],
    ["a rate", ["icmp-rate-limit=10"], { icmp_rate_limit: "10" }],
    [
      "a mapping of an Edge Relay",
      ["eam=192.0.2.1,2001:db8:1::77"],
      { clat_v4_addr: "192.0.2.1", clat_v6_addr: "2001:db8:1::77", eam: "192.0.2.1/32,2001:db8:1::77/128" },
    ],
  ])("shows %s", (_what, settings, expected) => {
    expect(environment(settings)).toMatchObject(expected);
  });

  it("shows 1260 with TAYGA, as the Perl clatd has it, unless the path is smaller", () => {
    const engine = taygaEngine({ command: "tayga", dir: "/run/clatd" });
    const tayga = (settings: string[] = []) => environment(settings, engine);
    expect(tayga()).toMatchObject({ engine: "tayga", v4_defaultroute_mtu: "1260", v4_defaultroute_advmss: "1220" });
    expect(tayga(["v4-defaultroute-mtu=1480"])).toMatchObject({ v4_defaultroute_mtu: "1480" });
    expect(tayga(["ipv6-mtu=1280"])).toMatchObject({ v4_defaultroute_mtu: "1260" });
    expect(tayga()).toMatchObject({ tayga_conffile: "/run/clatd/tayga-clat.conf" });
  });

  it("shows that the fast path marks nothing, and has neighbours answered where the address is its own", () => {
    expect(environment([], ebpfEngine)).toMatchObject({ engine: "ebpf", ctmark: "0", proxynd_enable: "no" });
    expect(environment(["clat-v6-addr=derived"], ebpfEngine)).toMatchObject({ ctmark: "0", proxynd_enable: "yes" });
  });

  it("leaves no key at `auto`", () => {
    const left = Object.entries(environment()).filter(([, value]) => value === "auto");
    expect(left).toEqual([]);
  });

  it("gives values that the key itself takes: a script may start another clatd with them", () => {
    const given = environment(["clat-v6-addr=derived"]);
    const settings = keyNames
      .filter((name: KeyName) => name !== "eam")
      .map((name) => `${name}=${given[name.replaceAll("-", "_")]}`);
    const loaded = loadConfig({ arguments: settings });
    expect(loaded.ok ? [] : loaded.mistakes).toEqual([]);
  });
});
