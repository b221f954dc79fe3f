// RFC 7756 §6: what an Edge Relay does not let through, and RFC 7756 §5.2: mappings of others beside its own.

import { describe, expect, it } from "vitest";
import { buildEcho4, buildIcmp4, buildIcmp6, buildUdp4, buildUdp6 } from "../../../src/wire/build.js";
import type { TranslationSpec } from "../../../src/xlat/spec.js";
import {
  clat,
  droppedFor,
  ICMP_SOURCE,
  icmpOf,
  only,
  pattern,
  ports,
  run,
  SERVER4,
  SERVER6,
  TRANSLATOR4,
  TRANSLATOR6,
  wellFormed,
} from "./support.js";

const own4 = "192.0.2.1";
const own6 = "2001:db8:a::1";
/** The same behind the PREF64. */
const ownSeen = "2001:db8:64::c000:201";
const remote4 = "192.0.2.2";
const remote6 = "2001:db8:b::2";

const relay: TranslationSpec = {
  ...clat,
  eams: [
    { v4: own4, v6: own6 },
    { v4: remote4, v6: remote6 },
  ],
  inside: ["192.0.2.1/32", "192.0.2.16/28"],
};
const { inside: _inside, ...open } = relay;
const udp4 = (source: string, destination: string): Uint8Array =>
  buildUdp4({ source, destination, ...ports, payload: pattern(20) });
const udp6 = (source: string, destination: string): Uint8Array =>
  buildUdp6({ source, destination, ...ports, payload: pattern(20) });

describe("isInside()", () => {
  it("lets pass what is right, both ways", () => {
    expect(wellFormed(only(run(relay, 4, udp4(own4, SERVER4))))).toMatchObject({ source: own6, destination: SERVER6 });
    expect(wellFormed(only(run(relay, 6, udp6(SERVER6, own6))))).toMatchObject({ source: SERVER4, destination: own4 });
  });

  it("a service of another relay is a node like any other (RFC 7756 §5.2)", () => {
    expect(wellFormed(only(run(relay, 4, udp4(own4, remote4))))).toMatchObject({ source: own6, destination: remote6 });
    expect(wellFormed(only(run(relay, 6, udp6(remote6, own6))))).toMatchObject({ source: remote4, destination: own4 });
  });

  it.each([
    ["an address without a mapping", "203.0.113.7"],
    ["the address of another relay", remote4],
  ])("an IPv4 packet from %s is refused, and its sender is told (RFC 7756 §6)", (_what, source) => {
    const outcome = run(relay, 4, udp4(source, SERVER4));
    expect(outcome.drops).toEqual(["spoofed-source"]);
    const told = wellFormed(only(outcome));
    expect(told).toMatchObject({ family: 4, source: TRANSLATOR4, destination: source });
    expect(icmpOf(told)).toMatchObject({ type: 3, code: 13 });
    expect(wellFormed(only(run(open, 4, udp4(source, SERVER4)))).family).toBe(6);
  });

  it.each([
    ["is an IPv6 service address of ours", own6],
    ["is an IPv4 service address of ours behind the PREF64", ownSeen],
  ])("an IPv6 packet whose source %s is dropped in silence (RFC 7756 §6)", (_what, source) => {
    expect(droppedFor(run(relay, 6, udp6(source, own6)))).toBe("spoofed-source");
    expect(wellFormed(only(run(open, 6, udp6(source, own6)))).source).toBe(own4);
  });

  it("an IPv4 packet to a service address that nobody here has does not go round in circles", () => {
    const outcome = run(relay, 4, udp4(own4, "192.0.2.17"));
    expect(outcome.drops).toEqual(["inside-destination"]);
    expect(icmpOf(wellFormed(only(outcome)))).toMatchObject({ type: 3, code: 1 });
  });

  it("ping to the translator itself is answered whoever asks", () => {
    const ping = { source: "203.0.113.7", destination: TRANSLATOR4, identifier: 1, sequence: 1 } as const;
    expect(icmpOf(wellFormed(only(run(relay, 4, buildEcho4({ ...ping, kind: "request" })))))).toMatchObject({
      type: 0,
    });
  });

  it("an ICMPv4 error of a router behind the relay leaves from the relay's own address", () => {
    const quoted = udp4(SERVER4, own4);
    const error = buildIcmp4({ source: "10.0.0.1", destination: SERVER4, type: 3, code: 4, rest: 1400, body: quoted });
    const out = wellFormed(only(run(relay, 4, error)));
    expect(out).toMatchObject({ source: TRANSLATOR6, destination: SERVER6 });
    expect(icmpOf(out)).toMatchObject({ type: 2 });
    const { translatorV6: _none, ...mute } = relay;
    expect(droppedFor(run(mute, 4, error))).toBe("spoofed-source");
  });

  it("an ICMPv6 error that comes from a service address of ours gets the source of the unmapped", () => {
    const quoted = udp6(own6, SERVER6);
    for (const source of [own6, ownSeen]) {
      const error = buildIcmp6({ source, destination: own6, type: 1, code: 0, rest: 0, body: quoted });
      expect(wellFormed(only(run(relay, 6, error)))).toMatchObject({ source: ICMP_SOURCE, destination: own4 });
    }
  });

  it("with hairpinning: the IPv4 address of another relay's service is turned round, ours is no source for it", () => {
    const toOwn = udp6(remote6, ownSeen);
    expect(wellFormed(only(run(relay, 6, toOwn)))).toMatchObject({ family: 6, destination: own6 });
    expect(droppedFor(run(relay, 6, udp6(own6, "2001:db8:64::c000:202")))).toBe("spoofed-source");
  });

  it("a wrong prefix is told", () => {
    expect(() => run({ ...relay, inside: ["2001:db8::/32"] }, 4, udp4(own4, SERVER4))).toThrow(
      'Cannot use "2001:db8::/32" as a prefix of this side',
    );
  });
});
