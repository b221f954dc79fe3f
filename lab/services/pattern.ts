// Octets for downloads and uploads: the same for everybody, of any length, not compressible, without repeating within
// one window of a packet. A block of a linear congruential generator, over and over.

import { createHash } from "node:crypto";

/** Odd, so that block and packet borders drift against each other. */
const BLOCK = makeBlock(1_048_573);
const hashes = new Map<number, string>();

function makeBlock(length: number): Uint8Array {
  const block = new Uint8Array(length);
  let state = 0x2545f491;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    block[index] = state >>> 24;
  }
  return block;
}

/** The first `octets` octets of the pattern, in slices. */
export function* patternSlices(octets: number): Generator<Uint8Array> {
  for (let left = octets; left > 0; left -= BLOCK.length) {
    yield left >= BLOCK.length ? BLOCK : BLOCK.subarray(0, left);
  }
}

/** Their sha256 in hex. */
export function patternHash(octets: number): string {
  const known = hashes.get(octets);
  if (known !== undefined) return known;
  const hash = createHash("sha256");
  for (const slice of patternSlices(octets)) hash.update(slice);
  const digest = hash.digest("hex");
  hashes.set(octets, digest);
  return digest;
}
