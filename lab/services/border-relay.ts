// The builtin Border Relay: `xlat` over mappings and a PREF64.

import type { BorderRelayConfiguration } from "../kinds/border-relay.js";
import { configurationFile, readConfiguration } from "./service.js";
import { translateOn } from "./translate.js";

const { dev, pref64, eams, translatorV4, translatorV6, mtu } = readConfiguration<BorderRelayConfiguration>(
  configurationFile(),
);
const ipv4Less = 20;

await translateOn(dev, mtu, {
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
