// A specification as the configuration of a stateless Jool instance (jool_siit(8)): what of it Jool has a word for. Pure.

import { parseEam } from "../../net/eam.js";
import { formatPrefix } from "../../net/prefix.js";
import type { JoolConfig } from "../../os/effect.js";
import type { TranslationSpec } from "../../xlat/spec.js";

export function joolConfig(spec: TranslationSpec): { readonly config: JoolConfig; readonly notes: readonly string[] } {
  const [pref64 = "", ...others] = spec.pref64s;
  return {
    config: {
      global: {
        "manually-enabled": true,
        pool6: pref64,
        "lowest-ipv6-mtu": spec.lowestIpv6Mtu,
        "amend-udp-checksum-zero": spec.udpZeroChecksum === "compute",
        "eam-hairpin-mode": hairpinModes[`${spec.hairpinning ?? true}`],
        "rfc6791v4-prefix": withLength(spec.icmpSource, 32),
        ...(spec.trafficClassV6 === 0 ? { "zeroize-traffic-class": true } : {}),
        ...(spec.tosV4 === undefined ? {} : { "override-tos": true, tos: spec.tosV4 }),
      },
      eamt: spec.eams.map((text, index) => {
        const { v4, v6 } = parseEam(text, index);
        return { v4: formatPrefix(v4), v6: formatPrefix(v6) };
      }),
      // Jool would send it to the PLAT, but the namespace has this address and answers (Jool 4.1.9, Linux 6.1).
      denylist4: [withLength(spec.translatorV4, 32)],
    },
    notes: [
      ...(others.length === 0 ? [] : [`Jool knows one PREF64, ${pref64}; it does not translate ${others.join(", ")}`]),
      ...((spec.trafficClassV6 ?? 0) === 0
        ? []
        : ["Jool copies the traffic class, or makes it 0: ipv6-traffic-class is not held"]),
    ],
  };
}

const hairpinModes = { true: "intrinsic", simple: "simple", false: "off" } as const;

function withLength(text: string, length: number): string {
  return text.includes("/") ? text : `${text}/${length}`;
}
