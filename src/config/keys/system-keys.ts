// Keys about what is changed on the host so that packets find their way to the CLAT.

import { key } from "../key-spec.js";
import { boolean, choice, integer, optional, orAuto, path } from "../value-type.js";

export const systemKeys = {
  plumbing: key({
    type: choice(["auto", "classic"]),
    group: "system",
    default: "auto",
    help: "how packets find the userspace engine: auto or classic",
    description:
      "`auto`: BPF programs lead them to it and away from it, and the host's forwarding is left alone; `classic` where those " +
      "cannot be loaded. `classic`: by the host's forwarding, a rule and a table of its own, and an nft mark or proxy-ND, as " +
      "the Perl clatd does it; nft hooks see every packet then. `ebpf` always has its programs, `tayga`, `nat46` and `jool` " +
      "always the classic plumbing.",
  }),
  "forwarding-enable": key({
    type: boolean,
    group: "system",
    default: "yes",
    help: "enable IPv6 forwarding if it is needed",
    description:
      "Packets to and from the CLAT are forwarded. A host that forwards ignores Router Advertisements where accept_ra " +
      "is 1, so it becomes 2 on those devices. Everything is put back at the end.",
    perl:
      "`engine=ebpf`, and `userspace` where BPF leads packets to it, need no forwarding and leave all of this alone. Devices that come later are treated as " +
      "well, so `default` keeps its value.",
  }),
  "proxynd-enable": key({
    type: orAuto(boolean),
    group: "system",
    default: "auto",
    defaultText: "no if clat-v6-addr=shared, else yes",
    help: "answer neighbour discovery for the CLAT's address",
    description:
      "Adds a proxy-ND entry for the CLAT's IPv6 address on the uplink, so that routers find it. A shared address is " +
      "the host's own and needs none.",
    perl:
      "The kernel answers only where `proxy_ndp` is on for all devices; that is put back too. Where BPF " +
      "leads packets clatd gives the address to the uplink itself, and the kernel answers for it without proxy-ND.",
  }),
  "route-table": key({
    type: integer(
      [
        [1, 252],
        [256, 0xffffffff],
      ],
      "",
      "hex",
    ),
    group: "system",
    default: "0xc1a7",
    help: "table of the route from the PLAT to the CLAT",
    description:
      "A rule sends packets that come from the PLAT for the CLAT to this table. It must not be one of the system's " +
      "own (253 default, 254 main, 255 local).",
    perl: "`engine=ebpf` needs no table. Names of /etc/iproute2/rt_tables are not taken.",
  }),
  "tayga-conffile": key({
    type: optional(path),
    group: "system",
    default: "",
    defaultText: "a temporary file",
    help: "where TAYGA's configuration is written",
    description: "A file that is named here is kept afterwards.",
  }),
} as const;
