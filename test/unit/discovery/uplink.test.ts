// findUplink() and clatAddress(): pure functions over what was looked at.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ClatAddressChoice, clatAddress } from "../../../src/discovery/clat-address.js";
import { findUplink, routeProbe, usableAddresses } from "../../../src/discovery/uplink.js";
import { parseIpv6 } from "../../../src/net/address.js";
import { parseInterfaceAddress, prefixContains } from "../../../src/net/prefix.js";
import type { RouteLookup } from "../../../src/os/driver.js";
import type { AddressState, LinkState, NetSnapshot } from "../../../src/os/snapshot.js";

const pref64 = "2001:db8:64::/96";

function link(name: string, more: Partial<LinkState> = {}): LinkState {
  return { name, kind: "ether", up: true, running: true, mtu: 1500, ...more };
}

/** `eth0 2001:db8::1/64 deprecated …`. */
function address(text: string): AddressState {
  const [dev = "", full = "", ...words] = text.split(" ");
  const [plain = "", length] = full.split("/");
  return {
    dev,
    family: plain.includes(":") ? 6 : 4,
    address: plain,
    length: Number(length),
    scope: words.includes("link") ? "link" : "global",
    tentative: words.includes("tentative"),
    dadFailed: words.includes("failed"),
    deprecated: words.includes("deprecated"),
    temporary: words.includes("temporary"),
  };
}

function snapshot(links: readonly LinkState[], addresses: readonly string[] = []): NetSnapshot {
  return {
    links,
    addresses: addresses.map(address),
    routes: [],
    rules: [],
    proxies: [],
    sysctls: {},
    nft: [],
    programs: [],
  };
}

const route: RouteLookup = { dev: "eth0", source: "2001:db8:1::5", via: "fe80::1", mtu: 1480 };

describe("routeProbe()", () => {
  it("is the prefix's own address", () => expect(routeProbe("64:ff9b::/96")).toBe("64:ff9b::"));
});

describe("findUplink()", () => {
  const ask = (more: Partial<Parameters<typeof findUplink>[0]>) =>
    findUplink({ pref64, route, snapshot: snapshot([link("eth0")]), clatDev: "clat", platDev: undefined, ...more });

  it("is what the kernel's route says, with its MTU and source", () => {
    expect(ask({})).toEqual({ ok: true, dev: "eth0", mtu: 1480, source: "2001:db8:1::5" });
  });

  it("is plat-dev, with the kernel's route where that agrees", () => {
    expect(ask({ platDev: "eth0" })).toEqual({ ok: true, dev: "eth0", mtu: 1480, source: "2001:db8:1::5" });
  });

  it("is plat-dev, with the address nearest to the PREF64 where the route leads elsewhere", () => {
    const system = snapshot(
      [link("eth0"), link("wwan0", { mtu: 1420 })],
      [
        "wwan0 fe80::7/64 link",
        "wwan0 2001:db9::7/64",
        "wwan0 2001:db8:65::7/64",
        "wwan0 2001:db8:64:1::7/64 deprecated",
        "wwan0 2001:db8:64:2::7/64 tentative",
        "wwan0 2001:db8:64:3::7/64 failed",
        "eth0 2001:db8:64:4::7/64",
      ],
    );
    const expected = { ok: true, dev: "wwan0", mtu: 1420, source: "2001:db8:65::7" };
    expect(ask({ platDev: "wwan0", snapshot: system })).toEqual(expected);
    expect(ask({ platDev: "wwan0", snapshot: system, route: undefined })).toEqual(expected);
  });

  it.each([
    ["no route", { route: undefined }, "There is no IPv6 route to the PLAT's prefix 2001:db8:64::/96"],
    ["plat-dev is not there", { platDev: "eth9" }, "The uplink eth9 (plat-dev) does not exist"],
    [
      "plat-dev is down",
      { platDev: "eth0", snapshot: snapshot([link("eth0", { up: false })]) },
      "The uplink eth0 (plat-dev) is down",
    ],
    [
      "the route leads back",
      { route: { dev: "clat", mtu: 1500 } },
      "The route to the PLAT's prefix 2001:db8:64::/96 leads into the CLAT itself",
    ],
    [
      "the prefix is the host's own",
      { route: { dev: "lo", mtu: 65536 } },
      "The PLAT's prefix 2001:db8:64::/96 is this host's own (its route is local)",
    ],
  ])("%s: says so", (_name, more, reason) => {
    expect(ask(more)).toEqual({ ok: false, reason });
  });
});

