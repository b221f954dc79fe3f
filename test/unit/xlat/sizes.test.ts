// RFC 7915 §1.4, §4.1, §5.1: what does not fit is fragmented, or refused with the size that fits.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  buildEcho4,
  buildIpv4,
  buildIpv6,
  buildTcp4,
  buildTcp6,
  buildUdp4,
  buildUdp6,
  fragmentExtension,
} from "../../../src/wire/build.js";
import { sumOctets } from "../../../src/wire/checksum.js";
import { ipv6PseudoSum } from "../../../src/wire/ipv6.js";
import type { Packet } from "../../../src/wire/parse.js";
import {
  CLAT4,
  clat,
  hex,
  icmpOf,
  in6,
  type Outcome,
  only,
  pattern,
  ports,
  run,
  SERVER4,
  SERVER6,
  TRANSLATOR4,
  TRANSLATOR6,
  toHex,
  translate,
  wellFormed,
} from "./support.js";

const out4 = { source: CLAT4, destination: SERVER4, identification: 0x7777 };

/** Puts fragments together; insists that they fit without gap or overlap, the last one last. */
const reassemble = (outcome: Outcome, most: number): { data: Uint8Array; packets: Packet[] } => {
  const packets = outcome.out.map((emitted) => {
    expect(emitted.bytes.length).toBeLessThanOrEqual(most);
    return wellFormed(emitted);
  });
  let length = packets[0]?.fragment?.offset ?? 0;
  for (const [index, packet] of packets.entries()) {
    expect(packet.fragment?.offset).toBe(length);
    if (index < packets.length - 1) expect(packet.fragment?.more).toBe(true);
    length += packet.payload.length;
  }
  return { data: Buffer.concat(packets.map((packet) => packet.payload)), packets };
};

describe("v4ToV6() with DF", () => {
  it("up to the MTU of the IPv6 side it passes whole (RFC 7915 §4.1)", () => {
    const packet = buildTcp4({ ...out4, ...ports, dontFragment: true, payload: pattern(1440) });
    expect(translate(clat, 4, packet)).toMatchObject({ length: 1500, extensions: [] });
  });

  it("beyond it, Fragmentation Needed tells the size that fits (RFC 7915 §4.1)", () => {
    const packet = buildTcp4({ ...out4, ...ports, dontFragment: true, payload: pattern(1441) });
    const outcome = run(clat, 4, packet);
    expect(outcome.drops).toEqual(["too-big"]);
    const reply = wellFormed(only(outcome));
    expect(reply).toMatchObject({ family: 4, source: TRANSLATOR4, destination: CLAT4, length: 576 });
    expect(icmpOf(reply)).toMatchObject({ type: 3, code: 4, rest: 1480 });
    expect(toHex(icmpOf(reply).body)).toBe(toHex(packet.subarray(0, 548)));
  });

  it("options count, since the RFC compares the total length plus 20 (RFC 7915 §4.1)", () => {
    const segment = pattern(1461 - 1);
    const options = hex("94040000");
    expect(run(clat, 4, buildIpv4({ ...out4, dontFragment: true, options }, 132, segment)).drops).toEqual(["too-big"]);
    expect(run(clat, 4, buildIpv4({ ...out4, dontFragment: true, options }, 132, segment.subarray(4))).drops).toEqual(
      [],
    );
  });

  it("a fragment with DF needs 8 octets more, and so does the size that is told (RFC 7915 §4.1)", () => {
    const fields = { ...out4, dontFragment: true, moreFragments: true };
    expect(run(clat, 4, buildIpv4(fields, 132, pattern(1448))).drops).toEqual([]);
    const outcome = run(clat, 4, buildIpv4(fields, 132, pattern(1456)));
    expect(outcome.drops).toEqual(["too-big"]);
    expect(icmpOf(wellFormed(only(outcome))).rest).toBe(1472);
  });

  it("the MTU of the IPv4 side bounds what is told (RFC 7915 §4.1)", () => {
    const packet = buildTcp4({ ...out4, ...ports, dontFragment: true, payload: pattern(1500) });
    expect(icmpOf(wellFormed(only(run({ ...clat, mtuV4: 1400 }, 4, packet)))).rest).toBe(1400);
  });
});

