// The Internet checksum by its definition (RFC 1071), for the fuzzer: not the translator's own, which is what it checks.

/** The one's complement sum of 16-bit words in bytes[from, to), an odd octet padded with zero, onto `initial`; folded. */
export function sum16(bytes: Uint8Array, from: number, to: number, initial: number): number {
  let sum = initial;
  for (let at = from; at + 1 < to; at += 2) sum += (bytes[at] as number) * 256 + (bytes[at + 1] as number);
  if ((to - from) % 2 === 1) sum += (bytes[to - 1] as number) * 256;
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
  return sum;
}

/** The sum of the pseudo-header of the packet at `at` of bytes (RFC 9293 §3.1, RFC 8200 §8.1). */
export function pseudoSum(bytes: Uint8Array, at: number, family: 4 | 6, protocol: number, length: number): number {
  const [from, to] = family === 4 ? [at + 12, at + 20] : [at + 8, at + 40];
  return sum16(bytes, from, to, protocol + (length >>> 16) + (length & 0xffff));
}
