// host: may run clatd, and serve. Its IPv6 comes from Router Advertisements by the kernel's SLAAC.

import type { HostNode } from "../topology.js";
import { serverServices } from "./server.js";
import type { Programs, Service } from "./service.js";

export function hostServices(node: HostNode, programs: Programs): Service[] {
  const own = serverServices(node, programs);
  if (node.clatd === undefined) return own;
  const { keys } = node.clatd;
  return [
    ...own,
    {
      name: "clatd",
      what: keys.length === 0 ? "clatd, without any configuration" : `clatd ${keys.join(" ")}`,
      files: node.files,
      // Not ready but started: whether and when it becomes active is for the checks to say.
      effects: [
        {
          do: "process.start",
          in: node.name,
          name: `${node.name}/clatd`,
          command: [programs.node, `${programs.dist}/src/cli/clatd.js`, ...keys],
          // Killed, it could not put everything back, and whether it does is what is looked at.
          grace: 60_000,
        },
      ],
      needs: [],
      optional: false,
    },
  ];
}
