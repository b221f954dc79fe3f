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
    type: path,
    group: "commands",
    default: "nft",
    help: "path of nft; required where ctmark is used",
    description: "A bare name is looked up in $PATH.",
  }),
  "cmd-networkctl": key({
    type: optional(path),
    group: "commands",
    default: "networkctl",
    help: "path of networkctl; empty: do not ask systemd-networkd",
    description: "systemd-networkd tells the PREF64s that it had from Router Advertisements (RFC 8781).",
    later: "clatd does not ask systemd-networkd yet",
  }),
  "cmd-tayga": key({
    type: path,
    group: "commands",
    default: "tayga",
    help: "path of tayga; required for that engine",
    description: "A bare name is looked up in $PATH.",
    later: "it comes with the TAYGA engine",
  }),
  "cmd-ufw": key({
    type: optional(path),
    group: "commands",
    default: "ufw",
    help: "path of ufw; empty: leave UFW alone",
    description: "Where UFW is active, it needs rules that let the CLAT's packets pass.",
    later: "clatd adds no rules to UFW yet",
  }),
} as const;
