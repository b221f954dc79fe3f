// The structures that libbpf takes, as octets in the host's order. Each begins with its own size, so that a newer library
// knows what an older caller means.

const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Octets: V8 moves smaller arrays, and some of these hold addresses of others. */
const least = 128;

/** A structure of `size` octets, written by offset. */
export class Struct {
  readonly octets = new Uint8Array(least);
  readonly #view = new DataView(this.octets.buffer);

  constructor(size: number) {
    this.putLong(0, size);
  }

  putLong(at: number, value: number): this {
    this.#view.setBigUint64(at, BigInt(value), isLittleEndian);
    return this;
  }

  putInt(at: number, value: number): this {
    this.#view.setUint32(at, value, isLittleEndian);
    return this;
  }

  int(at: number): number {
    return this.#view.getUint32(at, isLittleEndian);
  }
}

/** bpf_object_open_opts; `log`: where the verifier writes to. */
export function openOptions(log: { readonly address: number; readonly length: number } | undefined): Struct {
  const options = new Struct(80);
  return log === undefined ? options : options.putLong(56, log.address).putLong(64, log.length).putInt(72, 1);
}

const BEFORE_ALL_OTHERS = 1 << 3;

/** bpf_link_create_opts; `first`: it runs before all others that are on the hook. */
export function linkOptions({ first }: { readonly first: boolean }): Struct {
  return new Struct(16).putInt(8, first ? BEFORE_ALL_OTHERS : 0);
}

const TC_INGRESS = 1;
const TC_EGRESS = 2;

/** bpf_tc_hook; undefined: both, which is the whole qdisc. */
export function tcHook(ifindex: number, hook: "ingress" | "egress" | undefined): Struct {
  const point = hook === undefined ? TC_INGRESS | TC_EGRESS : hook === "ingress" ? TC_INGRESS : TC_EGRESS;
  return new Struct(24).putInt(8, ifindex).putInt(12, point);
}

const TC_REPLACE = 1;

/** bpf_tc_opts; without a program: what is to be detached. */
export function tcOptions(
  { handle, priority }: { readonly handle: number; readonly priority: number },
  program?: { readonly fd: number; readonly replace: boolean },
): Struct {
  const options = new Struct(32).putInt(20, handle).putInt(24, priority);
  return program === undefined ? options : options.putInt(8, program.fd).putInt(12, program.replace ? TC_REPLACE : 0);
}

/** bpf_test_run_opts. */
export interface TestRunFields {
  readonly input: number;
  readonly inputLength: number;
  readonly output: number;
  readonly outputLength: number;
  readonly context: number;
  readonly contextLength: number;
  readonly repeat: number;
}

export const TEST_RUN_OUTPUT_LENGTH = 28;
export const TEST_RUN_CODE = 56;
export const TEST_RUN_DURATION = 64;

export function testRunOptions(fields: TestRunFields): Struct {
  return new Struct(80)
    .putLong(8, fields.input)
    .putLong(16, fields.output)
    .putInt(24, fields.inputLength)
    .putInt(28, fields.outputLength)
    .putLong(32, fields.context)
    .putInt(48, fields.contextLength)
    .putInt(60, fields.repeat);
}
