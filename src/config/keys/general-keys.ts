// Keys about the run as a whole.

import { key } from "../key-spec.js";
import { listenAddress } from "../listen-type.js";
import { boolean, choice, integer, optional, shellLine } from "../value-type.js";

export const generalKeys = {
  quiet: key({
    type: integer([[0, 99]]),
    group: "general",
    default: "0",
    help: "1: no normal output; 2: no warnings or errors either",
    description: "How much clatd keeps to itself. On the command line also `-q` and `-q -q`.",
  }),
  debug: key({
    type: integer([[0, 99]]),
    group: "general",
    default: "0",
    help: "1 or 2: debugging output",
    description:
      "How much clatd tells beyond its changes of state; 2 shows every effect on the system too. " +
      "On the command line also `-d` and `-d -d`.",
  }),
  once: key({
    type: boolean,
    group: "general",
    default: "no",
    help: "exit where there is nothing to do, instead of waiting",
    description:
      "Where there is no PLAT, or the host has IPv4 of its own, clatd waits until that changes. With `once=yes` it " +
      "exits instead, as the Perl clatd does: with 0 where the host has IPv4, with 1 where there is no PLAT, no way to it " +
      "or no address, or where something failed.",
  }),
  engine: key({
    type: choice(["auto", "ebpf", "userspace", "tayga", "nat46", "jool"]),
    group: "general",
    default: "auto",
    help: "which translator does the work",
    description:
      "`auto` takes the best one that this host can run, and `clatd status` says why. `userspace` translates in this " +
      "process, over a TUN device; `ebpf` does so too, with a fast path in the kernel. `tayga` runs TAYGA; `nat46` and " +
      "`jool` use the kernel modules of those names. One that is named here and cannot run is an error, not a reason " +
      "to take another.",
  }),
  "metrics-listen": key({
    type: optional(listenAddress),
    group: "general",
    default: "",
    help: "address and port for Prometheus, such as [::1]:9464",
    description:
      "Serves `/metrics` over HTTP there, to everybody who can reach that address: take a loopback address, or one of a " +
      "network for this. The control socket serves it in any case (`curl --unix-socket /run/clatd/clat.sock " +
      "http://clatd/metrics`).",
  }),
  "script-up": key({
    type: optional(shellLine),
    group: "general",
    default: "",
    help: "shell line to run last, before translation starts",
    description:
      "Run by the system's shell when everything else is in place. A failure is fatal (append `|| true` where it " +
      "should not be). Every key is in its environment with the value in use, hyphens as underscores: `$clat_dev`; " +
      "yes and no are `yes` and `no`, marks and tables hexadecimal, however they were written. No quotes around the " +
      "line in the file; on clatd's own command line quote the whole argument.",
    perl:
      "It runs again where translation begins again: clatd goes on where the Perl program ends (the PLAT went " +
      "and came back, or somebody deleted the device). The order is the same.",
  }),
  "script-down": key({
    type: optional(shellLine),
    group: "general",
    default: "",
    help: "shell line to run when translation has ended",
    description:
      "Run by the system's shell before the clean-up, with the same environment as `script-up`. Where it fails, clatd " +
      "cleans up all the same, and exits with a failure.",
    perl:
      "It runs each time that translation ends, also where clatd then waits for the PLAT to come back, and where " +
      "`script-up` has failed half way: what that did can be undone.",
  }),
} as const;
