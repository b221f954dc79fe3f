// The builtin Border Relay: `xlat` on a TUN of its own (engine/userspace). The kernel's routes bring it its packets.

import { userspaceHost } from "../../src/engine/userspace/host.js";
import { LinuxOs } from "../../src/os/linux/linux-os.js";
import type { BorderRelayConfiguration } from "../kinds/border-relay.js";
import { configurationFile, onSignal, readConfiguration, ready } from "./service.js";

const { dev, pref64, eams, translatorV4, translatorV6, mtu } = readConfiguration<BorderRelayConfiguration>(
  configurationFile(),
);
const ipv4Less = 20;

const os = new LinuxOs();
await os.perform(await os.prepare({ do: "link.add", name: dev, link: { kind: "tun", offloads: true }, mtu }));
const translator = await userspaceHost({ tun: (name) => os.tun(name) }).start(dev, {
  pref64s: [pref64],
  eams,
  mtuV4: mtu - ipv4Less,
  mtuV6: mtu,
  lowestIpv6Mtu: 1280,
  udpZeroChecksum: "compute",
  translatorV4,
  translatorV6,
  icmpSource: "192.0.0.8",
  kernelTakesHop: true,
});
onSignal(() => process.exit(0));
ready();
const error = await translator.ended;
process.stderr.write(`${error?.message ?? "the translator has ended"}\n`);
process.exitCode = 1;
