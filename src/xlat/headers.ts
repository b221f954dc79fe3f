// Writes whole IP headers. Addresses come as words; lengths are octets.

import { put16, put32 } from "../net/octets.js";
import { checksumOf, sumWord } from "../wire/checksum.js";
import { FRAGMENT_IDENTIFICATION, FRAGMENT_NEXT_HEADER, FRAGMENT_OFFSET } from "../wire/fragment.js";
import {
  IPV4_CHECKSUM,
  IPV4_DESTINATION,
  IPV4_FRAGMENT,
  IPV4_HEADER,
  IPV4_IDENTIFICATION,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  IPV4_TOS,
  IPV4_TOTAL_LENGTH,
  IPV4_TTL,
} from "../wire/ipv4.js";
import { IPV6_DESTINATION, IPV6_HOP_LIMIT, IPV6_NEXT_HEADER, IPV6_PAYLOAD_LENGTH, IPV6_SOURCE } from "../wire/ipv6.js";

/** An IPv4 header of 20 octets with its checksum; `fragment`: flags and offset as in the field. */
export function putIpv4(
  b: Uint8Array,
  at: number,
  tos: number,
  totalLength: number,
  identification: number,
  fragment: number,
  ttl: number,
  protocol: number,
  source: number,
  destination: number,
): void {
  b[at] = (4 << 4) | (IPV4_HEADER >> 2);
  b[at + IPV4_TOS] = tos;
  put16(b, at + IPV4_TOTAL_LENGTH, totalLength);
  put16(b, at + IPV4_IDENTIFICATION, identification);
  put16(b, at + IPV4_FRAGMENT, fragment);
  b[at + IPV4_TTL] = ttl;
  b[at + IPV4_PROTOCOL] = protocol;
  put16(
    b,
    at + IPV4_CHECKSUM,
    checksumOf(
      0x4500 +
        tos +
        totalLength +
        identification +
        fragment +
        ((ttl << 8) | protocol) +
        sumWord(source) +
        sumWord(destination),
    ),
  );
  put32(b, at + IPV4_SOURCE, source);
  put32(b, at + IPV4_DESTINATION, destination);
}

/** An IPv6 header; source and destination are eight words from `words[from]`. Flow label 0 (RFC 7915 §4.1). */
export function putIpv6(
  b: Uint8Array,
  at: number,
  trafficClass: number,
  payloadLength: number,
  nextHeader: number,
  hopLimit: number,
  words: Int32Array,
  from: number,
): void {
  b[at] = (6 << 4) | (trafficClass >> 4);
  b[at + 1] = trafficClass << 4;
  b[at + 2] = 0;
  b[at + 3] = 0;
  put16(b, at + IPV6_PAYLOAD_LENGTH, payloadLength);
  b[at + IPV6_NEXT_HEADER] = nextHeader;
  b[at + IPV6_HOP_LIMIT] = hopLimit;
  put32(b, at + IPV6_SOURCE, words[from] as number);
  put32(b, at + IPV6_SOURCE + 4, words[from + 1] as number);
  put32(b, at + IPV6_SOURCE + 8, words[from + 2] as number);
  put32(b, at + IPV6_SOURCE + 12, words[from + 3] as number);
  put32(b, at + IPV6_DESTINATION, words[from + 4] as number);
  put32(b, at + IPV6_DESTINATION + 4, words[from + 5] as number);
  put32(b, at + IPV6_DESTINATION + 8, words[from + 6] as number);
  put32(b, at + IPV6_DESTINATION + 12, words[from + 7] as number);
}

/** A Fragment Header; `offsetAndMore`: as in the field (offset in octets, a multiple of 8, and the M flag). */
export function putFragment(
  b: Uint8Array,
  at: number,
  nextHeader: number,
  offsetAndMore: number,
  identification: number,
): void {
  b[at + FRAGMENT_NEXT_HEADER] = nextHeader;
  b[at + 1] = 0;
  put16(b, at + FRAGMENT_OFFSET, offsetAndMore);
  put32(b, at + FRAGMENT_IDENTIFICATION, identification);
}

/** The sum of `count` words, unfolded: at most 0x1fffe a word. */
export function sumWords(words: Int32Array, from: number, count: number): number {
  let sum = 0;
  for (let index = from; index < from + count; index++) sum += sumWord(words[index] as number);
  return sum;
}
