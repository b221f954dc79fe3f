// `clatd translate`: a filter that answers at once, at the pace of who reads it.

import { describe, expect, it } from "vitest";
import type { Pipe } from "../../../../src/cli/pipe.js";
import { translate } from "../../../../src/cli/translate/translate.js";
import { heardTerminal } from "../../../support/heard-terminal.js";
import { clat, configOf, hexOf, udp4 } from "./packets.js";

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

async function run(settings: readonly string[], input: Iterable<string> | AsyncIterable<string>): Promise<Ran> {
  let out = "";
  return ran(settings, {
    input: octetsOf(input),
    write: async (octets) => {
      out += Buffer.from(octets).toString();
      return true;
    },
  }).then(({ code, error }) => ({ code, error, out }));
}

async function ran(settings: readonly string[], pipe: Pipe): Promise<{ code: number; error: string }> {
  const { config, places } = configOf(settings);
  const { terminal, said } = heardTerminal();
  return { code: await translate(config, places, {}, terminal, pipe), error: said.error };
}

async function* octetsOf(input: Iterable<string> | AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const text of input) yield Buffer.from(text);
}

const line = `4 ${hexOf(udp4())}\n`;

describe("clatd translate", () => {
  it("translates its input, and ends with it", async () => {
    expect(await run(clat, [line, line])).toEqual({
      code: 0,
      error: "",
      out: expect.stringMatching(/^(6 .*\n\.\n){2}$/),
    });
    expect(await run(clat, [])).toEqual({ code: 0, error: "", out: "" });
  });

  it("answers each piece before it wants the next: a co-process gets its answer at once", async () => {
    const answers: string[] = [];
    const seen: number[] = [];
    async function* input(): AsyncGenerator<Uint8Array> {
      for (let round = 0; round < 3; round++) {
        yield Buffer.from(line);
        seen.push(answers.length);
      }
    }
    const write = async (octets: Uint8Array): Promise<boolean> => answers.push(Buffer.from(octets).toString()) > 0;
    expect(await ran(clat, { input: input(), write })).toEqual({ code: 0, error: "" });
    expect(seen).toEqual([1, 2, 3]);
  });

  it("reads no further while its reader is slow", async () => {
    let taken = 0;
    let release = (): void => {};
    async function* input(): AsyncGenerator<Uint8Array> {
      for (;;) {
        taken++;
        yield Buffer.from(line);
        if (taken === 2) return;
      }
    }
    const write = (): Promise<boolean> =>
      new Promise((resolve) => {
        release = () => resolve(true);
      });
    const running = ran(clat, { input: input(), write });
    await new Promise((resolve) => setImmediate(resolve));
    expect(taken).toBe(1);
    release();
    await new Promise((resolve) => setImmediate(resolve));
    expect(taken).toBe(2);
    release();
    await new Promise((resolve) => setImmediate(resolve));
    release();
    expect(await running).toEqual({ code: 0, error: "" });
  });

  it("ends when nobody reads any more", async () => {
    let taken = 0;
    async function* input(): AsyncGenerator<Uint8Array> {
      for (;;) {
        taken++;
        yield Buffer.from(line);
      }
    }
    expect(await ran(clat, { input: input(), write: async () => false })).toEqual({ code: 0, error: "" });
    expect(taken).toBe(1);
  });

  it("names lines that are no packets, the first few of them, and fails", async () => {
    const { code, out, error } = await run(clat, [line, "x\n".repeat(12), line]);
    expect(code).toBe(1);
    expect(out.match(/^\. bad-input$/gm)).toHaveLength(12);
    const said = error.trimEnd().split("\n");
    expect(said).toHaveLength(11);
    expect(said[0]).toBe(
      "clatd: cannot read line 2 as a packet: it begins neither with `4 ` nor with `6 `; allowed: `4 HEX` or `6 HEX`",
    );
    expect(said.at(-1)).toBe("clatd: cannot read 2 more lines as packets");
  });

  it("says what is missing to translate by, unless it is to be quiet", async () => {
    const { code, out, error } = await run([], [line]);
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/\. unmapped-source\n$/) });
    expect(error.split("\n")).toContain("clatd: note: no PREF64 is set (plat-prefix=): only mappings translate");
    expect((await run(["quiet=1"], [line])).error).toBe("");
    expect((await run(["quiet=2"], ["x\n"])).error).toBe("");
  });

  it("refuses what is no specification, in words", async () => {
    await expect(
      run(["eam=192.0.2.1,2001:db8::1", "clat-v6-addr=2001:db8::5", "icmp-source=10.0.0.0/8"], []),
    ).resolves.toMatchObject({ code: 0 });
  });
});
