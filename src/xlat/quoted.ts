// The packet in error that an ICMP error quotes, and what may stand behind it: an extension structure (RFC 4884). Both
// families keep the quoted packet's length in the ICMP header, in other places and units, and both pad it with zeros.

import { put16, put32 } from "../net/octets.js";
import { ICMP_CHECKSUM, ICMP_CODE, ICMP_REST } from "../wire/icmp.js";
import type { IcmpRow } from "./icmp-tables.js";

/** RFC 4884 §3: where an extension follows, the quoted packet takes at least this much. */
const LEAST = 128;

/** The sizes of a translated ICMP error, in octets. Reused for each, as nothing may be allocated. */
export interface QuoteLayout {
  /** Of the quoted packet that is kept (without its IP headers). */
  data: number;
  /** Zeros behind it. */
  padding: number;
  /** The extension structure behind these. */
  extension: number;
}

/**
 * Where the quoted packet ends, which begins at `inner`, and an extension may begin (RFC 4884 §4). A length that can't be is
 * taken as none.
 *
 * @param length in octets, as the header of the error states it
 */
export function quotedUntil(inner: number, length: number, end: number): number {
  return length > 0 && inner + length < end ? inner + length : end;
}

/** The header of the translated error, with a checksum of zero. @param code of the one that came in */
export function putErrorHeader(b: Uint8Array, at: number, row: IcmpRow, code: number, rest: number): void {
  b[at] = row.to.type;
  b[at + ICMP_CODE] = row.to.code === "same" ? code : row.to.code;
  put16(b, at + ICMP_CHECKSUM, 0);
  put32(b, at + ICMP_REST, rest);
}

/**
 * Lays out an ICMP error: `headers` are the IP headers that the quoted packet will have, `unit` the octets that the
 * length counts in, `most` what the quoted packet and the extension may take together. Where the extension does not fit
 * it goes (RFC 7915 §4.2: "simply truncated").
 */
export function layOutQuote(
  layout: QuoteLayout,
  headers: number,
  data: number,
  extension: number,
  unit: 4 | 8,
  most: number,
): void {
  layout.data = Math.min(data, most - headers);
  layout.padding = 0;
  layout.extension = 0;
  if (extension === 0) return;
  // The length has eight bits.
  const kept = Math.min(data, 255 * unit - headers);
  const padded = Math.max(LEAST, Math.ceil((headers + kept) / unit) * unit);
  if (padded + extension > most) return;
  layout.data = kept;
  layout.padding = padded - headers - kept;
  layout.extension = extension;
}

/**
 * Moves the quoted data that stands in b[from, to) so that `layout` holds, the extension staying at its place behind
 * `to`. Gives the new `from`.
 */
export function moveQuote(b: Uint8Array, from: number, to: number, layout: QuoteLayout): number {
  if (layout.extension === 0) return from;
  const begin = to - layout.padding - layout.data;
  if (begin !== from) b.copyWithin(begin, from, from + layout.data);
  b.fill(0, begin + layout.data, to);
  return begin;
}
