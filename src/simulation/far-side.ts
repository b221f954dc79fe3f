// What is beyond the router of the simulated uplink: a PLAT, or a Border Relay.

export interface FarSide {
  /** Whether a packet to there is its own. */
  serves(destination: string): boolean;
  /** Takes an IPv6 packet; gives the answer's IPv6 packet, where there is one. */
  handle(packet: Uint8Array): Uint8Array | undefined;
}
