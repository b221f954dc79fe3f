// RFC 6791 §4 with RFC 5837: an error that comes from the stand-in address tells the IPv6 address that sent it.

import { describe, expect, it } from "vitest";
import { buildIcmp6, buildTcp6, buildUdp6 } from "../../../src/wire/build.js";
import { sumOctets } from "../../../src/wire/checksum.js";
import { parsePacket } from "../../../src/wire/parse.js";
import { HEADROOM, newFrame } from "../../../src/xlat/frame.js";
import { NEEDED_HEADROOM } from "../../../src/xlat/room.js";
import type { TranslationSpec } from "../../../src/xlat/spec.js";
import { createTranslator } from "../../../src/xlat/translator.js";
import { CLAT6, clat, hex, ICMP_SOURCE, icmpOf, only, pattern, run, SERVER6, toHex, wellFormed } from "./support.js";

const telling: TranslationSpec = { ...clat, icmpExtension: true };
const ROUTER = "2001:db8:9::1";
const sent = { source: CLAT6, destination: SERVER6, sourcePort: 40000, destinationPort: 80 };
/** Interface Information (class 2), role 0 with an address; family 2 (IPv6), the router. */
const object = "0018 02 04 0002 0000 20010db8000900000000000000000001".replaceAll(" ", "");

const errorOf = (type: number, rest: number, body: Uint8Array, source = ROUTER): Uint8Array =>
  buildIcmp6({ source, destination: CLAT6, type, code: 0, rest, body });

/** The quoted packet's field, and the structure behind it. */
const split = (packet: Uint8Array): { icmp: ReturnType<typeof icmpOf>; field: Uint8Array; structure: Uint8Array } => {
  const icmp = icmpOf(wellFormed(only(run(telling, 6, packet))));
  const words = (icmp.rest >>> 16) & 0xff;
  return { icmp, field: icmp.body.subarray(0, words * 4), structure: icmp.body.subarray(words * 4) };
};

describe("putInterfaceObject()", () => {
  it.each([
    ["Time Exceeded", 3, 0, 11, 0],
    ["Destination Unreachable", 1, 0, 3, 0],
    ["Packet Too Big", 2, 1400, 3, 1380],
  ])("%s tells the IPv6 address of the router (RFC 6791 §4, RFC 5837 §4.1)", (_, type, rest, type4, mtu) => {
    const quote = buildUdp6({ ...sent, payload: pattern(20) });
    const { icmp, field, structure } = split(errorOf(type, rest, quote));
    expect([icmp.type, icmp.rest & 0xffff]).toEqual([type4, mtu]);
    expect(toHex(structure.subarray(0, 2))).toBe("2000");
    expect(sumOctets(structure, 0, structure.length, 0)).toBe(0xffff);
    expect(toHex(structure.subarray(4))).toBe(object);
    expect(field.length).toBe(128);
    expect(toHex(field.subarray(48))).toBe("00".repeat(80));
    expect(parsePacket(field)).toMatchObject({ source: "192.0.0.1", length: 48, transport: { checksum: "right" } });
  });

  it("stands behind what an extension already tells (RFC 4884 §7)", () => {
    const quote = buildUdp6({ ...sent, payload: pattern(80) });
    const body = new Uint8Array([...quote, ...hex("2000 8a6f 0008 0101 18729a40")]);
    const { field, structure } = split(errorOf(3, 16 << 24, body));
    expect(field.length).toBe(128);
    expect(sumOctets(structure, 0, structure.length, 0)).toBe(0xffff);
    expect(toHex(structure.subarray(4))).toBe(`0008010118729a40${object}`);
  });

  it("a long quotation is cut for it, to what the length can say (RFC 4884 §5.1)", () => {
    const quote = buildTcp6({ ...sent, payload: pattern(1400) }).subarray(0, 1232);
    const { icmp, field, structure } = split(errorOf(3, 0, quote));
    expect([field.length, structure.length, icmp.body.length]).toEqual([1020, 28, 1048]);
    const whole = icmpOf(wellFormed(only(run(clat, 6, errorOf(3, 0, quote)))));
    expect(toHex(field)).toBe(toHex(whole.body.subarray(0, 1020)));
  });

  it("is left out where a structure of an unknown version stands", () => {
    const quote = buildUdp6({ ...sent, payload: pattern(80) });
    const body = new Uint8Array([...quote, ...hex("1000 0000 0008 0101 18729a40")]);
    expect(toHex(split(errorOf(3, 16 << 24, body)).structure)).toBe("100000000008010118729a40");
  });

  it("is left out where the IPv4 side's MTU leaves no room", () => {
    const quote = buildUdp6({ ...sent, payload: pattern(20) });
    const icmp = icmpOf(wellFormed(only(run({ ...telling, mtuV4: 150 }, 6, errorOf(3, 0, quote)))));
    expect([icmp.rest, icmp.body.length]).toEqual([0, 48]);
  });

  it.each([
    ["where the router has an IPv4 address", telling, "2001:db8:64::cb00:7109", "203.0.113.9"],
    ["unless it is wanted", clat, ROUTER, ICMP_SOURCE],
  ])("not %s", (_, spec, source, wanted) => {
    const quote = buildUdp6({ ...sent, payload: pattern(20) });
    const packet = wellFormed(only(run(spec, 6, errorOf(3, 0, quote, source))));
    expect(packet.source).toBe(wanted);
    expect(icmpOf(packet)).toMatchObject({ rest: 0, body: { length: 48 } });
  });

  it("where the room in front is short it is left out, and the error translated all the same", () => {
    const quote = buildUdp6({ ...sent, payload: pattern(8) });
    const packet = errorOf(3, 0, quote);
    const lengths = [HEADROOM, NEEDED_HEADROOM].map((room) => {
      const translator = createTranslator(telling);
      const bytes = new Uint8Array(room + packet.length);
      bytes.set(packet, room);
      const frame = { ...newFrame(0), bytes, start: room, end: bytes.length };
      let length = 0;
      translator.v6ToV4(frame, {
        emit: (out) => {
          length = out.end - out.start;
        },
      });
      return length;
    });
    expect(lengths).toEqual([20 + 8 + 128 + 28, 20 + 8 + 36]);
  });
});
