// Fragments into the reassembly, and whole messages out of it: as the packet that the sender would have sent had it fit.

import { i32, put16, u16 } from "../net/octets.js";
import { FRAGMENT_HEADER } from "../wire/fragment.js";
import {
  IPV4_DESTINATION,
  IPV4_FRAGMENT,
  IPV4_HEADER,
  IPV4_IDENTIFICATION,
  IPV4_MF,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  IPV4_TOTAL_LENGTH,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  putIpv4Checksum,
} from "../wire/ipv4.js";
import { IPV6_DESTINATION, IPV6_HEADER, IPV6_NEXT_HEADER, IPV6_PAYLOAD_LENGTH, IPV6_SOURCE } from "../wire/ipv6.js";
import { EXTENSION_FRAGMENT } from "../wire/protocols.js";
import type { Context, MutableFrame } from "./context.js";
import type { Frame, Outlet } from "./frame.js";
import { putFragment } from "./headers.js";
import { SLOT_PAYLOAD, type Slot } from "./reassembly.js";
import { withoutOffloads } from "./refuse.js";

/** What a whole message is handed to: the translation, from its beginning. */
export type Translate = (x: Context, frame: Frame, outlet: Outlet) => void;

/** Whether earlier fragments of the datagram of which `frame` holds one wait for it. */
export function isAwaited4(x: Context, frame: Frame): boolean {
  if (x.reassembly4.open === 0) return false;
  putKey4(x, frame);
  return x.reassembly4.find() !== undefined;
}

/** Takes an IPv4 fragment; translates the message when it was the last one missing. */
export function hold4(x: Context, frame: Frame, outlet: Outlet, translate: Translate): void {
  const b = frame.bytes;
  const at = frame.start;
  putKey4(x, frame);
  const slot = x.reassembly4.openSlot();
  const upper = at + ipv4HeaderLength(b, at);
  const more = (u16(b, at + IPV4_FRAGMENT) & IPV4_MF) !== 0;
  if (x.reassembly4.add(slot, b, at, upper, frame.end, ipv4FragmentOffset(b, at), more) !== "complete") return;
  const start = SLOT_PAYLOAD - IPV4_HEADER;
  const whole = slot.bytes;
  // Options are left out: they would be ignored, and a source route was refused before.
  for (let octet = 0; octet < IPV4_HEADER; octet++) whole[start + octet] = slot.header[octet] as number;
  whole[start] = (4 << 4) | (IPV4_HEADER >> 2);
  put16(whole, start + IPV4_TOTAL_LENGTH, IPV4_HEADER + slot.total);
  put16(whole, start + IPV4_FRAGMENT, 0);
  putIpv4Checksum(whole, start, IPV4_HEADER);
  translate(x, fill(x.whole4, slot, start), outlet);
  x.reassembly4.release(slot);
}

/** Takes an IPv6 fragment whose chain is in the context; translates the message when it was the last one missing. */
export function hold6(x: Context, frame: Frame, outlet: Outlet, translate: Translate): void {
  const b = frame.bytes;
  const at = frame.start;
  const { upper, protocol, fragmentOffset, moreFragments, identification } = x.chain;
  const key = x.reassembly6.key;
  for (let word = 0; word < 4; word++) {
    key[word] = i32(b, at + IPV6_SOURCE + 4 * word);
    key[4 + word] = i32(b, at + IPV6_DESTINATION + 4 * word);
  }
  key[8] = identification;
  key[9] = protocol;
  const slot = x.reassembly6.openSlot();
  if (x.reassembly6.add(slot, b, at, upper, frame.end, fragmentOffset, moreFragments) !== "complete") return;
  // As an atomic fragment, which keeps the identification and lets IPv4 fragment it again (RFC 7915 §5.1.1).
  const start = SLOT_PAYLOAD - FRAGMENT_HEADER - IPV6_HEADER;
  const whole = slot.bytes;
  for (let octet = 0; octet < IPV6_HEADER; octet++) whole[start + octet] = slot.header[octet] as number;
  put16(whole, start + IPV6_PAYLOAD_LENGTH, FRAGMENT_HEADER + slot.total);
  whole[start + IPV6_NEXT_HEADER] = EXTENSION_FRAGMENT;
  putFragment(whole, start + IPV6_HEADER, protocol, 0, identification);
  translate(x, fill(x.whole6, slot, start), outlet);
  x.reassembly6.release(slot);
}

function putKey4(x: Context, frame: Frame): void {
  const b = frame.bytes;
  const at = frame.start;
  const key = x.reassembly4.key;
  key[0] = i32(b, at + IPV4_SOURCE);
  key[4] = i32(b, at + IPV4_DESTINATION);
  key[8] = u16(b, at + IPV4_IDENTIFICATION);
  key[9] = b[at + IPV4_PROTOCOL] as number;
}

function fill(frame: MutableFrame, slot: Slot, start: number): Frame {
  frame.bytes = slot.bytes;
  frame.start = start;
  frame.end = SLOT_PAYLOAD + slot.total;
  withoutOffloads(frame);
  return frame;
}
