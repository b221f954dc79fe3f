// How a question reaches a DNS server. The real one is udp-tcp-transport.ts; the simulation brings its own.

export interface DnsServer {
  /** Canonical text; a link-local address carries its zone (`fe80::1%eth0`). */
  readonly address: string;
  readonly port: number;
}

export interface DnsTransport {
  /**
   * Sends a query and resolves with the answer that has its identifier, whole (a truncated one was asked for again over
   * TCP). Rejects with a sentence for people where the server cannot be reached, and with the signal's reason. Has no
   * time limit of its own.
   */
  query(server: DnsServer, packet: Uint8Array, signal: AbortSignal): Promise<Uint8Array>;
}
