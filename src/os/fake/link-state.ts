// Looking at a link of the model.

import { type FakeLink, type FakeNetns, Refusal } from "./state.js";

export function findLink(ns: FakeNetns, name: string): FakeLink {
  const link = ns.links.get(name);
  if (link === undefined) throw new Refusal("missing", `Cannot find device "${name}"`);
  return link;
}

/** Up, and has a carrier. */
export function isRunning(ns: FakeNetns, link: FakeLink): boolean {
  if (!link.up) return false;
  switch (link.kind) {
    case "loopback":
    case "tun":
    case "none":
      return true;
    case "physical":
      return link.plugged;
    case "veth":
      return link.peer?.netns.links.get(link.peer.name)?.up === true;
    case "bridge":
      return [...ns.links.values()].some((port) => port.master === link.name && isRunning(ns, port));
  }
}
