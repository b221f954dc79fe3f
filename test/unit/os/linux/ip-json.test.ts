// What iproute2 6.1 printed on real systems, read into the snapshot's terms.

import { describe, expect, it } from "vitest";
import { parseBatch, readAddresses, readLink, readRoutes, readRule } from "../../../../src/os/linux/ip-json.js";

describe("readRoutes()", () => {
  const rows: readonly (readonly [string, Parameters<typeof readRoutes>[0], unknown])[] = [
    [
      "a DHCP default route with metrics",
      {
        type: "1",
        dst: "default",
        gateway: "192.0.2.2",
        dev: "v0",
        table: "254",
        protocol: "16",
        scope: "0",
        metric: 5,
        flags: [],
        metrics: [{ mtu: 1260, advmss: 1220 }],
      },
      [
        {
          family: 4,
          destination: "default",
          dev: "v0",
          via: "192.0.2.2",
          table: 254,
          metric: 5,
          mtu: 1260,
          advmss: 1220,
          protocol: "dhcp",
          scope: "global",
        },
      ],
    ],
    [
      "a default route from a Router Advertisement, without its remaining lifetime",
      {
        type: "1",
        dst: "default",
        gateway: "fe80::1",
        dev: "v0",
        table: "254",
        protocol: "9",
        scope: "0",
        metric: 1024,
        flags: [],
        expires: 299,
        metrics: [{}],
        pref: "high",
      },
      [
        {
          family: 6,
          destination: "default",
          dev: "v0",
          via: "fe80::1",
          table: 254,
          metric: 1024,
          protocol: "ra",
          pref: "high",
        },
      ],
    ],
    [
      "an on-link gateway",
      {
        type: "1",
        dst: "100.64.0.0/10",
        gateway: "192.0.2.7",
        dev: "v0",
        table: "254",
        protocol: "4",
        scope: "0",
        flags: ["onlink"],
      },
      [
        {
          family: 4,
          destination: "100.64.0.0/10",
          dev: "v0",
          via: "192.0.2.7",
          table: 254,
          protocol: "static",
          scope: "global",
          onlink: true,
        },
      ],
    ],
    [
      "a multipath route, as one a next hop",
      {
        type: "1",
        dst: "203.0.113.0/24",
        table: "254",
        protocol: "3",
        scope: "0",
        flags: [],
        nexthops: [
          { gateway: "192.0.2.3", dev: "v0", flags: [] },
          { gateway: "192.0.2.4", dev: "v1", flags: [] },
        ],
      },
      [
        {
          family: 4,
          destination: "203.0.113.0/24",
          dev: "v0",
          via: "192.0.2.3",
          table: 254,
          protocol: "boot",
          scope: "global",
        },
        {
          family: 4,
          destination: "203.0.113.0/24",
          dev: "v1",
          via: "192.0.2.4",
          table: 254,
          protocol: "boot",
          scope: "global",
        },
      ],
    ],
    [
      "an IPv4 route by an IPv6 gateway (RFC 9229)",
      {
        type: "1",
        dst: "default",
        via: { family: "inet6", host: "fe80::1" },
        dev: "v0",
        table: "254",
        protocol: "3",
        scope: "0",
        flags: [],
      },
      [{ family: 4, destination: "default", dev: "v0", via: "fe80::1", table: 254, protocol: "boot", scope: "global" }],
    ],
    [
      "an unreachable IPv6 route",
      {
        type: "7",
        dst: "2001:db8:f::/48",
        dev: "lo",
        table: "254",
        protocol: "3",
        scope: "0",
        metric: 1024,
        flags: [],
        pref: "medium",
      },
      [
        {
          family: 6,
          destination: "2001:db8:f::/48",
          dev: "lo",
          table: 254,
          metric: 1024,
          type: "unreachable",
          protocol: "boot",
        },
      ],
    ],
    [
      "a host route, with its length",
      {
        type: "2",
        dst: "2001:db8::5",
        dev: "v0",
        table: "255",
        protocol: "2",
        scope: "0",
        metric: 0,
        flags: [],
        pref: "medium",
      },
      [
        {
          family: 6,
          destination: "2001:db8::5/128",
          dev: "v0",
          table: 255,
          metric: 0,
          type: "local",
          protocol: "kernel",
        },
      ],
    ],
    [
      "a protocol that has no name here",
      { type: "1", dst: "10.0.0.0/8", dev: "v0", table: "49575", protocol: "99", scope: "253", flags: [] },
      [{ family: 4, destination: "10.0.0.0/8", dev: "v0", table: 49575, protocol: "99", scope: "link" }],
    ],
    [
      "no broadcast",
      { type: "3", dst: "192.0.2.255", dev: "v0", table: "255", protocol: "2", scope: "253", flags: [] },
      [],
    ],
    [
      "no multicast",
      {
        type: "5",
        dst: "ff00::/8",
        dev: "v0",
        table: "255",
        protocol: "2",
        scope: "0",
        metric: 256,
        flags: [],
        pref: "medium",
      },
      [],
    ],
  ];
  it.each(rows)("%s", (_name, entry, routes) => {
    expect(readRoutes(entry)).toEqual(routes);
  });
});

