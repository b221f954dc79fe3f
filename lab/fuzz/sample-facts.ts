// What a fuzzer's packet is, damaged or not, where that decides what may become of it.

import { u8 } from "../../src/net/octets.js";
import type { Sample } from "./samples.js";

/** Fragments of ICMP, and of UDP without a checksum that come from IPv4, wait for the rest. `turns`: all come from IPv4 in the end. */
export function mayWait({ family, bytes }: Sample, turns: boolean): boolean {
  if (family === 4) return [1, 17].includes(u8(bytes, 9)) && (u8(bytes, 6) & 0x3f) + u8(bytes, 7) !== 0;
  const { isFragment, protocol } = chainOf(bytes);
  return isFragment && (protocol === 58 || (turns && (protocol === 17 || protocol === 1)));
}

/** Whether fragments of the packet are translated one by one: not where they may have to wait for each other. */
export function travelsInParts({ family, bytes }: Sample): boolean {
  return ![1, 17, 58].includes(family === 4 ? u8(bytes, 9) : chainOf(bytes).protocol);
}

/** IPv4 protocols that are IPv6 extension headers are copied, as RFC 7915 §4.1 says: what follows them is the sender's affair. */
export function carriesExtension({ family, bytes }: Sample): boolean {
  return family === 4 && [0, 43, 44, 60].includes(u8(bytes, 9));
}

/** The other family's ICMP is a protocol like others: copied, with whatever it holds. */
export function carriesForeignIcmp(sample: Sample): boolean {
  const { family, bytes } = sample;
  return family === 4 ? u8(bytes, 9) === 58 || carriesExtension(sample) : chainOf(bytes).protocol === 1;
}

/** What the chain of IPv6 headers ends with, as far as it is there. */
function chainOf(bytes: Uint8Array): { readonly isFragment: boolean; readonly protocol: number } {
  let protocol = u8(bytes, 6);
  let isFragment = false;
  for (let at = 40; at + 8 <= bytes.length; ) {
    if (protocol === 44) isFragment = true;
    else if (protocol !== 0 && protocol !== 43 && protocol !== 60) break;
    const length = protocol === 44 ? 8 : (u8(bytes, at + 1) + 1) * 8;
    protocol = u8(bytes, at);
    at += length;
  }
  return { isFragment, protocol };
}
