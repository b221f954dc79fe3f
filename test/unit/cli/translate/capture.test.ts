// `clatd translate --pcap`: captures in, captures with comments out.

import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Pipe } from "../../../../src/cli/pipe.js";
import { translate } from "../../../../src/cli/translate/translate.js";
import { parsePacket } from "../../../../src/wire/parse.js";
import { encodeBlock, type PacketBlock, readBlock } from "../../../../src/wire/pcapng.js";
import { findReason } from "../../../../src/xlat/reasons.js";
import { heardTerminal } from "../../../support/heard-terminal.js";
import { clat, configOf, udp4, udp6 } from "./packets.js";

const hopLimit = findReason("hop-limit");
const ethernet = Buffer.from("020000000001020000000002", "hex");

function frame(packet: Uint8Array, type = packet[0] === 0x45 ? 0x0800 : 0x86dd): Uint8Array {
  return new Uint8Array(Buffer.concat([ethernet, Buffer.from([type >> 8, type & 0xff]), packet]));
}

function capture(frames: readonly Uint8Array[], linkType = 1): Uint8Array {
  const blocks = frames.map((octets, index) =>
    encodeBlock({
      kind: "packet",
      interface: 0,
      timestamp: 1_000_000n + BigInt(index),
      octets,
      originalLength: octets.length,
      comments: [],
      direction: "unknown",
    }),
  );
  const described = { kind: "interface", linkType, snapLength: 0, resolution: 6, offset: 0n } as const;
  return new Uint8Array(
    Buffer.concat([encodeBlock({ kind: "section", littleEndian: true }), encodeBlock(described), ...blocks]),
  );
}

/** The packets of a capture that we wrote. */
function packetsOf(bytes: Uint8Array): PacketBlock[] {
  const packets: PacketBlock[] = [];
  for (let at = 0; at < bytes.length; ) {
    const read = readBlock(bytes, at, true);
    if (read.ok !== true) throw new Error(JSON.stringify(read));
    if (read.block.kind === "packet") packets.push(read.block);
    at += read.length;
  }
  return packets;
}

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "clatd-pcap-"));
});
afterAll(() => rm(folder, { recursive: true }));

const noPipe: Pipe = {
  get input(): AsyncIterable<Uint8Array> {
    throw new Error("nobody reads standard input");
  },
  write: () => Promise.reject(new Error("nobody writes to standard output")),
};

async function run(
  input: string,
  output: string,
  settings: readonly string[] = clat,
  pipe = noPipe,
): Promise<{ code: number; error: string }> {
  const { config, places } = configOf(settings);
  const { terminal, said } = heardTerminal();
  const code = await translate(config, places, { pcap: { input, output } }, terminal, pipe);
  return { code, error: said.error.replaceAll(folder, "") };
}

