// What of the system may change where the PLAT is: when this differs between two looks, the sources are asked again.

import type { NetSnapshot } from "../os/snapshot.js";

/**
 * A text that differs where links, global IPv6 addresses or IPv6 default routes (but for the CLAT's own) differ.
 *
 * @param snapshot without our addresses
 */
export function uplinkPrint(snapshot: NetSnapshot, clatDev: string): string {
  const links = snapshot.links
    .filter(({ name }) => name !== clatDev)
    .map(({ name, up, running }) => `${name} ${up} ${running}`);
  const addresses = snapshot.addresses
    .filter(({ dev, family, scope, tentative }) => dev !== clatDev && family === 6 && scope === "global" && !tentative)
    .map(({ dev, address, length }) => `${dev} ${address}/${length}`);
  const routes = snapshot.routes
    .filter(({ dev, family, destination }) => dev !== clatDev && family === 6 && destination === "default")
    .map(({ dev, via, table }) => `${dev} via ${via} table ${table}`);
  return [links, addresses, routes].map((texts) => texts.toSorted().join(", ")).join("; ");
}
