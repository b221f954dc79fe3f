// One specification in the kernel's fast path and in xlat, and one packet after the other through both: what the fast path
// translates must be what xlat makes of it, octet for octet; all else it must leave untouched.

import { encodeFastPath } from "../../../src/engine/ebpf/encode.js";
import { EamTable } from "../../../src/net/eam.js";
import { i32, put16, u8 } from "../../../src/net/octets.js";
import { FastPath } from "../../../src/os/linux/bpf/fast-path.js";
import { HEADROOM } from "../../../src/xlat/frame.js";
import type { TranslationSpec } from "../../../src/xlat/spec.js";
import { createTranslator, type Translator } from "../../../src/xlat/translator.js";

/** What became of a packet. "host": the fast path says that it is not the CLAT's. */
export type Course = "fast" | "slow" | "host";

/** Octets: what BPF_PROG_TEST_RUN takes at most is a page, less what the kernel needs around a packet. */
const longest = 3500;

/** BPF_PROG_TEST_RUN wants the IP header to be there (newer kernels refuse others). */
export function isShowable(family: 4 | 6, { length }: Uint8Array): boolean {
  return length >= (family === 4 ? 20 : 40) && length <= longest;
}

const link = 14;
const REDIRECT = 7;
const PASS = -1;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;

interface Emitted {
  readonly family: 4 | 6;
  readonly bytes: Uint8Array;
}

export class Differ implements Disposable {
  readonly #path: FastPath;
  readonly #translator: Translator;
  readonly #eams: EamTable;
  readonly #framed = new Uint8Array(link + longest);
  readonly #frame = { bytes: new Uint8Array(HEADROOM + 66_000) };

  constructor(spec: TranslationSpec, now: () => number) {
    this.#translator = createTranslator(spec, { seed: 7, now });
    this.#path = FastPath.load();
    // Nothing is sent: all devices are lo.
    const lo = { ifindex: 1, l2: link } as const;
    const plan = { uplink: "lo", uplinks: ["lo"] };
    this.#path.configure(encodeFastPath(spec, plan, { clat: lo, uplink: lo, uplinks: [lo] }));
    this.#eams = EamTable.fromText(spec.eams);
  }

  /** Throws where the two are at odds. `gsoSize`: it is a TCP super-packet, its checksum complete all the same. */
  send(family: 4 | 6, packet: Uint8Array, gsoSize = 0): Course {
    const expected = this.#translate(family, packet, gsoSize);
    this.#framed.fill(0, 0, link);
    put16(this.#framed, 12, family === 4 ? IPV4 : IPV6);
    this.#framed.set(packet, link);
    const shown = this.#framed.subarray(0, link + packet.length);
    const program = family === 4 ? "clat_egress" : "uplink_ingress";
    const { code, packet: out } = this.#path.testRun(program, shown, { gsoSize });
    const isUntouched = Buffer.compare(out, shown) === 0;
    if (code === PASS || (family === 6 && code === REDIRECT && isUntouched)) {
      if (!isUntouched) throw new Error(`it changed a packet that it did not translate: ${hexOf(out)}`);
      if (code === REDIRECT || family === 4) return "slow";
      if (!this.#isHosts(packet)) throw new Error("it leaves to the host what is the CLAT's");
      return "host";
    }
    if (code !== REDIRECT) throw new Error(`it returned ${code}`);
    this.#expectSame(expected, family === 4 ? 6 : 4, out.subarray(link), gsoSize);
    return "fast";
  }

  /** Whether a mapping has the IPv6 address. */
  isMapped(v6: Uint8Array): boolean {
    return this.#eams.lookup6(i32(v6, 0), i32(v6, 4), i32(v6, 8), i32(v6, 12)) >= 0;
  }

  counters(): readonly Uint8Array[] {
    return this.#path.counters();
  }

  [Symbol.dispose](): void {
    this.#path[Symbol.dispose]();
  }

  #translate(family: 4 | 6, packet: Uint8Array, gsoSize: number): readonly Emitted[] {
    const { bytes } = this.#frame;
    bytes.set(packet, HEADROOM);
    const upper = family === 4 ? 20 : 40;
    const frame = {
      bytes,
      start: HEADROOM,
      end: HEADROOM + packet.length,
      gsoType: gsoSize === 0 ? 0 : family === 4 ? 1 : 4,
      gsoSize,
      checksumStart: gsoSize === 0 ? -1 : upper,
      checksumOffset: gsoSize === 0 ? 0 : 16,
    };
    const out: Emitted[] = [];
    const outlet = {
      emit: (emitted: { bytes: Uint8Array; start: number; end: number }, to: 4 | 6): void => {
        out.push({ family: to, bytes: emitted.bytes.slice(emitted.start, emitted.end) });
      },
    };
    if (family === 4) this.#translator.v4ToV6(frame, outlet);
    else this.#translator.v6ToV4(frame, outlet);
    return out;
  }

  #expectSame(expected: readonly Emitted[], family: 4 | 6, out: Uint8Array, gsoSize: number): void {
    const [one, ...more] = expected;
    if (one === undefined || more.length > 0 || one.family !== family) {
      throw new Error(`it translated what xlat makes ${expected.length} packets of: ${hexOf(out)}`);
    }
    const [wanted, got] = [one.bytes, Uint8Array.from(out)].map((bytes) => comparable(bytes, family, gsoSize)) as [
      Uint8Array,
      Uint8Array,
    ];
    if (Buffer.compare(wanted, got) !== 0) {
      throw new Error(`it is not what xlat makes of it:\nfast ${hexOf(got)}\nxlat ${hexOf(wanted)}`);
    }
  }

  /** Neighbour discovery, and what has a destination that no mapping has. */
  #isHosts(packet: Uint8Array): boolean {
    if (packet.length < 40) return true;
    const type = u8(packet, 40);
    if (u8(packet, 6) === 58 && packet.length >= 48 && type >= 133 && type <= 137) return true;
    return !this.isMapped(packet.subarray(24, 40));
  }
}

/**
 * IPv4 identifications are anybody's where there is no Fragment Header; the header's checksum must be right with it. A
 * super-packet's transport checksum is complete here and partial there, which a program can't tell.
 */
function comparable(bytes: Uint8Array, family: 4 | 6, gsoSize: number): Uint8Array {
  const upper = family === 4 ? 20 : 40;
  if (gsoSize !== 0) put16(bytes, upper + 16, 0);
  if (family === 6) return bytes;
  let sum = 0;
  for (let at = 0; at < 20; at += 2) sum += (u8(bytes, at) << 8) | u8(bytes, at + 1);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  if (sum !== 0xffff) throw new Error(`the header's checksum is wrong: ${hexOf(bytes)}`);
  put16(bytes, 4, 0);
  put16(bytes, 10, 0);
  return bytes;
}

function hexOf(octets: Uint8Array): string {
  return Buffer.from(octets.subarray(0, 160)).toString("hex");
}
