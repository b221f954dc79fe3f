// The builtin PLAT's translator: `xlat` on a TUN of its own (engine/userspace). The masquerades on either side of it are
// nft's, and so is all state.

import { userspaceHost } from "../../src/engine/userspace/host.js";
import { LinuxOs } from "../../src/os/linux/linux-os.js";
import type { TranslationSpec } from "../../src/xlat/spec.js";
import type { PlatConfiguration } from "../kinds/plat.js";
import { configurationFile, onSignal, readConfiguration, ready } from "./service.js";

const { dev, pref64, translatorV4, translatorV6, clients, mappings, mtu } = readConfiguration<PlatConfiguration>(
  configurationFile(),
);

const spec: TranslationSpec = {
  pref64s: [pref64],
  eams: [clients, ...mappings],
  mtuV4: mtu,
  mtuV6: mtu,
  lowestIpv6Mtu: 1280,
  udpZeroChecksum: "compute",
  translatorV4,
  translatorV6,
  icmpSource: "192.0.0.8",
  kernelTakesHop: true,
};

const os = new LinuxOs();
await os.perform(await os.prepare({ do: "link.add", name: dev, link: { kind: "tun", offloads: true }, mtu }));
const translator = await userspaceHost({
  tun(name) {
    const tun = os.tun(name);
    if (tun === undefined) throw new Error(`Cannot translate on "${name}": there is no such TUN`);
    return tun;
  },
}).start(dev, spec);
onSignal(() => process.exit(0));
ready();
const error = await translator.ended;
process.stderr.write(`${error?.message ?? "the translator has ended"}\n`);
process.exitCode = 1;
