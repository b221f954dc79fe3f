// The fast path: programs in the kernel that translate the plain packets (src/engine/ebpf/clat.bpf.c), loaded and attached
// through libbpf. Nothing is pinned: with tcx links everything goes with the process.

import type { FastPathProgram } from "../../effect.js";
import { attachFilter, detachFilter, filterPlace, filterStands, replaceFilter } from "./clsact.js";
import { failure } from "./failure.js";
import type { AttachPoint, AttachRecord, FastPathImage, TestRun, TestRunOptions } from "./fast-path-types.js";
import { Generation } from "./generation.js";
import { libbpf } from "./libbpf.js";
import { linkFacts } from "./link-facts.js";
import { TEST_RUN_CODE, TEST_RUN_DURATION, TEST_RUN_OUTPUT_LENGTH, testRunOptions } from "./structs.js";
import { attachTcx, detachTcx, hasTcx, replaceTcx, tcxStands } from "./tcx.js";

/** What must see a packet before others' programs write into its control block. (As filters, all ours come early.) */
const isFirst: ReadonlySet<FastPathProgram> = new Set<FastPathProgram>(["uplink_egress"]);

interface Hanging {
  readonly program: FastPathProgram;
  readonly record: AttachRecord;
  readonly netnsFile: string | undefined;
  /** The descriptor of a link. */
  readonly link: number | undefined;
}

export class FastPath {
  #generation: Generation;
  #hanging: readonly Hanging[] = [];
  #isGone = false;

  private constructor(generation: Generation) {
    this.#generation = generation;
  }

  /**
   * The programs as they are: until `configure` every packet passes untouched.
   *
   * @throws OsError "unsupported" | "denied" | "missing"; its `log` is the verifier's, where that refuses
   */
  static load(): FastPath {
    return new FastPath(Generation.load());
  }

  /** Where a program will hang: to be written down before it does. @throws OsError */
  static place(at: AttachPoint): AttachRecord {
    const { ifindex } = linkFacts(at.dev, at.netnsFile);
    const { dev, hook } = at;
    return hasTcx() ? { how: "tcx", dev, ifindex, hook } : filterPlace(at, ifindex);
  }

  /** Takes away what a process has left behind that has ended. */
  static detachFilter(record: AttachRecord, netnsFile?: string): void {
    if (record.how === "clsact") detachFilter(record, netnsFile);
  }

  /** @throws OsError */
  attach(at: AttachPoint, place: AttachRecord = FastPath.place(at)): AttachRecord {
    this.#expectThere();
    const { program, netnsFile } = at;
    const fd = this.#generation.program(program);
    let link: number | undefined;
    if (place.how === "tcx") link = attachTcx(place, fd, { first: isFirst.has(program), netnsFile });
    else attachFilter(place, fd, netnsFile);
    this.#hanging = [...this.#hanging, { program, record: place, netnsFile, link }];
    return place;
  }

  detach(record: AttachRecord, netnsFile?: string): void {
    const hanging = this.#find(record);
    this.#hanging = this.#hanging.filter((other) => other !== hanging);
    if (hanging?.link !== undefined) detachTcx(hanging.link);
    else FastPath.detachFilter(record, netnsFile);
  }

  /** Whether the program still hangs there. */
  stands(record: AttachRecord, netnsFile?: string): boolean {
    if (record.how === "clsact") return filterStands(record, netnsFile);
    const link = this.#find(record)?.link;
    return link !== undefined && tcxStands(link, record);
  }

  /**
   * New constants and tables, from one packet to the next wherever programs hang; nothing is lost. Flows and counters stay.
   *
   * @throws OsError, and everything is as it was
   */
  configure(image: FastPathImage): void {
    this.#expectThere();
    const next = Generation.load(image, this.#generation);
    try {
      for (const hanging of this.#hanging) replace(hanging, next);
    } catch (error) {
      for (const hanging of this.#hanging) replace(hanging, this.#generation);
      next.close();
      throw error;
    }
    this.#generation.close();
    this.#generation = next;
  }

  /** The counters of each CPU, as src/engine/ebpf/counters.bpf.h has them. */
  counters(): readonly Uint8Array[] {
    this.#expectThere();
    return this.#generation.perCpu("counters");
  }

  /** Shows a packet, with its link header of 14 octets, to a program; nothing is sent. */
  testRun(program: FastPathProgram, packet: Uint8Array, options: TestRunOptions = {}): TestRun {
    this.#expectThere();
    const bpf = libbpf();
    // All in one piece, which is read after the call: of what nobody reads any more V8 would take the memory back before.
    const input = skbLength;
    const output = input + packet.length;
    const outputLength = packet.length + 256;
    const memory = new Uint8Array(output + outputLength);
    memory.set(contextOf(options));
    memory.set(packet, input);
    const address = bpf.addressOf(memory);
    const fields = testRunOptions({
      input: address + input,
      inputLength: packet.length,
      output: address + output,
      outputLength,
      context: address,
      contextLength: skbLength,
      repeat: options.repeat ?? 1,
    });
    const code = bpf.testRun(this.#generation.program(program), fields.octets);
    if (code < 0) throw failure(`show a packet of ${packet.length} octets to ${program}`, code);
    return {
      code: fields.int(TEST_RUN_CODE) | 0,
      packet: memory.slice(output, output + fields.int(TEST_RUN_OUTPUT_LENGTH)),
      duration: fields.int(TEST_RUN_DURATION),
    };
  }

  /** Links go; filters stay for who knows their records. */
  [Symbol.dispose](): void {
    if (this.#isGone) return;
    this.#isGone = true;
    for (const { link } of this.#hanging) if (link !== undefined) detachTcx(link);
    this.#hanging = [];
    this.#generation.close();
  }

  /** The library would use memory that it has given back. */
  #expectThere(): void {
    if (this.#isGone) throw new Error("Cannot use the fast path: it has been let go");
  }

  #find(record: AttachRecord): Hanging | undefined {
    return this.#hanging.find(
      ({ record: { ifindex, hook, how } }) => ifindex === record.ifindex && hook === record.hook && how === record.how,
    );
  }
}

function replace({ program, record, netnsFile, link }: Hanging, by: Generation): void {
  if (record.how === "clsact") replaceFilter(record, by.program(program), netnsFile);
  else if (link !== undefined) replaceTcx(record, link, by.program(program));
}

/** struct __sk_buff: of what it has, the test takes these. */
const skbLength = 192;
const skbIfindex = 40;
const skbControlBlock = 48;
const skbGsoSize = 176;

function contextOf({ ifindex, gsoSize, controlBlock = [] }: TestRunOptions): Uint8Array {
  const octets = new Uint8Array(skbLength);
  const view = new DataView(octets.buffer);
  const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  if (ifindex !== undefined) view.setUint32(skbIfindex, ifindex, isLittleEndian);
  if (gsoSize !== undefined) view.setUint32(skbGsoSize, gsoSize, isLittleEndian);
  for (const [index, word] of controlBlock.entries()) view.setUint32(skbControlBlock + 4 * index, word, isLittleEndian);
  return octets;
}
