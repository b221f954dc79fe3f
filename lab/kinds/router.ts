// router: forwards, and sends Router Advertisements on the interfaces that have hosts. The lab's own sender: no RA
// daemon of Debian 12 can send PREF64 (RFC 8781).

import type { RouterNode } from "../topology.js";
import { ownService, type Programs, type Service } from "./service.js";

export function routerService(node: RouterNode, programs: Programs): Service[] {
  if (node.ra.length === 0) return [];
  const { files, start } = ownService(node.name, "ra", { interfaces: node.ra }, programs);
  return [{ name: "ra", what: "Router Advertisements", files, effects: [start], needs: [], optional: false }];
}