describe("usableAddresses()", () => {
  it("takes global IPv6 addresses of the device that new connections may use", () => {
    const system = snapshot(
      [link("eth0")],
      ["eth0 192.0.2.1/24", "eth0 fe80::1/64 link", "eth0 2001:db8::1/64 temporary", "eth1 2001:db8::2/64"],
    );
    expect(usableAddresses(system, "eth0").map((state) => state.address)).toEqual(["2001:db8::1"]);
  });
});

describe("clatAddress()", () => {
  const random = Uint8Array.from({ length: 16 }, (_, index) => 0xa0 + index);
  const ask = (choice: ClatAddressChoice, addresses: readonly string[], source?: string, octets = random) =>
    clatAddress({
      choice,
      pref64,
      uplink: { dev: "eth0", ...(source === undefined ? {} : { source }) },
      snapshot: snapshot([link("eth0")], addresses),
      clatDev: "clat",
      random: octets,
    });

  describe("shared", () => {
    it("is the source that the kernel picks", () => {
      expect(ask({ how: "shared" }, [], "2001:db8:1::5")).toEqual({ ok: true, address: "2001:db8:1::5", shared: true });
    });

    it.each([
      [
        undefined,
        "The host has no IPv6 address to use towards the PLAT's prefix 2001:db8:64::/96 on eth0; it needs a global one",
      ],
      [
        "fe80::1",
        "The host has only the link-local address fe80::1 to use towards the PLAT's prefix 2001:db8:64::/96 on eth0; " +
          "it needs a global one",
      ],
    ])("says what is missing where the source is %s", (source, reason) => {
      expect(ask({ how: "shared" }, [], source)).toEqual({ ok: false, reason });
    });
  });

  describe("given", () => {
    const given = { how: "given", address: "2001:db8::c1a7" } as const;

    it("is that address, of its own", () => {
      expect(ask(given, ["eth0 2001:db8::1/64"])).toEqual({ ok: true, address: "2001:db8::c1a7", shared: false });
    });

    it("is shared where the host has it too", () => {
      expect(ask(given, ["eth1 2001:db8::c1a7/128"])).toMatchObject({ shared: true });
    });

    it("is not shared where only the CLAT's device has it", () => {
      expect(ask(given, ["clat 2001:db8::c1a7/128"])).toMatchObject({ shared: false });
    });
  });

  describe("derived", () => {
    const derived = { how: "derived" } as const;

    it("puts c1a7 in the place of fffe of an EUI-64 address", () => {
      expect(ask(derived, ["eth0 2001:db8:1:0:211:22ff:fe33:4455/64"])).toEqual({
        ok: true,
        address: "2001:db8:1:0:211:22c1:a733:4455",
        shared: false,
      });
    });

    it("prefers EUI-64 to others, and of several the nearest to the PREF64", () => {
      expect(
        ask(derived, [
          "eth0 2001:db8:64:1:1111:2222:3333:4444/64",
          "eth0 2001:db9:0:0:211:22ff:fe33:4455/64",
          "eth0 2001:db8:65:0:211:22ff:fe33:4455/64",
          "eth0 2001:db8:1:0:211:22ff:fe33:4455/64 deprecated",
        ]),
      ).toMatchObject({ address: "2001:db8:65:0:211:22c1:a733:4455" });
    });

    it("takes fffe for EUI-64 in a /64 only", () => {
      expect(ask(derived, ["eth0 2001:db8:1:0:211:22ff:fe33:4455/120"])).toMatchObject({
        address: "2001:db8:1:0:211:22ff:fe33:442f",
      });
    });

    it.each([
      ["eth0 2001:db8:1::5/64", "2001:db8:1:0:a8a9:aaab:acad:aeaf"],
      ["eth0 2001:db8:1::5/48", "2001:db8:1:a6a7:a8a9:aaab:acad:aeaf"],
      ["eth0 2001:db8:1::5/68", "2001:db8:1:0:8a9:aaab:acad:aeaf"],
      ["eth0 2001:db8:1::5/112", "2001:db8:1::aeaf"],
    ])("puts a random interface ID behind the prefix of %s", (state, expected) => {
      expect(ask(derived, [state])).toEqual({ ok: true, address: expected, shared: false });
    });

    it("gives a random interface ID in the prefix that is nearest to the PREF64", () => {
      const addresses = ["eth0 2001:db9::5/64", "eth0 2001:db8:64:9::5/64", "eth0 2001:db8:64:8::5/128"];
      expect(ask(derived, addresses)).toMatchObject({ address: "2001:db8:64:9:a8a9:aaab:acad:aeaf" });
    });

    it.each([
      ["eth0 2001:db8:1::5/64", 0x00, "2001:db8:1::1", "the subnet-router anycast address (RFC 4291 §2.6.1)"],
      ["eth0 2001:db8:1::5/120", 0xff, "2001:db8:1::7f", "the reserved anycast addresses (RFC 2526 §2)"],
      ["eth0 2001:db8:1::7f/120", 0x7f, "2001:db8:1::1", "the anycast addresses that come next"],
      ["eth0 2001:db8:1::5/120", 0x05, "2001:db8:1::6", "an address that is there already"],
    ])("in %s passes over %#x for %s: %s", (state, octet, expected) => {
      expect(ask(derived, [state], undefined, new Uint8Array(16).fill(octet))).toMatchObject({ address: expected });
    });

    it("passes over the reserved anycast addresses of a /64 (RFC 2526 §2)", () => {
      const octets = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe);
      expect(ask(derived, ["eth0 2001:db8:1::5/64"], undefined, octets)).toMatchObject({
        address: "2001:db8:1:0:fdff:ffff:ffff:ff7e",
      });
    });

    it("stays in the prefix, and is never an address that is there, for any octets", () => {
      const octets = fc.uint8Array({ minLength: 16, maxLength: 16 });
      fc.assert(
        fc.property(octets, fc.integer({ min: 16, max: 120 }), (given, length) => {
          const state = `2001:db8:1:2:3:4:5:6/${length}`;
          const found = ask(derived, [`eth0 ${state}`], undefined, given);
          if (!found.ok) return expect.fail(found.reason);
          const prefix = parseInterfaceAddress(state);
          const address = parseIpv6(found.address);
          expect(found.address).not.toBe("2001:db8:1:2:3:4:5:6");
          expect(prefix !== undefined && address !== undefined && prefixContains(prefix, address)).toBe(true);
        }),
      );
    });

    it.each([
      [[], "There is no global IPv6 address on eth0 to derive the CLAT's from"],
      [["eth0 fe80::1/64 link"], "There is no global IPv6 address on eth0 to derive the CLAT's from"],
      [["eth0 2001:db8::1/64 tentative"], "There is no global IPv6 address on eth0 to derive the CLAT's from"],
      [
        ["eth0 2001:db8::1/128", "eth0 2001:db8::2/121"],
        "Cannot derive the CLAT's IPv6 address on eth0: it has 2001:db8::1/128, 2001:db8::2/121, and a random " +
          "interface ID needs a prefix of /120 or shorter; set clat-v6-addr to shared or to an address",
      ],
      [
        Array.from({ length: 127 }, (_, index) => `eth0 2001:db8::${(index + 1).toString(16)}/120`),
        "There is no free address left in 2001:db8::1/120",
      ],
    ])("says why there is none", (addresses, reason) => {
      expect(ask(derived, addresses)).toEqual({ ok: false, reason });
    });
  });
});
