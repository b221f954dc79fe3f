// Every key: what it takes, what it refuses and in which words. The seed's 29 keys are all there, with their defaults.

import { describe, expect, it } from "vitest";
import { defaultText } from "../../../src/config/key-docs.js";
import { type KeyName, keyNames, keySpec } from "../../../src/config/key-table.js";
import { defaultConfig } from "../../../src/config/load.js";

/** The seed's keys and the defaults as its documentation has them. */
const seed: Readonly<Record<string, string>> = {
  quiet: "0",
  debug: "0",
  "script-up": "–",
  "script-down": "–",
  "clat-dev": "clat",
  "clat-v4-addr": "192.0.0.1",
  "clat-v6-addr": "shared",
  ctmark: "0xc1a7 if clat-v6-addr=shared, else 0",
  "dns64-servers": "system resolver",
  "cmd-ip": "ip",
  "cmd-networkctl": "networkctl",
  "cmd-nft": "nft",
  "cmd-tayga": "tayga",
  "cmd-ufw": "ufw",
  "forwarding-enable": "yes",
  "plat-dev": "detected",
  "plat-prefix": "detected",
  "plat-fallback-prefix": "–",
  "proxynd-enable": "no if clat-v6-addr=shared, else yes",
  "route-table": "0xc1a7",
  "tayga-conffile": "a temporary file",
  "tayga-v4-addr": "192.0.0.2",
  "v4-conncheck-enable": "yes",
  // Differs from the seed's 10, as its documentation says: this daemon keeps watching.
  "v4-conncheck-delay": "0",
  "v4-defaultroute-enable": "yes",
  "v4-defaultroute-replace": "no",
  "v4-defaultroute-metric": "2048",
  // Differs from the seed's 1260 with our own engines.
  "v4-defaultroute-mtu": "auto (1260 with TAYGA)",
  "v4-defaultroute-advmss": "the MTU less 40; none where the MTU is 0",
};

const booleans = {
  good: [
    ["yes", true],
    ["NO", false],
    ["On", true],
    ["off", false],
    ["TRUE", true],
    ["false", false],
    ["1", true],
    ["0", false],
  ],
  bad: [
    ["maybe", "it is neither yes nor no"],
    ["2", "it is neither yes nor no"],
    ["", "it is neither yes nor no"],
  ],
} as const;

const counts = {
  good: [
    ["0", 0],
    ["2", 2],
    ["0x2", 2],
  ],
  bad: [
    ["-1", "it is not a whole number"],
    ["1.5", "it is not a whole number"],
    ["1e3", "it is not a whole number"],
    ["0x", "it is not a whole number"],
    ["", "it is not a whole number"],
    ["100", "it is out of range"],
  ],
} as const;

const lines = {
  good: [
    ["", undefined],
    ["ip route add 192.0.2.0/24 dev $clat_dev || true", "ip route add 192.0.2.0/24 dev $clat_dev || true"],
    ["echo a=b # not a comment", "echo a=b # not a comment"],
  ],
  bad: [["true\u0000", "it has a control character in it"]],
} as const;

const paths = {
  good: [
    ["ip", "ip"],
    ["/opt/my tools/ip", "/opt/my tools/ip"],
  ],
  bad: [
    ["", "it is empty"],
    ["/bin/\u0000ip", "it has a control character in it"],
  ],
} as const;

const paths0 = {
  good: [
    ["", undefined],
    ["/etc/tayga.conf", "/etc/tayga.conf"],
  ],
  bad: [],
} as const;

const devices = {
  good: [
    ["eth0", "eth0"],
    ["wlp3s0.100", "wlp3s0.100"],
    ["a".repeat(15), "a".repeat(15)],
  ],
  bad: [
    ["a".repeat(16), "it is longer than 15 characters"],
    ["é".repeat(8), "it is longer than 15 characters"],
    ["a/b", "it has a character that a device's name cannot have"],
    ["a b", "it has a character that a device's name cannot have"],
    ["clat%d", "it has a character that a device's name cannot have"],
    ["eth0:1", "it has a character that a device's name cannot have"],
    ['"eth0"', "it has a character that a device's name cannot have"],
    ["eth\u00070", "it has a character that a device's name cannot have"],
    ["all", "the system keeps that name for itself"],
    ["..", "the system keeps that name for itself"],
  ],
} as const;

