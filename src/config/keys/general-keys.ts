// Keys about the run as a whole.

import { key } from "../key-spec.js";
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
      "exits instead, as the Perl clatd does.",
  }),
  engine: key({
    type: choice(["auto", "userspace"], ["ebpf", "tayga", "nat46", "jool"]),
    group: "general",
    default: "auto",
    help: "which translator does the work",
    description:
      "`userspace` translates in this process, over a TUN device. `auto` takes the best one that the host can run. " +
      "`ebpf`, `tayga`, `nat46` and `jool` come with later versions.",
  }),
  "script-up": key({
    type: optional(shellLine),
    group: "general",
    default: "",
    help: "shell line to run last, before translation starts",
    description:
      "Run by the system's shell when everything else is in place. A failure is fatal (append `|| true` where it " +
      "should not be). Every key is in its environment, hyphens as underscores: `$clat_dev`. No quotes around the " +
      "line in the file; on clatd's own command line quote the whole argument.",
  }),
  "script-down": key({
    type: optional(shellLine),
    group: "general",
    default: "",
    help: "shell line to run when translation has ended",
    description:
      "Run by the system's shell before the clean-up, with the same environment as `script-up`. Where it fails, clatd " +
      "cleans up all the same, and exits with a failure.",
  }),
} as const;
