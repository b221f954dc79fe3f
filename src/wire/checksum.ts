// The Internet checksum (RFC 1071) and its incremental update (RFC 1624). "Sum" is the one's complement sum of 16-bit
// words, not yet complemented; "checksum" is what stands in the field. Sums stay below 2^31, so that they are
// integers to V8.

/** Sums 16-bit words of bytes[from, to), an odd octet padded with zero, onto a folded or small sum; the result is folded. */
export function sumOctets(bytes: Uint8Array, from: number, to: number, initial: number): number {
  // High and low octets apart: one addition an octet, no shift, and 64 KiB can't overflow.
  let high = 0;
  let low = 0;
  let at = from;
  const block = to - 15;
  while (at < block) {
    high +=
      (bytes[at] as number) +
      (bytes[at + 2] as number) +
      (bytes[at + 4] as number) +
      (bytes[at + 6] as number) +
      (bytes[at + 8] as number) +
      (bytes[at + 10] as number) +
      (bytes[at + 12] as number) +
      (bytes[at + 14] as number);
    low +=
      (bytes[at + 1] as number) +
      (bytes[at + 3] as number) +
      (bytes[at + 5] as number) +
      (bytes[at + 7] as number) +
      (bytes[at + 9] as number) +
      (bytes[at + 11] as number) +
      (bytes[at + 13] as number) +
      (bytes[at + 15] as number);
    at += 16;
  }
  for (; at < to - 1; at += 2) {
    high += bytes[at] as number;
    low += bytes[at + 1] as number;
  }
  if (at < to) high += bytes[at] as number;
  return fold(fold((high >> 8) + ((high & 0xff) << 8) + low) + fold(initial));
}

/** A sum below 2^31 as 16 bits. */
export function fold(sum: number): number {
  const once = (sum & 0xffff) + (sum >>> 16);
  return (once & 0xffff) + (once >>> 16);
}

/** What stands in the field for a sum. */
export function checksumOf(sum: number): number {
  return ~fold(sum) & 0xffff;
}

/** The sum of the two halves of a 32-bit word: at most 0x1fffe. */
export function sumWord(word: number): number {
  return (word >>> 16) + (word & 0xffff);
}

/**
 * RFC 1624 equation 3: HC' = ~(~HC + ~m + m'). `removed` and `added` are sums (below 2^29) of what went and what came.
 * Gives 0xffff never where anything that was added is not zero.
 */
export function updateChecksum(checksum: number, removed: number, added: number): number {
  return checksumOf((~checksum & 0xffff) + (~fold(removed) & 0xffff) + fold(added));
}

/** The same for a field that holds a sum, not complemented: the pseudo-header's, as checksum offload wants it. */
export function updateSum(sum: number, removed: number, added: number): number {
  return fold(sum + (~fold(removed) & 0xffff) + fold(added));
}