const ipv4 = {
  good: [
    ["192.0.0.1", "192.0.0.1"],
    ["198.51.100.7", "198.51.100.7"],
    ["10.0.0.1", "10.0.0.1"],
  ],
  bad: [
    ["", "it is not an IPv4 address"],
    ["192.0.0", "it is not an IPv4 address"],
    ["192.0.0.01", "it is not an IPv4 address"],
    ["192.0.0.256", "it is not an IPv4 address"],
    ["2001:db8::1", "it is an IPv6 address"],
    ["192.0.0.1/29", "it has a prefix length, which does not belong here"],
    ["0.0.0.0", "0.0.0.0/8 means this network (RFC 1122)"],
    ["127.0.0.1", "it is a loopback address"],
    ["224.0.0.1", "it is a multicast address"],
    ["255.255.255.255", "it is reserved (240.0.0.0/4)"],
  ],
} as const;

const pref64s = {
  good: [
    ["", undefined],
    ["64:FF9B::/96", "64:ff9b::/96"],
    ["2001:db8::/32", "2001:db8::/32"],
    ["2001:db8:100::/40", "2001:db8:100::/40"],
    ["2001:db8:122::/48", "2001:db8:122::/48"],
    ["2001:db8:122:300::/56", "2001:db8:122:300::/56"],
    ["2001:db8:122:344::/64", "2001:db8:122:344::/64"],
    ["2001:0db8:0122:0344:0000:0000:0.0.0.0/96", "2001:db8:122:344::/96"],
  ],
  bad: [
    ["64:ff9b::", "it has no length"],
    ["64:ff9b::/95", "its length is 95"],
    ["64:ff9b::1/96", "bits behind its length are set"],
    ["2001:db8:0:0:100::/96", "bits 64 to 71 must be zero (RFC 6052 §2.2)"],
    ["192.0.2.0/24", "it is an IPv4 prefix"],
    ["64:ff9b::/129", "it is not a prefix"],
    ["nat64", "it is not a prefix"],
  ],
} as const;

const octet = {
  good: [
    ["copy", "copy"],
    ["0", 0],
    ["0xb8", 0xb8],
    ["255", 255],
  ],
  bad: [
    ["256", "it is out of range"],
    ["ef", "it is not a whole number"],
    ["", "it is not a whole number"],
  ],
} as const;

interface Table {
  /** Text and the value that it means. */
  readonly good: readonly (readonly [string, unknown])[];
  /** Text and why it is refused. */
  readonly bad: readonly (readonly [string, string])[];
}

