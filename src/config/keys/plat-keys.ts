// Keys about the PLAT: where it is and how its prefix is found.

import { deviceName, pref64, serverList } from "../address-type.js";
import { key } from "../key-spec.js";
import { optional } from "../value-type.js";

export const platKeys = {
  "plat-prefix": key({
    type: optional(pref64),
    group: "plat",
    default: "",
    defaultText: "detected",
    help: "the PLAT's translation prefix (PREF64)",
    description:
      "Set it where the network does not tell it. Otherwise clatd asks systemd-networkd (RFC 8781) and DNS64 " +
      "(RFC 7050), and keeps watching. " +
      "An Edge Relay has the translation prefix of its Border Relay here.",
    perl: "All lengths of RFC 6052 are taken, /40 too.",
  }),
  "plat-fallback-prefix": key({
    type: optional(pref64),
    group: "plat",
    default: "",
    help: "PREF64 to use when none is set or found",
    description: "Used only while no other source knows a prefix; as soon as one does, that one takes over.",
    perl: "It is left as soon as another source knows a prefix, without a restart.",
  }),
  "plat-dev": key({
    type: optional(deviceName),
    group: "plat",
    default: "",
    defaultText: "detected",
    help: "the device that faces the PLAT",
    description: "By default the one that the kernel would send packets to the PLAT's prefix through.",
    perl: "A device that is not there, or down, is waited for.",
  }),
  "dns64-servers": key({
    type: optional(serverList),
    group: "plat",
    default: "",
    defaultText: "system resolver",
    help: "DNS servers to ask for the PREF64 (RFC 7050)",
    description:
      "Comma-separated addresses, for example of a public DNS64 server, asked in their order. By default those in " +
      "/etc/resolv.conf, read anew at each attempt. Setting it skips systemd-networkd.",
    perl:
      "They are asked until one answers, and again before its answer runs out (RFC 7050 §3). AAAA records " +
      "without a well-known address are passed over, and those with a /40 prefix count.",
  }),
} as const;
