// Keys that say where the programs are that clatd calls.

import { key } from "../key-spec.js";
import { optional, path } from "../value-type.js";

export const commandKeys = {
  "cmd-ip": key({
    type: path,
    group: "commands",
    default: "ip",
    help: "path of ip (iproute2); required",
    description: "A bare name is looked up in $PATH.",
  }),
  "cmd-nft": key({
    type: optional(path),
    group: "commands",
    default: "nft",
    help: "path of nft; required where ctmark is used; empty: none",
    description:
      "A bare name is looked up in $PATH. Without it the classic plumbing of a shared address needs `ctmark=0`, and " +
      "nobody tells of a firewall that is in the way.",
  }),
  "cmd-networkctl": key({
    type: optional(path),
    group: "commands",
    default: "networkctl",
    help: "path of networkctl; empty: do not ask systemd-networkd",
    description:
      "systemd-networkd (255 and later) tells the PREF64s that it had from Router Advertisements (RFC 8781). They come " +
      "before those of DNS64.",
    perl: "It is asked again while clatd runs, so a prefix that the network changes is heard of.",
  }),
  "cmd-tayga": key({
    type: optional(path),
    group: "commands",
    default: "tayga",
    help: "path of tayga; required for that engine; empty: none",
    description: "A bare name is looked up in $PATH.",
    perl: "Only `engine=tayga` calls it. A TAYGA that ends is started again.",
  }),
  "cmd-ufw": key({
    type: optional(path),
    group: "commands",
    default: "ufw",
    help: "path of ufw; empty: leave UFW alone",
    description:
      "Where UFW is active (`ufw status`) and the engine needs the host's forwarding, it gets rules that let the CLAT's " +
      "packets pass, one each way, which go again at the end.",
    perl:
      "The rules have a comment (`clatd: clat`), come and go while clatd runs as UFW is switched on and off, and " +
      "go after a SIGKILL too.",
  }),
} as const;
