// TAYGA as what translates in a node, on a TUN that it makes when it starts.

import type { Effect } from "../../src/os/effect.js";
import { inNode, type Service } from "./service.js";

/** @param lines of its configuration (tayga.conf(5)), but for the device */
export function taygaOn(node: string, dev: string, lines: readonly string[]): Pick<Service, "files" | "effects"> {
  const effects: Effect[] = [
    {
      do: "process.start",
      in: node,
      name: `${node}/tayga`,
      // Its output is a pipe here, which would keep the line that says it is ready in a buffer.
      command: ["stdbuf", "-oL", "tayga", "--config", inNode("tayga.conf"), "--nodetach", "-d"],
      ready: "NAT64 prefix",
    },
    { do: "link.set", in: node, name: dev, up: true },
  ];
  return { files: { "tayga.conf": `${[`tun-device ${dev}`, ...lines].join("\n")}\n` }, effects };
}
