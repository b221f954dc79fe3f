// The Jool engine as effects. Jool takes packets on their way into a network namespace, before any routing, so it never sees
// those that the host itself sends. It gets a namespace of its own, and a veth joins that to the host, whose end is the CLAT's
// device: IPv4 goes in there and comes out as IPv6, and the other way about. The host sees what it would see of a TUN.

import { type OsDriver, OsError } from "../../os/driver.js";
import type { Effect } from "../../os/effect.js";
import { deviceKey } from "../../os/sysctl.js";
import type { TranslationSpec } from "../../xlat/spec.js";
import { classicPlumbing } from "../classic.js";
import type { Engine, EnginePlan, Placement, Probe } from "../engine.js";
import { forwardingDoubt } from "../forwarding-doubt.js";
import { withoutLinkLocal } from "../tun-device.js";
import { joolConfig } from "./config.js";

const mainTable = 254;
/** Octets; what Linux allows a veth. */
const largestMtu = 65_535;

export const joolEngine: Engine = {
  name: "jool",
  async probe(os: OsDriver): Promise<Probe> {
    try {
      await os.prepare({ do: "jool.instance", name: "clat-probe", config: { global: {}, eamt: [], denylist4: [] } });
    } catch (error) {
      if (!(error instanceof OsError)) throw error;
      return { ok: false, reason: error.why ?? error.message };
    }
    return forwardingDoubt(await os.snapshot());
  },
  plan(placement: Placement, spec: TranslationSpec): EnginePlan {
    const { clatDev } = placement;
    const { config, notes } = joolConfig(spec);
    return {
      effects: [
        ...namespace(placement, spec),
        { do: "jool.instance", name: clatDev, config, in: namespaceOf(clatDev) },
        { do: "link.set", name: clatDev, up: true },
        ...classicPlumbing(placement, spec.pref64s),
      ],
      notes,
    };
  },
};

/** One for each CLAT of a host. */
export function namespaceOf(clatDev: string): string {
  return `clatd-${clatDev}`;
}

/** The namespace with the far end of the veth, which has the same name there. All of it leads back to the host. */
function namespace({ clatDev, clatV6, uplinkMtu }: Placement, spec: TranslationSpec): readonly Effect[] {
  const netns = namespaceOf(clatDev);
  const mtu = Math.min(uplinkMtu, largestMtu);
  const there = { in: netns } as const;
  const route = (family: 4 | 6): Effect => ({
    do: "route.add",
    route: { family, destination: "default", dev: clatDev, table: mainTable },
    ...there,
  });
  // The source of Jool's own ICMPv6 errors. Never the CLAT's: Jool leaves packets to addresses of its namespace alone.
  const { translatorV6 } = spec;
  const ownV6: readonly Effect[] =
    translatorV6 === undefined || translatorV6 === clatV6.address
      ? []
      : [{ do: "address.add", dev: clatDev, address: `${translatorV6}/128`, nodad: true, ...there }];
  return [
    { do: "netns.add", name: netns },
    {
      do: "link.add",
      name: clatDev,
      link: { kind: "veth", peer: clatDev, peerNetns: netns, direct: true },
      mtu,
    },
    withoutLinkLocal(clatDev),
    { do: "link.set", name: "lo", up: true, ...there },
    { ...withoutLinkLocal(clatDev), ...there },
    { do: "sysctl.set", key: deviceKey("ipv4", "all", "forwarding"), value: "1", ...there },
    { do: "sysctl.set", key: deviceKey("ipv6", "all", "forwarding"), value: "1", ...there },
    { do: "link.set", name: clatDev, mtu, ...there },
    { do: "link.set", name: clatDev, up: true, ...there },
    { do: "address.add", dev: clatDev, address: `${spec.translatorV4}/32`, ...there },
    ...ownV6,
    route(4),
    route(6),
  ];
}
