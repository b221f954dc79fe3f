// Keys about the host's own IPv4: whether it has any, and the default route through the CLAT.

import { key } from "../key-spec.js";
import { boolean, emptyMeans, integer, orAuto } from "../value-type.js";

export const ipv4Keys = {
  "v4-conncheck-enable": key({
    type: boolean,
    group: "ipv4",
    default: "yes",
    help: "do nothing while the host has an IPv4 default route",
    description:
      "clatd waits for as long as the host has an IPv4 default route that is not a CLAT's (this one's or another clatd's), and " +
      "takes over when it goes. `no`: translate in any case; `v4-defaultroute-metric` then tells which route is preferred.",
    perl:
      "clatd keeps watching, where that one looks once and ends (as `once=yes` does). A route over a device " +
      "without a carrier does not count.",
  }),
  "v4-conncheck-delay": key({
    type: integer([[0, 86400]], "seconds"),
    group: "ipv4",
    default: "0",
    help: "seconds to wait before that check",
    description: "Gives DHCPv4 time to finish when the network comes up.",
    perl: "The default there is 10, since it looks once.",
  }),
  "v4-defaultroute-enable": key({
    type: boolean,
    group: "ipv4",
    default: "yes",
    help: "add an IPv4 default route through the CLAT",
    description: "`no`: the routes are yours to add, for instance in `script-up`.",
  }),
  "v4-defaultroute-replace": key({
    type: boolean,
    group: "ipv4",
    default: "no",
    help: "take other IPv4 default routes away meanwhile",
    description:
      "They come back when clatd ends. Switches `v4-conncheck-enable` off. Nothing keeps a DHCPv4 client from adding " +
      "its route again. One with several next hops cannot be taken away, and is told.",
    perl:
      "After a SIGKILL they come back too, with the next start or `clatd cleanup`. One that is added meanwhile " +
      "is taken away as well.",
  }),
  "v4-defaultroute-metric": key({
    type: integer([[0, 0xffffffff]]),
    group: "ipv4",
    default: "2048",
    help: "metric of that route",
    description: "A lower metric is preferred; the default leaves the first place to a native route.",
  }),
  "v4-defaultroute-mtu": key({
    type: emptyMeans<number | "auto">(
      0,
      orAuto(
        integer(
          [
            [0, 0],
            [68, 65535],
          ],
          "octets",
        ),
      ),
    ),
    group: "ipv4",
    default: "auto",
    defaultText: "auto (1260 with TAYGA)",
    help: "MTU of that route; 0: none",
    description:
      "`auto` takes the MTU of the IPv6 path less 20 octets, which is what the translation adds; larger packets get " +
      "the right ICMP errors. With TAYGA it is 1260.",
    perl:
      "The default there is 1260 with every engine. Here the path is measured, and what does not fit it is " +
      "answered with the right errors, so that nothing is lost by a larger one.",
  }),
  "v4-defaultroute-advmss": key({
    type: orAuto(
      integer(
        [
          [0, 0],
          [28, 65495],
        ],
        "octets",
      ),
    ),
    group: "ipv4",
    default: "auto",
    defaultText: "the MTU less 40; none where the MTU is 0",
    help: "TCP segment size that the host advertises; 0: none",
    description: "20 octets of IPv4 header and 20 of TCP header stay below the MTU. There is seldom a need to set it.",
  }),
} as const;
