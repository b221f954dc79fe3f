// A host for the engines of others, with an uplink and a default route from a Router Advertisement, and a specification.

import type { Placement } from "../../../../src/engine/engine.js";
import { FakeOs } from "../../../../src/os/fake/fake-os.js";
import { FakeKernel } from "../../../../src/os/fake/kernel.js";
import { Outside } from "../../../../src/os/fake/outside.js";
import { VirtualClock } from "../../../../src/os/fake/virtual-clock.js";
import type { TranslationSpec } from "../../../../src/xlat/spec.js";

export const hostV6 = "2001:db8:1::ff:fe00:10";

export async function hostWithModules(): Promise<{ kernel: FakeKernel; os: FakeOs; outside: Outside }> {
  const clock = new VirtualClock();
  const kernel = new FakeKernel(clock);
  const outside = new Outside(kernel);
  outside.addDevice("eth0", { mac: "02:00:00:00:00:10" });
  outside.setUp("lo", true);
  outside.setUp("eth0", true);
  outside.advertise({ dev: "eth0", router: "fe80::1", prefixes: ["2001:db8:1::/64"] });
  await clock.advance(5000);
  kernel.files.set("/proc/net/nat46/control", "");
  kernel.files.set("/sys/module/jool_siit", "");
  return { kernel, os: new FakeOs({ kernel }), outside };
}

export const sharedPlacement: Placement = {
  clatDev: "clat",
  uplink: "eth0",
  clatV6: { address: hostV6, shared: true },
  clatV4: "192.0.0.1",
  ctmark: 0xc1a7,
  routeTable: 0xc1a7,
  forwarding: true,
  proxyNd: false,
  uplinkMtu: 1500,
  acceptRa: ["eth0"],
  forwardingOff: true,
};

export const ownPlacement: Placement = {
  ...sharedPlacement,
  clatV6: { address: "2001:db8:1::c1a7", shared: false },
  ctmark: 0,
  proxyNd: true,
};

export function specFor({ clatV4, clatV6 }: Placement, change: Partial<TranslationSpec> = {}): TranslationSpec {
  return {
    pref64s: ["2001:db8:64::/96"],
    eams: [{ v4: `${clatV4}/32`, v6: `${clatV6.address}/128` }],
    mtuV4: 1480,
    mtuV6: 1500,
    lowestIpv6Mtu: 1280,
    udpZeroChecksum: "compute",
    translatorV4: "192.0.0.2",
    translatorV6: hostV6,
    icmpSource: "192.0.0.8",
    ...change,
  };
}
