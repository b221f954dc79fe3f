// The userspace engine as effects: a TUN, the classic plumbing that leads IPv6 through it, and a translator of this
// process on it. The IPv4 address and the IPv4 routes are not the engine's: the plan adds the same ones to every engine.

import { type OsDriver, OsError } from "../../os/driver.js";
import type { Effect } from "../../os/effect.js";
import { deviceKey } from "../../os/sysctl.js";
import type { TranslationSpec } from "../../xlat/spec.js";
import { classicPlumbing } from "../classic.js";
import type { Engine, EnginePlan, Placement, Probe } from "../engine.js";

/** Octets; what Linux allows a TUN. */
const largestTunMtu = 65_535;

export const userspaceEngine: Engine = {
  name: "userspace",
  async probe(os: OsDriver): Promise<Probe> {
    try {
      await os.prepare({ do: "link.add", name: "clat-probe", link: { kind: "tun", offloads: true } });
      return { ok: true };
    } catch (error) {
      if (!(error instanceof OsError)) throw error;
      return error.code === "failed" ? { ok: "unknown", reason: error.message } : { ok: false, reason: error.message };
    }
  },
  plan(placement: Placement, spec: TranslationSpec): EnginePlan {
    return {
      effects: [...tunDevice(placement), ...classicPlumbing(placement, spec.pref64s)],
      // What it makes goes through the host's forwarding, either way.
      translator: { dev: placement.clatDev, spec: { ...spec, kernelTakesHop: true } },
    };
  },
};

function tunDevice({ clatDev, uplinkMtu }: Placement): readonly Effect[] {
  return [
    // IPv6 packets from the uplink go through it as they are, so its MTU is the uplink's; the IPv4 routes have a smaller one.
    {
      do: "link.add",
      name: clatDev,
      link: { kind: "tun", offloads: true },
      mtu: Math.min(uplinkMtu, largestTunMtu),
    },
    // No link-local address: else the kernel solicits routers and does DAD on a device where nobody answers.
    { do: "sysctl.set", key: deviceKey("ipv6", clatDev, "addr_gen_mode"), value: "1" },
    { do: "link.set", name: clatDev, up: true },
  ];
}