async function file(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

describe("clatd translate --pcap", () => {
  it("writes what comes out, with a comment on each packet, and what is dropped as it came", async () => {
    const input = await file(
      "in.pcapng",
      capture([
        frame(udp4()),
        frame(udp6()),
        frame(udp4({ ttl: 1 })),
        frame(udp4({ payload: new Uint8Array(2000) })),
        frame(udp4({ source: "127.0.0.1" })),
        frame(new Uint8Array(28), 0x0806),
      ]),
    );
    const output = join(folder, "out.pcapng");
    expect(await run(input, output)).toEqual({
      code: 0,
      error:
        "clatd: 5 packets read; 3 translated to 4; dropped: 1 hop-limit, 1 illegal-source; 1 answer sent back; " +
        "left out: 1 (it holds no IP packet: EtherType 0x0806)\n",
    });
    const packets = packetsOf(await readFile(output));
    expect(packets.map(({ comments }) => comments)).toEqual([
      [
        "translated: packet 1 of the input, IPv4 to IPv6 (RFC 7915 §4); source 192.0.0.1 through mapping " +
          "192.0.0.1/32,2001:db8::464/128 (clat-v4-addr and clat-v6-addr) (RFC 7757 §3.3.1); destination " +
          "198.51.100.7 through PREF64 2001:db8:64::/96 (RFC 6052 §2.3)",
      ],
      [expect.stringMatching(/^translated: packet 2 of the input, IPv6 to IPv4 \(RFC 7915 §5\); source 2001:db8:64::/)],
      [`answer: to packet 3 of the input, which was dropped: hop-limit (${hopLimit?.rfc})`],
      [
        `dropped: packet 3 of the input, IPv4 to IPv6: hop-limit (${hopLimit?.rfc}). ` +
          `${hopLimit?.sentence} ${hopLimit?.hint}`,
      ],
      [expect.stringMatching(/^translated: packet 4 of the input, 1 of the 2 that it became, IPv4 to IPv6 /)],
      [expect.stringMatching(/^translated: packet 4 of the input, 2 of the 2 that it became, IPv4 to IPv6 /)],
      [expect.stringMatching(/^dropped: packet 5 of the input, IPv4 to IPv6: illegal-source \(RFC /)],
    ]);
    expect(packets.map(({ direction }) => direction)).toEqual(["out", "out", "out", "in", "out", "out", "in"]);
    expect(packets.map(({ timestamp }) => timestamp)).toEqual(
      [0n, 1n, 2n, 2n, 3n, 3n, 4n].map((index) => (1_000_000n + index) * 1000n),
    );
    expect(packets.map(({ octets }) => parsePacket(octets)?.family)).toEqual([6, 4, 4, 4, 6, 6, 4]);
    expect(packets[3]?.octets).toEqual(udp4({ ttl: 1 }));
  });

  it("tells a packet that turns around, one that the translator answers, and one from an unmapped router", async () => {
    const settings = ["plat-prefix=2001:db8:64::/96", "eam=192.0.2.1,2001:db8::1", "eam=192.0.2.2,2001:db8::2"];
    const input = await file(
      "turn.pcapng",
      capture([udp6({ source: "2001:db8::1", destination: "2001:db8:64::c000:202" })], 101),
    );
    await run(input, join(folder, "turned.pcapng"), settings);
    expect(packetsOf(await readFile(join(folder, "turned.pcapng"))).map(({ comments }) => comments)).toEqual([
      ["turned: packet 1 of the input, in the translator (hairpinning, RFC 7757 §4)"],
    ]);
  });

  it("says that only a part of a dropped packet was captured", async () => {
    const packet = udp4({ payload: new Uint8Array(100) });
    const block = encodeBlock({
      kind: "packet",
      interface: 0,
      timestamp: 0n,
      octets: packet.subarray(0, 60),
      originalLength: packet.length,
      comments: [],
      direction: "unknown",
    });
    const input = await file("cut.pcapng", new Uint8Array(Buffer.concat([capture([], 101), block])));
    await run(input, join(folder, "cut-out.pcapng"));
    const [dropped] = packetsOf(await readFile(join(folder, "cut-out.pcapng")));
    expect(dropped).toMatchObject({
      originalLength: packet.length,
      comments: [expect.stringMatching(/: truncated .* Only 60 of its 128 octets were captured\.$/)],
    });
  });

  it("writes a capture without packets where there are none", async () => {
    const input = await file("none.pcapng", capture([]));
    expect(await run(input, join(folder, "none-out.pcapng"))).toEqual({
      code: 0,
      error: "clatd: 0 packets read; 0 translated\n",
    });
    expect(packetsOf(await readFile(join(folder, "none-out.pcapng")))).toEqual([]);
  });

  it("does not touch the output where the input is no capture", async () => {
    const input = await file("text", Buffer.from("root:x:0:0:root"));
    expect(await run(input, join(folder, "untouched"))).toEqual({
      code: 1,
      error: "clatd: error: cannot read /text as a capture: it is neither pcapng nor pcap (at octet 0)\n",
    });
    await expect(stat(join(folder, "untouched"))).rejects.toThrow("ENOENT");
  });

  it("writes what came before damage, and says where it is", async () => {
    const whole = capture([udp4()], 101);
    const input = await file("damaged.pcapng", new Uint8Array(Buffer.concat([whole, Buffer.alloc(12)])));
    expect(await run(input, join(folder, "damaged-out.pcapng"))).toEqual({
      code: 1,
      error:
        "clatd: 1 packet read; 1 translated\n" +
        `clatd: error: cannot read /damaged.pcapng as a capture: a block's length of 0 octets cannot be (at octet ${whole.length})\n`,
    });
    expect(packetsOf(await readFile(join(folder, "damaged-out.pcapng")))).toHaveLength(1);
  });

  it("fails where nobody can read frames of that kind", async () => {
    const input = await file("wlan.pcapng", capture([udp4()], 127));
    expect(await run(input, join(folder, "wlan-out.pcapng"))).toEqual({
      code: 1,
      error: expect.stringContaining("left out: 1 (its link type is 127; raw IP, Ethernet, "),
    });
  });

  it("does not write over what it reads", async () => {
    const input = await file("same.pcapng", capture([udp4()], 101));
    await expect(run(input, join(folder, ".", "x", "..", "same.pcapng"))).rejects.toThrow(
      /it is the file that is read/,
    );
    expect(await readFile(input)).toEqual(Buffer.from(capture([udp4()], 101)));
  });

  it("names a file that it cannot read or write", async () => {
    await expect(run(join(folder, "missing"), join(folder, "x"))).rejects.toThrow(
      /^Cannot read .*missing: there is no such file$/,
    );
    const input = await file("fine.pcapng", capture([udp4()], 101));
    await expect(run(input, join(folder, "no", "such", "folder"))).rejects.toThrow(
      /^Cannot write .*folder: its folder does not exist$/,
    );
  });

  it("reads and writes the standard streams as -", async () => {
    const bytes = capture([udp4()], 101);
    async function* input(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < bytes.length; at += 5) yield bytes.subarray(at, at + 5);
    }
    const written: Uint8Array[] = [];
    const write = async (octets: Uint8Array): Promise<boolean> => written.push(octets) > 0;
    expect(await run("-", "-", clat, { input: input(), write })).toMatchObject({ code: 0 });
    expect(packetsOf(new Uint8Array(Buffer.concat(written)))).toHaveLength(1);
  });
});