describe("readRule()", () => {
  it("reads selectors with their lengths, and marks with their masks", () => {
    expect(
      readRule(
        {
          priority: 5,
          src: "192.0.2.0",
          srclen: 24,
          dst: "1.2.3.4",
          iif: "v0",
          fwmark: "0x1",
          fwmask: "0xff",
          table: "100",
          protocol: "0",
        },
        4,
      ),
    ).toEqual({
      family: 4,
      priority: 5,
      from: "192.0.2.0/24",
      to: "1.2.3.4/32",
      iif: "v0",
      fwmark: 1,
      fwmask: 0xff,
      table: 100,
    });
    expect(readRule({ priority: 0, src: "all", table: "255", protocol: "2" }, 6)).toEqual({
      family: 6,
      priority: 0,
      table: 255,
      protocol: "kernel",
    });
    expect(readRule({ priority: 1, src: "all", fwmark: "0xc1a7", table: "49575" }, 6)).toEqual({
      family: 6,
      priority: 1,
      fwmark: 0xc1a7,
      table: 49575,
    });
  });

  it("leaves out rules that look up no table", () => {
    expect(readRule({ priority: 6, src: "all", dst: "2001:db8:77::", dstlen: 64 }, 6)).toBeUndefined();
  });
});

describe("readLink()", () => {
  it("takes a TUN with its reader for running, though its state is unknown", () => {
    const link = {
      ifname: "clat",
      flags: ["POINTOPOINT", "NOARP", "UP", "LOWER_UP"],
      mtu: 1480,
      operstate: "UNKNOWN",
      linkinfo: { info_kind: "tun" },
    };
    expect(readLink(link)).toEqual({ name: "clat", kind: "tun", up: true, running: true, mtu: 1480 });
  });

  it("takes a link without carrier for not running, and knows addresses of Ethernet only", () => {
    const link = {
      ifname: "eth0",
      flags: ["NO-CARRIER", "BROADCAST", "UP"],
      mtu: 1500,
      operstate: "DOWN",
      address: "52:54:00:12:34:56",
      master: "br0",
    };
    expect(readLink(link)).toEqual({
      name: "eth0",
      kind: "physical",
      up: true,
      running: false,
      mtu: 1500,
      mac: "52:54:00:12:34:56",
      master: "br0",
    });
    expect(readLink({ ...link, address: "192.0.2.1" })).not.toHaveProperty("mac");
  });
});

describe("readAddresses()", () => {
  it("tells tentative, failed, deprecated and temporary ones", () => {
    const info = { family: "inet6", prefixlen: 64, scope: "0" };
    const addresses = readAddresses({
      ifname: "eth0",
      addr_info: [
        { ...info, local: "2001:db8::1", tentative: true },
        { ...info, local: "2001:db8::2", tentative: true, dadfailed: true },
        { ...info, local: "2001:db8::3", deprecated: true, temporary: true },
        { ...info, family: "inet", local: "192.0.2.1", scope: "253" },
      ],
    });
    expect(
      addresses.map(({ family, scope, tentative, dadFailed, deprecated, temporary }) => [
        family,
        scope,
        tentative,
        dadFailed,
        deprecated,
        temporary,
      ]),
    ).toEqual([
      [6, "global", true, false, false, false],
      [6, "global", true, true, false, false],
      [6, "global", false, false, true, true],
      [4, "link", false, false, false, false],
    ]);
  });
});

describe("parseBatch()", () => {
  it("gives an array a command, also the empty ones", () => {
    expect(parseBatch('[{"a":1}]\n[]\n\n[2,3]\n')).toEqual([[{ a: 1 }], [], [2, 3]]);
  });
});
