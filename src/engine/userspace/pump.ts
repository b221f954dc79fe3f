// The packet path: reads packets from a TUN, has them translated where they lie, writes what comes out. One thread, one
// packet at a time, one buffer; nothing is allocated or copied per packet, and it only returns when it is told to.

import { u8 } from "../../net/octets.js";
import { addressOf, errno, poll, read, write } from "../../os/linux/packet-calls.js";
import { type Frame, HEADROOM, newFrame, type Outlet } from "../../xlat/frame.js";
import type { Translator } from "../../xlat/translator.js";
import { type EngineReason, engineReasons, reasonOfErrno } from "./engine-drops.js";
import { readVnetHeader, writeVnetHeader } from "./vnet-header.js";

/** Octets. One read brings up to 64 KiB of TCP and its headers. */
const largestPacket = 66_048;
/** Packets between two looks at the commands. */
const burst = 256;

const EINTR = 4;
const EAGAIN = 11;
const POLLIN = 1;

export interface PumpOptions {
  /** A TUN, or anything else that keeps packets apart; non-blocking. */
  readonly fd: number;
  /** Readable when `commands` is not zero. */
  readonly wakeFd: number;
  /** Octets of virtio header in front of each packet; 0: none. */
  readonly vnetLength: number;
  /** [0] is not zero where the main thread wants something. */
  readonly commands: Int32Array;
  /** Per direction (v4ToV6 first) one number for each of `engineReasons`. */
  readonly drops: Float64Array;
}

export class Pump implements Outlet {
  translator: Translator;
  readonly #fd: number;
  readonly #wakeFd: number;
  readonly #vnetLength: number;
  readonly #commands: Int32Array;
  readonly #drops: Float64Array;
  readonly #frame: Frame = newFrame(largestPacket);
  readonly #bytes: Uint8Array = this.#frame.bytes;
  readonly #address: number = addressOf(this.#bytes);
  /** Addresses of the buffers that the translator emits from beside ours. */
  readonly #others = new WeakMap<Uint8Array, number>();
  /** Offset into `drops` for the direction that is being translated. */
  #direction = 0;

  constructor(translator: Translator, options: PumpOptions) {
    this.translator = translator;
    this.#fd = options.fd;
    this.#wakeFd = options.wakeFd;
    this.#vnetLength = options.vnetLength;
    this.#commands = options.commands;
    this.#drops = options.drops;
  }

  /** Returns what stopped it: a command that waits in `commands` (or did, when it was rung for), or the errno of a read that failed for good. */
  run(): { readonly stopped: "command" } | { readonly stopped: "read"; readonly errno: number } {
    const set = pollSet(this.#fd, this.#wakeFd);
    const wakeIndex = 1;
    for (;;) {
      const failed = this.#burst();
      if (Atomics.load(this.#commands, 0) !== 0) return { stopped: "command" };
      if (failed === EAGAIN) {
        poll(set.address, set.count, -1);
        if (set.isReadable(wakeIndex)) return { stopped: "command" };
      } else if (failed !== 0 && failed !== EINTR) return { stopped: "read", errno: failed };
    }
  }

  /** Returns the errno of the read that brought nothing, or 0 when there may be more. */
  #burst(): number {
    const room = largestPacket + this.#vnetLength;
    const into = this.#address + HEADROOM - this.#vnetLength;
    for (let packets = 0; packets < burst; packets++) {
      const length = read(this.#fd, into, room);
      if (length <= this.#vnetLength) return length < 0 ? errno() : 0;
      this.#translate(length - this.#vnetLength);
    }
    return 0;
  }

  #translate(length: number): void {
    const frame = this.#frame;
    frame.start = HEADROOM;
    frame.end = HEADROOM + length;
    if (this.#vnetLength !== 0) readVnetHeader(frame, HEADROOM - this.#vnetLength);
    try {
      if (u8(this.#bytes, HEADROOM) >> 4 === 4) {
        this.#direction = 0;
        this.translator.v4ToV6(frame, this);
      } else {
        this.#direction = engineReasons.length;
        this.translator.v6ToV4(frame, this);
      }
    } catch {
      // The translator never throws; if it does so nevertheless, a packet from the network must not end the service.
      this.#drop("translator-failed");
    }
  }

  emit(frame: Frame): void {
    const length = this.#vnetLength;
    const at = frame.start - length;
    if (length !== 0) writeVnetHeader(frame, at, length);
    const base = frame.bytes === this.#bytes ? this.#address : this.#addressOf(frame.bytes);
    if (write(this.#fd, base + at, frame.end - at) < 0) this.#drop(reasonOfErrno(errno()));
  }

  #addressOf(bytes: Uint8Array): number {
    const known = this.#others.get(bytes);
    if (known !== undefined) return known;
    const address = addressOf(bytes);
    this.#others.set(bytes, address);
    return address;
  }

  #drop(reason: EngineReason): void {
    const index = this.#direction + engineReasons.indexOf(reason);
    this.#drops[index] = (this.#drops[index] ?? 0) + 1;
  }
}

interface PollSet {
  readonly address: number;
  readonly count: number;
  /** What the last poll said. */
  isReadable(index: number): boolean;
}

/** struct pollfd[]: int fd, short events, short revents. */
function pollSet(...fds: readonly number[]): PollSet {
  // On a page of its own: V8 moves small arrays.
  const memory = new Uint8Array(4096);
  const view = new DataView(memory.buffer);
  for (const [index, fd] of fds.entries()) {
    view.setInt32(index * 8, fd, isLittleEndian);
    view.setInt16(index * 8 + 4, POLLIN, isLittleEndian);
  }
  return {
    address: addressOf(memory),
    count: fds.length,
    // It keeps the memory, too.
    isReadable: (index) => (view.getInt16(index * 8 + 6, isLittleEndian) & POLLIN) !== 0,
  };
}

const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
