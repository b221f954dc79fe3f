// ipPacketOf(): the packet inside frames of each link type.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildUdp4, buildUdp6 } from "../../../src/wire/build.js";
import { ipPacketOf } from "../../../src/wire/pcapng-link.js";

const v4 = buildUdp4({ source: "192.0.0.1", destination: "198.51.100.7", sourcePort: 1, destinationPort: 2 });
const v6 = buildUdp6({ source: "2001:db8::1", destination: "2001:db8::2", sourcePort: 1, destinationPort: 2 });

function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));
}

function frame(header: string, packet: Uint8Array, trailer = ""): Uint8Array {
  return new Uint8Array(Buffer.concat([hex(header), packet, hex(trailer)]));
}

const macs = "020000000001 020000000002";
const sll = "0000 0001 0006 020000000001 0000";

describe("ipPacketOf()", () => {
  it.each([
    ["Ethernet, IPv4", 1, frame(`${macs} 0800`, v4), 4],
    ["Ethernet, IPv6", 1, frame(`${macs} 86dd`, v6), 6],
    ["Ethernet with padding", 1, frame(`${macs} 0800`, v4, "00".repeat(18)), 4],
    ["Ethernet with a VLAN tag", 1, frame(`${macs} 8100 0064 86dd`, v6), 6],
    ["Ethernet with two VLAN tags", 1, frame(`${macs} 88a8 0001 8100 0064 0800`, v4), 4],
    ["Linux cooked", 113, frame(`${sll} 0800`, v4), 4],
    ["Linux cooked, version 2", 276, frame("86dd 0000 00000003 0001 00 06 0200000000010000", v6), 6],
    ["null, little-endian, IPv4", 0, frame("02000000", v4), 4],
    ["null, big-endian, IPv6 of Linux", 0, frame("0000000a", v6), 6],
    ["null, little-endian, IPv6 of macOS", 0, frame("1e000000", v6), 6],
    ["loopback, IPv6 of OpenBSD", 108, frame("00000018", v6), 6],
    ["raw, IPv4", 101, v4, 4],
    ["raw, IPv6", 101, v6, 6],
    ["raw, by its other number", 12, v4, 4],
    ["IPv4", 228, v4, 4],
    ["IPv6", 229, v6, 6],
  ] as const)("%s", (_name, linkType, octets, family) => {
    expect(ipPacketOf(linkType, octets)).toEqual({ ok: true, family, octets: family === 4 ? v4 : v6 });
  });

  it("keeps a packet that is cut off as it is: the translator says so", () => {
    expect(ipPacketOf(101, v4.subarray(0, 22))).toEqual({ ok: true, family: 4, octets: v4.subarray(0, 22) });
  });

  it.each([
    [1, frame(`${macs} 0806`, v4), "it holds no IP packet: EtherType 0x0806"],
    [1, hex(macs), "the frame is cut off before its packet"],
    [113, hex("0000"), "the frame is cut off before its packet"],
    [0, frame("00000007", v4), "it holds no IP packet: its address family is another one"],
    [108, frame("02000000", v4), "it holds no IP packet: its address family is another one"],
    [0, hex("0200"), "the frame is cut off before its packet"],
    [101, hex("50"), "it holds no IP packet: version 5"],
    [101, hex(""), "it holds no IP packet: version 0"],
  ])("link type %d: %#: %s", (linkType, octets, problem) => {
    expect(ipPacketOf(linkType, octets)).toEqual({ ok: false, readable: true, problem });
  });

  it("names a link type that it does not know", () => {
    expect(ipPacketOf(127, v4)).toEqual({
      ok: false,
      readable: false,
      problem: "its link type is 127; raw IP, Ethernet, Linux cooked (SLL, SLL2), null and loopback can be read",
    });
  });

  it("takes any octets without throwing", () => {
    const linkType = fc.constantFrom(0, 1, 12, 101, 108, 113, 228, 229, 276, 999);
    fc.assert(
      fc.property(linkType, fc.uint8Array({ maxLength: 60 }), (type, octets) => {
        const packet = ipPacketOf(type, octets);
        if (packet.ok) expect(packet.octets.length).toBeLessThanOrEqual(octets.length);
      }),
      { numRuns: 1000 },
    );
  });
});
