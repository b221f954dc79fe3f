// struct virtio_net_hdr (virtio 1.2 §5.1.6), as a TUN with IFF_VNET_HDR puts it in front of every packet: what is left
// to do for the checksum and the segmentation. In the host's order, which is little-endian on all that Node 20 runs on
// but s390x.

import { u8 } from "../../net/octets.js";
import { type Frame, GSO_ECN, GSO_NONE, GSO_UDP_L4 } from "../../xlat/frame.js";

const FLAG_NEEDS_CSUM = 1;
const udpHeaderLength = 8;
/** Of the octet that holds a TCP header's length, in its upper half, in units of four octets. */
const tcpLengthAt = 12;

/** Offsets: flags 0, gso_type 1, hdr_len 2, gso_size 4, csum_start 6, csum_offset 8. */

/** Reads the header at `at` into `frame`. A flag other than NEEDS_CSUM says that the checksum is complete. */
export function readVnetHeader(frame: Frame, at: number): void {
  const bytes = frame.bytes;
  frame.gsoType = u8(bytes, at + 1);
  frame.gsoSize = u16le(bytes, at + 4);
  if ((u8(bytes, at) & FLAG_NEEDS_CSUM) === 0) {
    frame.checksumStart = -1;
    frame.checksumOffset = 0;
  } else {
    frame.checksumStart = u16le(bytes, at + 6);
    frame.checksumOffset = u16le(bytes, at + 8);
  }
}

/** Writes the header for `frame` at `at`, `length` octets of it: 10, or more that stay zero (`num_buffers`). */
export function writeVnetHeader(frame: Frame, at: number, length: number): void {
  const bytes = frame.bytes;
  for (let i = at; i < at + length; i++) bytes[i] = 0;
  const start = frame.checksumStart;
  if (start < 0) return;
  bytes[at] = FLAG_NEEDS_CSUM;
  put16le(bytes, at + 6, start);
  put16le(bytes, at + 8, frame.checksumOffset);
  if (frame.gsoType === GSO_NONE) return;
  // The kernel puts hdr_len octets into the linear part of its buffer; all headers must be there.
  const headers = start + layer4HeaderLength(frame);
  bytes[at + 1] = frame.gsoType;
  put16le(bytes, at + 2, headers);
  put16le(bytes, at + 4, frame.gsoSize);
}

function layer4HeaderLength(frame: Frame): number {
  if ((frame.gsoType & ~GSO_ECN) === GSO_UDP_L4) return udpHeaderLength;
  return (u8(frame.bytes, frame.start + frame.checksumStart + tcpLengthAt) >> 4) << 2;
}

function u16le(bytes: Uint8Array, at: number): number {
  return u8(bytes, at) | (u8(bytes, at + 1) << 8);
}

function put16le(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >> 8;
}
