// The TCP header (RFC 9293 §3.1): offsets by name.

/** Octets, without options. */
export const TCP_HEADER = 20;

export const TCP_SEQUENCE = 4;
export const TCP_DATA_OFFSET = 12;
export const TCP_FLAGS = 13;
export const TCP_CHECKSUM = 16;

export const TCP_FIN = 0x01;
export const TCP_PSH = 0x08;
export const TCP_ACK = 0x10;
export const TCP_CWR = 0x80;

/** Octets, options included. */
export function tcpHeaderLength(bytes: Uint8Array, at: number): number {
  return ((bytes[at + TCP_DATA_OFFSET] as number) >> 4) << 2;
}
