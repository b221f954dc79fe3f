// The same unremarkable octets for both ends.
import { Readable } from "node:stream";

const block = Buffer.alloc(1 << 20);
for (let i = 0, x = 1; i < block.length; i++) {
  x = (Math.imul(x, 1103515245) + 12345) | 0;
  block[i] = x >> 16;
}

/** @param {number} length */
export function octets(length) {
  let left = length;
  return new Readable({
    read() {
      const size = Math.min(left, block.length);
      left -= size;
      this.push(size === 0 ? null : block.subarray(0, size));
    },
  });
}

/** @param {number} size at most a mebibyte */
export function datagram(size) {
  return block.subarray(0, size);
}
