// A vector of datagrams as sendmmsg(2) and recvmmsg(2) take it: struct mmsghdr is 64 octets on 64-bit Linux, of which
// the last eight hold the length. All of its datagrams lie in one buffer each of the same size.

import { addressOf } from "../../../src/os/linux/packet-calls.js";

const HEADER = 64;
const LENGTH_AT = 56;

export class MessageVector {
  readonly count: number;
  readonly size: number;
  /** Where the vector lies: what the calls are given. */
  readonly address: number;
  /** The calls only know addresses: what lies there must be kept. */
  readonly kept: readonly Uint8Array[];
  readonly #headers: DataView;

  /** @param shared all datagrams are the same octets: for sending */
  constructor(count: number, size: number, shared: boolean) {
    this.count = count;
    this.size = size;
    const headers = new Uint8Array(count * HEADER);
    const pieces = new Uint8Array(Math.max(128, count * 16));
    const data = new Uint8Array(Math.max(128, shared ? size : count * size)).fill(0xa5);
    const view = new DataView(headers.buffer);
    const piece = new DataView(pieces.buffer);
    for (let index = 0; index < count; index++) {
      piece.setBigUint64(index * 16, BigInt(addressOf(data) + (shared ? 0 : index * size)), true);
      piece.setBigUint64(index * 16 + 8, BigInt(size), true);
      view.setBigUint64(index * HEADER + 16, BigInt(addressOf(pieces) + index * 16), true);
      view.setBigUint64(index * HEADER + 24, 1n, true);
    }
    this.#headers = view;
    this.kept = [headers, pieces, data];
    this.address = addressOf(headers);
  }

  /** Octets of the datagram at `index`, after a call. */
  lengthOf(index: number): number {
    return this.#headers.getUint32(index * HEADER + LENGTH_AT, true);
  }
}