describe("v4ToV6() without DF", () => {
  it("what fits lowest-ipv6-mtu has no Fragment Header (RFC 7915 §4: MUST NOT include)", () => {
    expect(translate(clat, 4, buildUdp4({ ...out4, ...ports, payload: pattern(1232) }))).toMatchObject({
      length: 1280,
      extensions: [],
    });
  });

  it("what does not is fragmented into at most 1280, in units of 1232 (RFC 7915 §4.1)", () => {
    const packet = buildUdp4({ ...out4, ...ports, payload: pattern(1233) });
    const { data, packets } = reassemble(run(clat, 4, packet), 1280);
    expect(packets.map((p) => p.payload.length)).toEqual([1232, 9]);
    expect(packets.every((p) => p.fragment?.identification === 0x7777)).toBe(true);
    expect(packets.at(-1)?.fragment?.more).toBe(false);
    expect(data.length).toBe(1241);
  });

  it.each([1280, 1400, 1500])("a lowest-ipv6-mtu of %i is observed (RFC 7915 §4.1: MUST provide)", (lowestIpv6Mtu) => {
    const spec = { ...clat, lowestIpv6Mtu };
    expect(run(spec, 4, buildUdp4({ ...out4, ...ports, payload: pattern(lowestIpv6Mtu - 48) })).out.length).toBe(1);
    const outcome = run(spec, 4, buildUdp4({ ...out4, ...ports, payload: pattern(lowestIpv6Mtu - 47) }));
    expect(reassemble(outcome, lowestIpv6Mtu).packets.length).toBe(2);
  });

  it("a lowest-ipv6-mtu beyond the link's MTU is that MTU", () => {
    const outcome = run({ ...clat, lowestIpv6Mtu: 9000 }, 4, buildUdp4({ ...out4, ...ports, payload: pattern(4000) }));
    expect(reassemble(outcome, 1500).data.length).toBe(4008);
  });

  it("UDP and echo of any size arrive whole, their checksums right (RFC 7915 §4.1, §4.5)", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1233, max: 65507 }),
        fc.integer({ min: 1280, max: 1500 }),
        fc.constantFrom("udp", "udp0", "echo"),
        (length, lowestIpv6Mtu, kind) => {
          const payload = pattern(length);
          const packet =
            kind === "echo"
              ? buildEcho4({ ...out4, kind: "request", identifier: 1, sequence: 2, payload })
              : buildUdp4({ ...out4, ...ports, payload, ...(kind === "udp0" ? { checksum: 0 } : {}) });
          const outcome = run({ ...clat, lowestIpv6Mtu, mtuV4: 65535 }, 4, packet);
          if (outcome.out.length === 1) return;
          const { data, packets } = reassemble(outcome, lowestIpv6Mtu);
          const protocol = kind === "echo" ? 58 : 17;
          expect(packets.every((p) => p.protocol === protocol && p.hopLimit === 63)).toBe(true);
          const first = outcome.out[0]?.bytes ?? new Uint8Array(40);
          expect(sumOctets(data, 0, data.length, ipv6PseudoSum(first, 0, protocol, data.length))).toBe(0xffff);
          expect(toHex(data.subarray(8, 200))).toBe(toHex(payload.subarray(0, 192)));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("a fragment that is still too big is fragmented again, its offset and M kept (RFC 7915 §4.1)", () => {
    const fields = { ...out4, moreFragments: true, fragmentOffset: 2960 };
    const { data, packets } = reassemble(run(clat, 4, buildIpv4(fields, 17, pattern(1480))), 1280);
    expect(packets.map((p) => p.fragment)).toEqual([
      { offset: 2960, more: true, identification: 0x7777 },
      { offset: 4192, more: true, identification: 0x7777 },
    ]);
    expect(toHex(data)).toBe(toHex(pattern(1480)));
  });
});

describe("v6ToV4()", () => {
  it("what is too big for the IPv4 side is refused with the size that fits (RFC 7915 §1.4)", () => {
    const packet = buildTcp6({ ...in6, ...ports, payload: pattern(1440) });
    const outcome = run({ ...clat, mtuV4: 1400 }, 6, packet);
    expect(outcome.drops).toEqual(["too-big"]);
    const reply = wellFormed(only(outcome));
    expect(reply).toMatchObject({ family: 6, source: TRANSLATOR6, destination: SERVER6, length: 1280 });
    expect(icmpOf(reply)).toMatchObject({ type: 2, code: 0, rest: 1420 });
    expect(toHex(icmpOf(reply).body)).toBe(toHex(packet.subarray(0, 1232)));
  });

  it("never less than 1280 is told, and never more than the IPv6 side takes (RFC 8200 §5)", () => {
    const told = (mtuV4: number, mtuV6: number): number => {
      const packet = buildTcp6({ ...in6, ...ports, payload: pattern(8000) });
      return icmpOf(wellFormed(only(run({ ...clat, mtuV4, mtuV6 }, 6, packet)))).rest;
    };
    expect([told(1000, 1500), told(7000, 1500), told(1300, 9000)]).toEqual([1280, 1500, 1320]);
  });

  it("what is at most 1280 is fragmented instead, without DF (RFC 7915 §5.1.1)", () => {
    const outcome = run({ ...clat, mtuV4: 576 }, 6, buildUdp6({ ...in6, ...ports, payload: pattern(1232) }));
    const { data, packets } = reassemble(outcome, 576);
    expect(packets.map((p) => p.payload.length)).toEqual([552, 552, 136]);
    expect(packets.every((p) => !p.dontFragment && p.identification === 0x1234)).toBe(true);
    expect(data.length).toBe(1240);
  });

  it("a fragment is fragmented whatever its size, since it has no DF (RFC 7915 §5.1.1)", () => {
    const extensions = [fragmentExtension(1448, true, 0xaaaabbbb)];
    const packet = buildIpv6({ ...in6, extensions }, 17, pattern(1448));
    const { data, packets } = reassemble(run({ ...clat, mtuV4: 1000 }, 6, packet), 1000);
    expect(packets.map((p) => p.fragment)).toEqual([
      { offset: 1448, more: true, identification: 0xbbbb },
      { offset: 2424, more: true, identification: 0xbbbb },
    ]);
    expect(toHex(data)).toBe(toHex(pattern(1448)));
  });

  it.each([1480, 65535])(
    "one that no IPv4 packet can hold is refused too, with an MTU of %i (RFC 7915 §1.4)",
    (mtuV4) => {
      const spec = { ...clat, mtuV4, mtuV6: 65575 };
      const outcome = run(spec, 6, buildIpv6(in6, 132, pattern(65516)));
      expect(outcome.drops).toEqual(["too-big"]);
      expect(icmpOf(wellFormed(only(outcome)))).toMatchObject({ type: 2, code: 0, rest: mtuV4 + 20 });
    },
  );
});