const tables: Readonly<Record<KeyName, Table>> = {
  quiet: counts,
  debug: counts,
  "metrics-listen": {
    good: [
      ["[::1]:9464", { address: "::1", port: 9464 }],
      ["127.0.0.1:80", { address: "127.0.0.1", port: 80 }],
      ["[2001:DB8::0]:65535", { address: "2001:db8::", port: 65_535 }],
      ["", undefined],
    ],
    bad: [
      ["::1", "it has no port"],
      ["[::1]", "it has no port"],
      ["127.0.0.1", "it has no port"],
      ["9464", "it is not an address and a port"],
      ["localhost:9464", "it is not an address and a port; an IPv6 address stands in square brackets"],
      ["[127.0.0.1]:9464", "it is not an address and a port; an IPv6 address stands in square brackets"],
      ["[::1]:0", "its port is not one from 1 to 65535"],
      ["[::1]:65536", "its port is not one from 1 to 65535"],
    ],
  },
  once: booleans,
  engine: {
    good: [
      ["auto", "auto"],
      ["ebpf", "ebpf"],
      ["Userspace", "userspace"],
      ["TAYGA", "tayga"],
      ["nat46", "nat46"],
      ["jool", "jool"],
    ],
    bad: [
      ["quick", "there is no such thing"],
      ["", "there is no such thing"],
    ],
  },
  "script-up": lines,
  "script-down": lines,
  "clat-dev": { good: devices.good, bad: [...devices.bad, ["", "it is empty"]] },
  "clat-v4-addr": ipv4,
  "tayga-v4-addr": ipv4,
  "clat-v6-addr": {
    good: [
      ["shared", { how: "shared" }],
      ["Derived", { how: "derived" }],
      ["2001:DB8:0:0::C1A7", { how: "given", address: "2001:db8::c1a7" }],
      ["fd00::1", { how: "given", address: "fd00::1" }],
    ],
    bad: [
      ["", "it is not an IPv6 address"],
      ["auto", "it is not an IPv6 address"],
      ["192.0.2.1", "it is an IPv4 address"],
      ["2001:db8::1/64", "it has a prefix length, which does not belong here"],
      ["::", "it is the unspecified address"],
      ["::1", "it is the loopback address"],
      ["ff02::1", "it is a multicast address"],
      ["fe80::1", "it is a link-local address"],
      ["febf::1", "it is a link-local address"],
    ],
  },
  ctmark: {
    good: [
      ["auto", "auto"],
      ["", "auto"],
      ["0", 0],
      ["0xC1A7", 0xc1a7],
      ["4294967295", 0xffffffff],
    ],
    bad: [
      ["4294967296", "it is out of range"],
      ["c1a7", "it is not a whole number"],
    ],
  },
  "plat-prefix": pref64s,
  "plat-fallback-prefix": pref64s,
  "plat-dev": { good: [...devices.good, ["", undefined]], bad: devices.bad },
  "dns64-servers": {
    good: [
      ["", undefined],
      ["2001:DB8::53", ["2001:db8::53"]],
      ["2001:db8::53, 192.0.2.53", ["2001:db8::53", "192.0.2.53"]],
      ["2001:db8::1 2001:db8::2", ["2001:db8::1", "2001:db8::2"]],
      ["fe80::1%eth0", ["fe80::1%eth0"]],
    ],
    bad: [
      ["dns.example", '"dns.example" is not an address'],
      ["2001:db8::53,nope", '"nope" is not an address'],
      ["192.0.2.53%eth0", 'the zone of "192.0.2.53%eth0" has no meaning'],
      ["fe80::1%", 'the zone of "fe80::1%" has no meaning'],
      [",", "it names no server"],
    ],
  },
  "v4-conncheck-enable": booleans,
  "v4-conncheck-delay": {
    good: [
      ["0", 0],
      ["10", 10],
      ["86400", 86400],
    ],
    bad: [
      ["10s", "it is not a whole number"],
      ["86401", "it is out of range"],
    ],
  },
  "v4-defaultroute-enable": booleans,
  "v4-defaultroute-replace": booleans,
  "v4-defaultroute-metric": {
    good: [
      ["0", 0],
      ["2048", 2048],
      ["4294967295", 4294967295],
    ],
    bad: [["4294967296", "it is out of range"]],
  },
  "v4-defaultroute-mtu": {
    good: [
      ["auto", "auto"],
      ["AUTO", "auto"],
      ["1260", 1260],
      ["0", 0],
      ["", 0],
      ["68", 68],
      ["65535", 65535],
    ],
    bad: [
      ["67", "it is out of range"],
      ["65536", "it is out of range"],
      ["jumbo", "it is not a whole number"],
    ],
  },
  "v4-defaultroute-advmss": {
    good: [
      ["auto", "auto"],
      ["", "auto"],
      ["0", 0],
      ["1220", 1220],
    ],
    bad: [
      ["27", "it is out of range"],
      ["65496", "it is out of range"],
    ],
  },
  eam: {
    good: [
      ["", []],
      ["192.0.2.1,2001:DB8::1", [{ v4: "192.0.2.1/32", v6: "2001:db8::1/128" }]],
      ["192.0.2.0/24 , 2001:db8::/120", [{ v4: "192.0.2.0/24", v6: "2001:db8::/120" }]],
      ["0.0.0.0/0,2001:db8:ff00::/40", [{ v4: "0.0.0.0/0", v6: "2001:db8:ff00::/40" }]],
      [
        "192.0.2.1,2001:db8::1 192.0.2.2,2001:db8::2",
        [
          { v4: "192.0.2.1/32", v6: "2001:db8::1/128" },
          { v4: "192.0.2.2/32", v6: "2001:db8::2/128" },
        ],
      ],
    ],
    bad: [
      ["192.0.2.1", "there is no comma between an IPv4 and an IPv6 prefix"],
      ["2001:db8::1,192.0.2.1", '"2001:db8::1" is an IPv6 prefix; the IPv4 one comes first'],
      ["192.0.2.1,192.0.2.2", '"192.0.2.2" is an IPv4 prefix; the IPv4 one comes first'],
      ["192.0.2.1,2001:db8::1,2001:db8::2", '"2001:db8::1,2001:db8::2" is not an IPv6 prefix'],
      ["192.0.2.1/24,2001:db8::/120", 'bits behind the length of "192.0.2.1/24" are set'],
      ["192.0.2.0/24,2001:db8::1/120", 'bits behind the length of "2001:db8::1/120" are set'],
      [
        "192.0.2.0/24,2001:db8::/121",
        "the IPv4 prefix leaves 8 bits and the IPv6 prefix 7, which must be as many or more (RFC 7757 §3.2)",
      ],
      ["192.0.2.1,", '"" is not an IPv6 prefix'],
      [",", '"" is not an IPv4 prefix'],
    ],
  },
  "eam-file": paths0,
  "ipv4-mtu": {
    good: [
      ["auto", "auto"],
      ["", "auto"],
      ["68", 68],
      ["65535", 65535],
    ],
    bad: [
      ["67", "it is out of range"],
      ["65536", "it is out of range"],
    ],
  },
  "ipv6-mtu": {
    good: [
      ["auto", "auto"],
      ["1280", 1280],
      ["65575", 65575],
    ],
    bad: [
      ["1279", "it is out of range"],
      ["65576", "it is out of range"],
    ],
  },
  "lowest-ipv6-mtu": {
    good: [
      ["1280", 1280],
      ["9000", 9000],
    ],
    bad: [
      ["1279", "it is out of range"],
      ["auto", "it is not a whole number"],
    ],
  },
  "udp-zero-checksum": {
    good: [
      ["compute", "compute"],
      ["DROP", "drop"],
    ],
    bad: [["forward", "there is no such thing"]],
  },
  "icmp-source": {
    good: [
      ["192.0.0.8", "192.0.0.8"],
      ["192.0.0.8/32", "192.0.0.8"],
      ["198.51.100.16/28", "198.51.100.16/28"],
    ],
    bad: [
      ["", "it is not an IPv4 address"],
      ["2001:db8::1", "it is an IPv6 address"],
      ["198.51.100.1/28", "bits behind its length are set"],
      ["198.51.100.0/33", "its length is no number from 0 to 32"],
      ["64.0.0.0/7", "it is larger than /8"],
      ["127.0.0.0/8", "it is a loopback address"],
    ],
  },
  "icmp6-source": {
    good: [
      ["auto", "auto"],
      ["2001:DB8::1", "2001:db8::1"],
    ],
    bad: [
      ["192.0.2.1", "it is an IPv4 address"],
      ["fe80::1", "it is a link-local address"],
    ],
  },
  "wkp-strict": booleans,
  hairpinning: { good: [...booleans.good, ["Simple", "simple"]], bad: booleans.bad },
  "icmp-rate-limit": {
    good: [
      ["auto", "auto"],
      ["", "auto"],
      ["0", 0],
      ["100", 100],
    ],
    bad: [
      ["1000001", "it is out of range"],
      ["10/s", "it is not a whole number"],
    ],
  },
  "icmp-extension": booleans,
  "ipv6-traffic-class": octet,
  "ipv4-tos": octet,
  seed: {
    good: [
      ["0", 0],
      ["0xffffffff", 0xffffffff],
    ],
    bad: [["4294967296", "it is out of range"]],
  },
  relay: {
    good: [
      ["auto", "auto"],
      ["node", "node"],
      ["Network", "network"],
    ],
    bad: [
      ["host", "there is no such thing"],
      ["", "there is no such thing"],
    ],
  },
  "eam-local": {
    good: [
      ["", []],
      ["192.0.2.77", ["192.0.2.77/32"]],
      ["192.0.2.24/29, 192.0.2.77/32", ["192.0.2.24/29", "192.0.2.77/32"]],
    ],
    bad: [
      ["192.0.2.25/29", 'bits behind the length of "192.0.2.25/29" are set'],
      ["2001:db8::/32", '"2001:db8::/32" is an IPv6 prefix'],
      ["here", '"here" is not a prefix'],
    ],
  },
  "source-filter": booleans,
  "forwarding-enable": booleans,
  "proxynd-enable": {
    good: [...booleans.good, ["auto", "auto"], ["", "auto"]],
    bad: [["maybe", "it is neither yes nor no"]],
  },
  plumbing: {
    good: [
      ["auto", "auto"],
      ["Classic", "classic"],
    ],
    bad: [["bpf", "there is no such thing"]],
  },
  "route-table": {
    good: [
      ["0xc1a7", 0xc1a7],
      ["1", 1],
      ["252", 252],
      ["256", 256],
    ],
    bad: [
      ["0", "it is out of range"],
      ["254", "it is out of range"],
      ["main", "it is not a whole number"],
    ],
  },
  "tayga-conffile": paths0,
  "cmd-ip": paths,
  "cmd-nft": paths0,
  "cmd-tayga": paths0,
  "cmd-networkctl": paths0,
  "cmd-ufw": paths0,
};

