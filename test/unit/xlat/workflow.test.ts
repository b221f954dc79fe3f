// RFC 7915 appendix A: two conversations through a translator that has a PREF64 and no mapping; and flows as wholes.

import { describe, expect, it } from "vitest";
import { u16 } from "../../../src/net/octets.js";
import { buildTcp4, buildTcp6, buildUdp4, buildUdp6 } from "../../../src/wire/build.js";
import { parsePacket } from "../../../src/wire/parse.js";
import type { TranslationSpec } from "../../../src/xlat/spec.js";
import {
  CLAT4,
  CLAT6,
  clat,
  only,
  pattern,
  ports,
  run,
  runAll,
  SERVER4,
  SERVER6,
  toHex,
  translate,
} from "./support.js";

/** Both nodes are behind the same prefix. */
const xlat: TranslationSpec = { ...clat, pref64s: ["2001:db8:100::/40"], eams: [] };
const h6 = "2001:db8:1c0:2:21::";
const h4 = "198.51.100.2";
/** Each as the other sees it. */
const h6seen = "192.0.2.33";
const h4seen = "2001:db8:1c6:3364:2::";

describe("createTranslator() with a PREF64 alone", () => {
  it.each([
    ["H6 to H4", 6, buildTcp6({ source: h6, destination: h4seen, ...ports }), h6seen, h4],
    ["H4 to H6", 4, buildTcp4({ source: h4, destination: h6seen, ...ports }), h4seen, h6],
  ] as const)("%s (RFC 7915 appendix A)", (_, family, packet, source, destination) => {
    expect(translate(xlat, family, packet)).toMatchObject({ source, destination, transport: { checksum: "right" } });
  });
});

describe("flows", () => {
  const up = (index: number): Uint8Array =>
    buildUdp4({ source: CLAT4, destination: SERVER4, ...ports, payload: pattern(2 + (index % 7) * 250) });
  const down = (index: number): Uint8Array =>
    buildUdp6({ source: SERVER6, destination: CLAT6, ...ports, payload: pattern(2 + (index % 7) * 150) });

  it.each([
    [4, up],
    [6, down],
  ] as const)("packets leave in the order they came in, both ways (RFC 7915 §4, §5)", (family, packet) => {
    const sent = Array.from({ length: 50 }, (_, index) => {
      const bytes = packet(index);
      // The order is in the source port; the checksum does not matter.
      bytes[family === 4 ? 21 : 41] = index;
      return bytes;
    });
    const ports = runAll(clat, family, sent).out.flatMap(({ bytes }) => {
      const parsed = parsePacket(bytes);
      return parsed === undefined || (parsed.fragment?.offset ?? 0) > 0 ? [] : [u16(parsed.payload, 0) & 0xff];
    });
    expect(ports).toEqual(Array.from({ length: 50 }, (_, index) => index));
  });

  it("two translators share a flow, packet by packet (RFC 7915 §1.3)", () => {
    const packets = Array.from({ length: 6 }, (_, index) => up(index % 4));
    const alone = runAll(clat, 4, packets).out.map(({ bytes }) => toHex(bytes));
    const shared = packets.map((packet) => toHex(only(run(clat, 4, packet)).bytes));
    expect(shared).toEqual(alone);
  });
});
