// HexLines: the text form of `clatd translate`.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HexLines } from "../../../../src/cli/translate/hex-lines.js";
import { parsePacket } from "../../../../src/wire/parse.js";
import { reasons } from "../../../../src/xlat/reasons.js";
import { clat, hexOf, specOf, udp4, udp6 } from "./packets.js";

interface Said {
  readonly out: string;
  /** `line: problem` */
  readonly bad: readonly string[];
}

/** The chunks one after the other, then the end. */
function translate(chunks: readonly (string | Uint8Array)[], settings: readonly string[] = clat): Said {
  const bad: string[] = [];
  const { spec, config } = specOf(settings);
  const lines = new HexLines(spec, {
    seed: config.seed,
    onBadLine: (line, problem) => bad.push(`${line}: ${problem}`),
  });
  const parts = chunks.map((chunk) => Buffer.from(lines.push(Buffer.from(chunk))).toString());
  return { out: parts.join("") + Buffer.from(lines.end()).toString(), bad };
}

function packetOf(line: string | undefined): ReturnType<typeof parsePacket> {
  return parsePacket(new Uint8Array(Buffer.from(line?.slice(2) ?? "", "hex")));
}

describe("HexLines", () => {
  it("translates a line each way, and ends each answer with a dot", () => {
    const { out, bad } = translate([`4 ${hexOf(udp4())}\n6 ${hexOf(udp6())}\n`]);
    const lines = out.split("\n");
    expect(lines.map((line) => line.slice(0, 2))).toEqual(["6 ", ".", "4 ", ".", ""]);
    expect(packetOf(lines[0])).toMatchObject({ source: "2001:db8::464", destination: "2001:db8:64::c633:6407" });
    expect(packetOf(lines[2])).toMatchObject({ source: "198.51.100.7", destination: "192.0.0.1" });
    expect(bad).toEqual([]);
  });

  it("names the reason of a drop behind the error that goes back", () => {
    const lines = translate([`4 ${hexOf(udp4({ ttl: 1 }))}\n`]).out.split("\n");
    expect(lines.slice(1)).toEqual([". hop-limit", ""]);
    expect(packetOf(lines[0])).toMatchObject({
      family: 4,
      source: "192.0.0.2",
      destination: "192.0.0.1",
      transport: { kind: "icmp", type: 11, code: 0 },
    });
  });

  it("names the reason alone where nothing goes back", () => {
    expect(translate([`4 ${hexOf(udp4({ source: "127.0.0.1" }))}\n`]).out).toBe(". illegal-source\n");
    expect(translate(["4 45\n6 \n"]).out).toBe(". truncated\n. truncated\n");
  });

  it("gives a line for each fragment", () => {
    const { out } = translate([`4 ${hexOf(udp4({ payload: new Uint8Array(3000) }))}\n`]);
    const lines = out.split("\n");
    expect(lines.map((line) => line.slice(0, 2))).toEqual(["6 ", "6 ", "6 ", ".", ""]);
    expect(lines.slice(0, 3).map((line) => packetOf(line)?.fragment?.offset)).toEqual([0, 1232, 2464]);
  });

  it("turns packets between mapped nodes around (RFC 7757 §4), unless hairpinning=no", () => {
    const settings = ["plat-prefix=2001:db8:64::/96", "eam=192.0.2.1,2001:db8::1", "eam=192.0.2.2,2001:db8::2"];
    const packet = hexOf(udp6({ source: "2001:db8::1", destination: "2001:db8:64::c000:202" }));
    const [line, dot] = translate([`6 ${packet}\n`], settings).out.split("\n");
    expect(packetOf(line)).toMatchObject({ family: 6, destination: "2001:db8::2" });
    expect(dot).toBe(".");
    expect(translate([`6 ${packet}\n`], [...settings, "hairpinning=no"]).out).toMatch(/^4 /);
  });

  it("goes by the policies", () => {
    const noChecksum = hexOf(udp4({ checksum: 0 }));
    expect(translate([`4 ${noChecksum}\n`]).out).toMatch(/^6 .*\n\.\n$/);
    expect(translate([`4 ${noChecksum}\n`], [...clat, "udp-zero-checksum=drop"]).out).toMatch(
      /\. udp-checksum-zero\n$/,
    );
    const large = `4 ${hexOf(udp4({ payload: new Uint8Array(1400), dontFragment: true }))}\n`;
    expect(translate([large]).out).toMatch(/^6 .*\n\.\n$/);
    expect(translate([large], [...clat, "ipv6-mtu=1400"]).out).toMatch(/^4 .*\n\. too-big\n$/);
  });

  it("has no rate limit: each packet of a thousand gets its error", () => {
    const input = `4 ${hexOf(udp4({ ttl: 1 }))}\n`.repeat(1000);
    expect(translate([input]).out.match(/^4 [0-9a-f]+\n\. hop-limit$/gm)).toHaveLength(1000);
  });

  it("is the same each time, and another with another seed", () => {
    const input = `6 ${hexOf(udp6())}\n6 ${hexOf(udp6())}\n`;
    expect(translate([input])).toEqual(translate([input]));
    expect(translate([input], [...clat, "seed=5"]).out).not.toBe(translate([input]).out);
  });

  it("takes capitals, spaces and the line ends of other systems", () => {
    const hex = hexOf(udp4());
    const plain = translate([`4 ${hex}\n`]).out;
    for (const line of [`4 ${hex.toUpperCase()}\n`, `  4\t ${hex}  \r\n`, `4 ${hex}`]) {
      expect(translate([line])).toEqual({ out: plain, bad: [] });
    }
  });

  it.each([
    ["", "it is empty"],
    ["hello", "it begins neither with `4 ` nor with `6 `"],
    ["5 45", "it begins neither with `4 ` nor with `6 `"],
    ["445", "it begins neither with `4 ` nor with `6 `"],
    ["4 4", "it has an odd number of hexadecimal digits"],
    ["4 4g", "it has a character that is no hexadecimal digit"],
    ["4 45 00", "it has a character that is no hexadecimal digit"],
    [`4 ${"00".repeat(65_576)}`, "it is longer than any packet"],
    [`4 ${"00".repeat(200_000)}`, "it is longer than any packet"],
  ])("answers %# with bad-input, says why, and goes on", (line, problem) => {
    const good = `4 ${hexOf(udp4())}\n`;
    const { out, bad } = translate([`${good}${line}\n${good}`]);
    expect(bad).toEqual([`2: ${problem}`]);
    expect(out.split("\n").map((text) => text.replace(/^6 .*/, "6"))).toEqual(["6", ".", ". bad-input", "6", ".", ""]);
  });

  it("takes the largest packet of either family", () => {
    const largest4 = `4 ${"00".repeat(65_535)}\n`;
    const largest6 = `6 ${"00".repeat(65_575)}\n`;
    expect(translate([largest4, largest6])).toEqual({ out: ". malformed-header\n. malformed-header\n", bad: [] });
  });

  it("gives the same from chunks of any size", () => {
    const input = Buffer.from(`4 ${hexOf(udp4())}\nnonsense\n6 ${hexOf(udp6({ hopLimit: 1 }))}\n4 ${hexOf(udp4())}`);
    const whole = translate([input]);
    for (const size of [1, 2, 3, 7, 64, 100]) {
      const chunks = Array.from({ length: Math.ceil(input.length / size) }, (_, index) =>
        input.subarray(index * size, (index + 1) * size),
      );
      expect(translate(chunks)).toEqual(whole);
    }
  });

  it("answers a chunk with all that it ends, and with nothing of what it begins", () => {
    const { spec } = specOf();
    const lines = new HexLines(spec, { seed: 0, onBadLine: () => {} });
    const input = Buffer.from(`4 ${hexOf(udp4())}\n`);
    expect(lines.push(input.subarray(0, 20)).length).toBe(0);
    expect(Buffer.from(lines.push(input.subarray(20))).toString()).toMatch(/^6 [0-9a-f]+\n\.\n$/);
    expect(lines.end().length).toBe(0);
  });

  it("answers each line of any octets with exactly one line that begins with a dot, and nothing but packets before", () => {
    const known = new Set<string>([".", ". bad-input", ...reasons.map(({ name }) => `. ${name}`)]);
    const packet = fc.oneof(
      fc.uint8Array({ maxLength: 80 }).map(hexOf),
      fc.tuple(fc.constantFrom(udp4(), udp6()), fc.nat(), fc.nat(255)).map(([octets, at, octet]) => {
        const changed = Uint8Array.from(octets);
        changed[at % changed.length] = octet;
        return hexOf(changed);
      }),
    );
    const line = fc.oneof(
      fc.tuple(fc.constantFrom("4", "6"), packet).map(([family, hex]) => `${family} ${hex}`),
      fc.string({ unit: "grapheme-ascii" }).map((text) => text.replaceAll("\n", " ")),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 10 }), (input) => {
        const { out, bad } = translate([input.map((text) => `${text}\n`).join("")]);
        const said = out.split("\n").slice(0, -1);
        expect(said.filter((text) => text.startsWith("."))).toHaveLength(input.length);
        expect(said.filter((text) => text === ". bad-input")).toHaveLength(bad.length);
        for (const text of said) expect(known.has(text) || /^[46] ([0-9a-f]{2})+$/.test(text), text).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
