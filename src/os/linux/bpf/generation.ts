// One generation of the fast path: the object loaded with its constants and maps. What a new configuration changes is loaded
// anew, since the verifier takes out of the programs what their constants rule out.

import type { FastPathProgram } from "../../effect.js";
import { failure } from "./failure.js";
import type { FastPathImage, FastPathMap } from "./fast-path-types.js";
import { type Libbpf, libbpf } from "./libbpf.js";
import { objectFile } from "./object-file.js";
import { openOptions } from "./structs.js";

const constants = ".rodata.config";
/** Maps that go on from one generation to the next, unless they change their size. */
const carried = ["flows", "fragments", "counters"];

const logLength = 1 << 20;
/** Octets of the log that are shown: its end is where the verifier gave up. */
const logShown = 4000;

export class Generation {
  readonly #bpf: Libbpf = libbpf();
  readonly #object: number;

  /** @throws OsError */
  private constructor(object: number) {
    this.#object = object;
  }

  /**
   * @param image absent: constants are zero and maps empty
   * @param previous whose flows and counters go on
   * @throws OsError
   */
  static load(image?: FastPathImage, previous?: Generation): Generation {
    const bpf = libbpf();
    const first = Generation.#try(bpf, image, previous, undefined);
    if (first.generation !== undefined) return first.generation;
    // The verifier is asked to explain itself only where it refuses: its log costs time.
    const log = new Uint8Array(logLength);
    const second = Generation.#try(bpf, image, previous, log);
    if (second.generation !== undefined) return second.generation;
    throw failure("load the fast path", second.code, endOf(log));
  }

  static #try(
    bpf: Libbpf,
    image: FastPathImage | undefined,
    previous: Generation | undefined,
    log: Uint8Array | undefined,
  ): { readonly generation?: Generation; readonly code: number } {
    const space = log === undefined ? undefined : { address: bpf.addressOf(log), length: log.length };
    const object = bpf.objectOpen(objectFile(), openOptions(space).octets);
    if (object === 0) throw failure("read the fast path's programs", -bpf.errno());
    const generation = new Generation(object);
    try {
      generation.#prepare(image, previous);
      const code = bpf.objectLoad(object);
      if (code < 0) {
        generation.close();
        return { code };
      }
      for (const map of image?.maps ?? []) generation.#fill(map);
      return { generation, code };
    } catch (error) {
      generation.close();
      throw error;
    }
  }

  program(name: FastPathProgram): number {
    return this.#bpf.programFd(this.#bpf.findProgram(this.#object, name));
  }

  /** The value of a map's first entry: one array for each CPU. */
  perCpu(name: string): readonly Uint8Array[] {
    const map = this.#bpf.findMap(this.#object, name);
    const size = (this.#bpf.mapValueSize(map) + 7) & ~7;
    const cpus = this.#bpf.possibleCpus();
    const values = new Uint8Array(size * cpus);
    const code = this.#bpf.lookup(this.#bpf.mapFd(map), new Uint8Array(4), values);
    if (code < 0) throw failure(`read the map "${name}"`, code);
    return Array.from({ length: cpus }, (_, cpu) => values.subarray(cpu * size, (cpu + 1) * size));
  }

  /** What hangs somewhere stays there. */
  close(): void {
    this.#bpf.objectClose(this.#object);
  }

  #prepare(image: FastPathImage | undefined, previous: Generation | undefined): void {
    if (image === undefined) return;
    this.#must(
      "set the constants of the fast path",
      this.#bpf.mapSetInitialValue(this.#map(constants), image.rodata, image.rodata.length),
    );
    for (const { name, count, size = count } of image.maps) {
      this.#must(`size the map "${name}"`, this.#bpf.mapSetMaxEntries(this.#map(name), Math.max(1, size)));
    }
    if (previous === undefined) return;
    for (const name of carried) previous.#hand(name, this);
  }

  #hand(name: string, to: Generation): void {
    const map = this.#map(name);
    const next = to.#map(name);
    if (this.#bpf.mapMaxEntries(map) !== this.#bpf.mapMaxEntries(next)) return;
    this.#must(`keep the map "${name}"`, this.#bpf.mapReuseFd(next, this.#bpf.mapFd(map)));
  }

  #fill({ name, count, keys, values }: FastPathMap): void {
    if (count === 0) return;
    const counted = new Uint8Array(new Uint32Array([count]).buffer);
    const fd = this.#bpf.mapFd(this.#map(name));
    this.#must(`fill the map "${name}"`, this.#bpf.updateBatch(fd, keys, values, counted, 0));
  }

  #map(name: string): number {
    const map = this.#bpf.findMap(this.#object, name);
    if (map === 0) throw failure(`find the map "${name}" of the fast path`, -this.#bpf.errno());
    return map;
  }

  #must(action: string, code: number): void {
    if (code < 0) throw failure(action, code);
  }
}

function endOf(log: Uint8Array): string {
  const end = log.indexOf(0);
  const text = new TextDecoder().decode(log.subarray(0, end < 0 ? log.length : end)).trimEnd();
  return text.slice(-logShown);
}
