// A packet in a buffer, as it goes through the translator: headers are written in front of the payload, which never moves.
// The offload fields are those of struct virtio_net_hdr (virtio 1.2 §5.1.6), for TUN devices opened with IFF_VNET_HDR.

/** Octets free in front of a packet that goes into the translator. */
export const HEADROOM = 128;

/** gsoType: one packet, no segmentation. */
export const GSO_NONE = 0;
/** gsoType: TCP segments inside IPv4. */
export const GSO_TCPV4 = 1;
/** gsoType: TCP segments inside IPv6. */
export const GSO_TCPV6 = 4;
/** gsoType: UDP datagrams, whatever the family. */
export const GSO_UDP_L4 = 5;
/** Flag in gsoType: the TCP segments carry ECN. */
export const GSO_ECN = 0x80;

/** One packet in a buffer: bytes[start, end). The translator moves start/end and writes headers; the payload is never copied. */
export interface Frame {
  readonly bytes: Uint8Array;
  /** Offset into `bytes` of the first octet of the IP header. */
  start: number;
  /** Offset into `bytes` behind the last octet of the packet. */
  end: number;
  /** virtio_net_hdr numbers: 0 none, 1 TCPv4, 4 TCPv6, 5 UDP_L4 (bit 0x80: ECN). */
  gsoType: number;
  /** Octets of layer 4 payload per segment. */
  gsoSize: number;
  /** NEEDS_CSUM: offset of the layer 4 header relative to `start`, its checksum field holds the pseudo-header's sum; -1: the checksum is complete. */
  checksumStart: number;
  /** Offset of the checksum field in the layer 4 header. */
  checksumOffset: number;
}

/** A frame with room for a packet of `size` octets behind the headroom; it holds an empty packet. */
export function newFrame(size: number): Frame {
  return {
    bytes: new Uint8Array(HEADROOM + size),
    start: HEADROOM,
    end: HEADROOM,
    gsoType: GSO_NONE,
    gsoSize: 0,
    checksumStart: -1,
    checksumOffset: 0,
  };
}

/** Makes `frame` hold `packet`, a plain one, behind the headroom. Throws a RangeError where it does not fit. */
export function loadFrame(frame: Frame, packet: Uint8Array): void {
  frame.bytes.set(packet, HEADROOM);
  frame.start = HEADROOM;
  frame.end = HEADROOM + packet.length;
  frame.gsoType = GSO_NONE;
  frame.gsoSize = 0;
  frame.checksumStart = -1;
  frame.checksumOffset = 0;
}

/**
 * Takes what comes out; called synchronously zero or more times a packet. The frame may be the translator's own: it is
 * valid during the call only. Must not call the same translator: its scratch is in use.
 */
export interface Outlet {
  emit(frame: Frame, family: 4 | 6): void;
}
