// The TUN of the engines that translate in this process, as effects, and what every engine's device has in common with it.

import type { Effect } from "../os/effect.js";
import { deviceKey } from "../os/sysctl.js";
import type { Placement } from "./engine.js";

/** Octets; what Linux allows a TUN. */
const largestTunMtu = 65_535;

/** No link-local address: else the kernel solicits routers and does DAD on a device where nobody answers. */
export function withoutLinkLocal(dev: string): Effect {
  return { do: "sysctl.set", key: deviceKey("ipv6", dev, "addr_gen_mode"), value: "1" };
}

export function tunDevice({ clatDev, uplinkMtu }: Placement): readonly Effect[] {
  return [
    { do: "link.add", name: clatDev, link: { kind: "tun", offloads: true } },
    // IPv6 packets from the uplink go through it as they are, so its MTU is the uplink's; the IPv4 routes have a smaller one.
    // An effect of its own: another MTU needs no other device.
    { do: "link.set", name: clatDev, mtu: Math.min(uplinkMtu, largestTunMtu) },
    withoutLinkLocal(clatDev),
    { do: "link.set", name: clatDev, up: true },
  ];
}
