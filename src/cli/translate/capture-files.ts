// The files of `clatd translate --pcap IN OUT`. The output is not touched before the input has turned out to be a capture.

import { type FileHandle, open, stat } from "node:fs/promises";
import type { Config } from "../../config/key-table.js";
import { CaptureReader } from "../../wire/pcapng-reader.js";
import type { TranslationSpec } from "../../xlat/spec.js";
import { exitCodes } from "../exit-code.js";
import { Mappings } from "../explain/mappings.js";
import { fileProblem } from "../file-problem.js";
import { type Pipe, processPipe } from "../pipe.js";
import type { Terminal } from "../terminal.js";
import { packageVersion } from "../version.js";
import { CaptureTranslation, captureHeader, tallyText } from "./capture.js";

export interface CaptureNames {
  readonly input: string;
  readonly output: string;
}

/** `-` is standard input or standard output. Rejects, with a message for people, where a file can't be read or written. */
export async function translateCapture(
  config: Config,
  spec: TranslationSpec,
  names: CaptureNames,
  terminal: Terminal,
  pipe: Pipe = processPipe(),
): Promise<number> {
  const translation = new CaptureTranslation(spec, new Mappings(spec, config.eam), config.seed);
  const reader = new CaptureReader();
  await refuseSameFile(names);
  await using output = new CaptureOutput(names.output, pipe);
  for await (const chunk of chunksOf(names.input, pipe)) {
    const blocks = reader.push(chunk).flatMap((frame) => translation.translate(frame));
    if (reader.problem !== undefined && translation.tally.packets === 0) break;
    if (blocks.length > 0 && !(await output.write(blocks))) return exitCodes.ok.code;
  }
  reader.end();
  const { problem } = reader;
  const isCapture = problem === undefined || translation.tally.packets > 0;
  if (isCapture) await output.write([]);
  if (isCapture && config.quiet === 0) terminal.error(`clatd: ${tallyText(translation.tally)}\n`);
  if (problem === undefined) return translation.tally.unreadable === 0 ? exitCodes.ok.code : exitCodes.failed.code;
  if (config.quiet < 2) terminal.error(`clatd: error: cannot read ${names.input} as a capture: ${problem}\n`);
  return exitCodes.failed.code;
}

const PIECE = 1 << 20;

async function* chunksOf(name: string, pipe: Pipe): AsyncGenerator<Uint8Array> {
  if (name === "-") {
    yield* pipe.input;
    return;
  }
  const file = await opened(name, "r");
  try {
    for (;;) {
      // A fresh one each time: frames are views into it.
      const { bytesRead, buffer } = await file.read(new Uint8Array(PIECE), 0, PIECE);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } catch (cause) {
    throw new Error(`Cannot read ${name}: ${fileProblem(cause)}`, { cause });
  } finally {
    await file.close();
  }
}

/** Opened with the first blocks, which the header goes in front of. */
class CaptureOutput {
  readonly #name: string;
  readonly #pipe: Pipe;
  #file: FileHandle | undefined;
  #begun = false;

  constructor(name: string, pipe: Pipe) {
    this.#name = name;
    this.#pipe = pipe;
  }

  /** False when nobody reads any more. */
  async write(blocks: readonly Uint8Array[]): Promise<boolean> {
    const header = this.#begun ? [] : captureHeader(`clatd ${packageVersion()}`);
    this.#begun = true;
    const octets = Buffer.concat([...header, ...blocks]);
    if (this.#name === "-") return this.#pipe.write(octets);
    this.#file ??= await opened(this.#name, "w");
    await this.#file.writeFile(octets);
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.close();
  }
}

async function opened(name: string, flags: "r" | "w"): Promise<FileHandle> {
  try {
    return await open(name, flags);
  } catch (cause) {
    const use = flags === "r" ? "read" : "write";
    throw new Error(`Cannot ${use} ${name}: ${fileProblem(cause, use)}`, { cause });
  }
}

/** Two names of one file: writing would destroy what is being read. */
async function refuseSameFile({ input, output }: CaptureNames): Promise<void> {
  if (input === "-" || output === "-") return;
  const [from, to] = await Promise.all([stat(input).catch(() => undefined), stat(output).catch(() => undefined)]);
  if (from === undefined || to === undefined || !to.isFile()) return;
  if (from.dev === to.dev && from.ino === to.ino) {
    throw new Error(`Cannot write ${output}: it is the file that is read, ${input}; give the output a name of its own`);
  }
}
