// A program that listens on a service address and tells whom it sees.

import type { Datagram } from "./datagram.js";

/** What it sends back. `who` it is. */
export function serviceAnswer(got: Datagram, who: string): Datagram {
  return {
    ...got,
    source: got.destination,
    sourcePort: got.destinationPort,
    destination: got.source,
    destinationPort: got.sourcePort,
    hops: 64,
    text: `${who} sees ${got.source} call ${got.destination}: ${got.text}`,
    ...(got.protocol === "icmp" ? { reply: true } : {}),
  };
}
