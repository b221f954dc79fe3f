// The IPv6 header (RFC 8200 §3) and the chain of extension headers (§4): offsets by name, the pseudo-header's sum (§8.1).

import { fold, sumOctets } from "./checksum.js";
import { EXTENSION_DESTINATION, EXTENSION_FRAGMENT, EXTENSION_HOP_BY_HOP, EXTENSION_ROUTING } from "./protocols.js";

/** Octets. */
export const IPV6_HEADER = 40;

export const IPV6_PAYLOAD_LENGTH = 4;
export const IPV6_NEXT_HEADER = 6;
export const IPV6_HOP_LIMIT = 7;
export const IPV6_SOURCE = 8;
export const IPV6_DESTINATION = 24;

/** Every IPv6 link takes this much (RFC 8200 §5). */
export const IPV6_MINIMUM_MTU = 1280;

/** In a Routing header: how many nodes are still to be visited. */
export const ROUTING_SEGMENTS_LEFT = 3;

/** The pseudo-header's sum, folded. `length`: of the upper-layer packet, in octets. */
export function ipv6PseudoSum(bytes: Uint8Array, at: number, nextHeader: number, length: number): number {
  return fold(
    sumOctets(bytes, at + IPV6_SOURCE, at + IPV6_DESTINATION + 16, 0) +
      nextHeader +
      (length >>> 16) +
      (length & 0xffff),
  );
}

/** Whether RFC 7915 §5.1 skips this header: hop-by-hop options, routing, destination options. */
export function isSkippedExtension(nextHeader: number): boolean {
  return (
    nextHeader === EXTENSION_HOP_BY_HOP || nextHeader === EXTENSION_ROUTING || nextHeader === EXTENSION_DESTINATION
  );
}

/** Whether it is an extension header other than ESP (IANA's registry): what may not follow a Fragment Header (RFC 7915 §5.1.1). */
export function isExtensionButEsp(nextHeader: number): boolean {
  switch (nextHeader) {
    case EXTENSION_HOP_BY_HOP:
    case EXTENSION_ROUTING:
    case EXTENSION_FRAGMENT:
    case EXTENSION_DESTINATION:
    case 51: // Authentication Header
    case 135: // Mobility
    case 139: // HIP
    case 140: // Shim6
      return true;
    default:
      return false;
  }
}
