// The builtin PLAT's translator. The masquerades on either side of it are nft's, and so is all state.

import type { PlatConfiguration } from "../kinds/plat.js";
import { configurationFile, readConfiguration } from "./service.js";
import { translateOn } from "./translate.js";

const { dev, pref64, translatorV4, translatorV6, clients, mappings, mtu } = readConfiguration<PlatConfiguration>(
  configurationFile(),
);

await translateOn(dev, mtu, {
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
});