describe("keyTable", () => {
  it("has all 29 keys of the seed, with its defaults", () => {
    expect(Object.keys(seed)).toHaveLength(29);
    for (const [name, preset] of Object.entries(seed)) {
      expect(keyNames).toContain(name);
      expect(defaultText(name as KeyName), name).toBe(preset);
    }
  });

  it("has a default for each key that its own type takes", () => {
    const config = defaultConfig();
    expect(Object.keys(config)).toEqual(keyNames);
    expect(config["clat-v6-addr"]).toEqual({ how: "shared" });
    expect(config.ctmark).toBe("auto");
    expect(config["v4-defaultroute-mtu"]).toBe("auto");
  });

  it.each(keyNames)("%s has words for --help and the manual page", (name) => {
    const spec = keySpec(name);
    expect(spec.help.length).toBeLessThanOrEqual(60);
    expect(spec.help).not.toMatch(/\.$/);
    expect(spec.description).toMatch(/[.`]$/);
    expect(spec.type.allowed).not.toMatch(/\.$/);
  });

  it("tells differences from the Perl clatd only of the keys that it has", () => {
    const told = keyNames.filter((name) => keySpec(name).perl !== undefined);
    expect(told.filter((name) => !Object.hasOwn(seed, name))).toEqual([]);
    // Where a default is another one, the reason is there.
    expect(told).toEqual(expect.arrayContaining(["v4-conncheck-delay", "v4-defaultroute-mtu"]));
  });

  it("marks exactly the keys that the daemon does not go by", () => {
    expect(keyNames.filter((name) => keySpec(name).toolsOnly !== undefined)).toEqual(["seed"]);
  });
});

describe.each(keyNames)("%s", (name) => {
  const { type } = keySpec(name);
  const table = tables[name];

  it.each(table.good.map(([text, value]) => ({ text, value })))("takes $text", ({ text, value }) => {
    const parsed = type.parse(text);
    expect(parsed).toEqual({ ok: true, value });
    // What it writes, it reads as the same value.
    if (parsed.ok) expect(type.parse(type.format(parsed.value as never))).toEqual(parsed);
  });

  if (table.bad.length > 0) {
    it.each(table.bad.map(([text, problem]) => ({ text, problem })))("refuses $text: $problem", ({ text, problem }) => {
      expect(type.parse(text)).toEqual({ ok: false, problem });
    });
  }
});
