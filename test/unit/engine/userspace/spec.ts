// A specification for tests that need any.

import type { TranslationSpec } from "../../../../src/xlat/spec.js";

export function specFor(): TranslationSpec {
  return {
    pref64s: ["2001:db8:64::/96"],
    eams: [{ v4: "192.0.0.1/32", v6: "2001:db8:1::c1a7/128" }],
    mtuV4: 1480,
    mtuV6: 1500,
    lowestIpv6Mtu: 1280,
    udpZeroChecksum: "compute",
    translatorV4: "192.0.0.2",
    icmpSource: "192.0.0.8",
  };
}
