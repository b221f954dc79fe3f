// The IP packet inside a captured frame, by its link type (the registry at tcpdump.org/linktypes.html). Takes any octets.

import { u8, u16 } from "../net/octets.js";

const LINKTYPE_NULL = 0;
const LINKTYPE_ETHERNET = 1;
/** Raw IP of either version. */
export const LINKTYPE_RAW = 101;
const LINKTYPE_LOOP = 108;
/** Linux "cooked", as of `tcpdump -i any`. */
const LINKTYPE_SLL = 113;
const LINKTYPE_IPV4 = 228;
const LINKTYPE_IPV6 = 229;
const LINKTYPE_SLL2 = 276;
/** What raw IP is called on some systems. */
const RAW_TOO = [12, 14];

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
/** 802.1Q, 802.1ad, and what was there before it. */
const TAGS = [0x8100, 0x88a8, 0x9100];
const MOST_TAGS = 4;

/** AF_INET everywhere; AF_INET6 of Linux, NetBSD and OpenBSD, FreeBSD, macOS. */
const FAMILY_4 = [2];
const FAMILY_6 = [10, 24, 28, 30];

export type IpPacket =
  | { readonly ok: true; readonly family: 4 | 6; readonly octets: Uint8Array }
  /** A sentence without its full stop; `readable`: frames of this kind can hold packets, this one does not. */
  | { readonly ok: false; readonly readable: boolean; readonly problem: string };

/** The packet, without what stands in front of it, and without padding behind it. Its octets are a view. */
export function ipPacketOf(linkType: number, frame: Uint8Array): IpPacket {
  switch (linkType) {
    case LINKTYPE_ETHERNET:
      return behindTags(frame, 12);
    case LINKTYPE_SLL:
      return behindTags(frame, 14);
    case LINKTYPE_SLL2:
      return byEtherType(frame, 0, 20);
    case LINKTYPE_NULL:
      return byFamily(frame, true);
    case LINKTYPE_LOOP:
      return byFamily(frame, false);
    case LINKTYPE_IPV4:
      return packet(frame, 0, 4);
    case LINKTYPE_IPV6:
      return packet(frame, 0, 6);
    default:
      if (linkType === LINKTYPE_RAW || RAW_TOO.includes(linkType)) return byVersion(frame);
      return {
        ok: false,
        readable: false,
        problem: `its link type is ${linkType}; raw IP, Ethernet, Linux cooked (SLL, SLL2), null and loopback can be read`,
      };
  }
}

/** The EtherType stands at `at`, and the packet behind it, perhaps with VLAN tags between. */
function behindTags(frame: Uint8Array, at: number): IpPacket {
  let type = at;
  for (let tags = 0; tags < MOST_TAGS && type + 2 <= frame.length && TAGS.includes(u16(frame, type)); tags++) type += 4;
  return byEtherType(frame, type, type + 2);
}

function byEtherType(frame: Uint8Array, at: number, behind: number): IpPacket {
  if (behind > frame.length) return none("the frame is cut off before its packet");
  const type = u16(frame, at);
  if (type === ETHERTYPE_IPV4) return packet(frame, behind, 4);
  if (type === ETHERTYPE_IPV6) return packet(frame, behind, 6);
  return none(`it holds no IP packet: EtherType 0x${type.toString(16).padStart(4, "0")}`);
}

/** The address family, in the byte order of the host that captured it (null) or of the network (loop). */
function byFamily(frame: Uint8Array, eitherOrder: boolean): IpPacket {
  if (frame.length < 4) return none("the frame is cut off before its packet");
  const view = new DataView(frame.buffer, frame.byteOffset, 4);
  for (const littleEndian of eitherOrder ? [true, false] : [false]) {
    const family = view.getUint32(0, littleEndian);
    if (FAMILY_4.includes(family)) return packet(frame, 4, 4);
    if (FAMILY_6.includes(family)) return packet(frame, 4, 6);
  }
  return none("it holds no IP packet: its address family is another one");
}

function byVersion(frame: Uint8Array): IpPacket {
  const version = frame.length === 0 ? 0 : u8(frame, 0) >> 4;
  return version === 4 || version === 6 ? packet(frame, 0, version) : none(`it holds no IP packet: version ${version}`);
}

/** Ethernet pads short frames, and some captures have the frame check sequence. */
function packet(frame: Uint8Array, at: number, family: 4 | 6): IpPacket {
  const octets = frame.subarray(at);
  const length = family === 4 ? (octets.length < 4 ? 0 : u16(octets, 2)) : octets.length < 6 ? 0 : 40 + u16(octets, 4);
  // A length of zero is that of a super-packet on its way to the device, or damage: all there is then.
  const whole = family === 4 ? length >= 20 : length > 40;
  return { ok: true, family, octets: whole && length < octets.length ? octets.subarray(0, length) : octets };
}

function none(problem: string): IpPacket {
  return { ok: false, readable: true, problem };
}
