// loadConfig(): everything that is wrong is said at once, in words that are part of the interface (golden messages).

import { describe, expect, it } from "vitest";
import { defaultConfig, loadConfig } from "../../../src/config/load.js";
import { formatMistake } from "../../../src/config/mistake.js";

/** The messages for a file's text and arguments; the file is called clatd.conf. */
function messages(text: string, ...args: string[]): string[] {
  const loaded = loadConfig({ file: { name: "clatd.conf", text }, arguments: args });
  return (loaded.ok ? loaded.warnings : loaded.mistakes).map(formatMistake);
}

describe("loadConfig() sources", () => {
  it("gives the defaults where nothing is set", () => {
    expect(loadConfig({})).toMatchObject({ ok: true, config: defaultConfig(), warnings: [] });
  });

  it("lets the command line win over the file, without a warning", () => {
    const file = { name: "clatd.conf", text: "clat-dev=fromfile\nv4-defaultroute-metric=1\n" };
    const loaded = loadConfig({ file, arguments: ["clat-dev=fromargs"] });
    expect(loaded).toMatchObject({
      ok: true,
      config: { "clat-dev": "fromargs", "v4-defaultroute-metric": 1 },
      warnings: [],
    });
  });

  it("says where each key was set", () => {
    const loaded = loadConfig({ file: { name: "f", text: "\ndebug=1\n" }, arguments: ["quiet=1"] });
    expect(loaded.ok && [...loaded.places]).toEqual([
      ["debug", { in: "file", file: "f", line: 2 }],
      ["quiet", { in: "arguments" }],
    ]);
  });
});

describe("loadConfig() mistakes", () => {
  it.each<[string, string, string[], string[]]>([
    [
      "a wrong value",
      "plat-prefix=64:ff9b::/95",
      [],
      [
        'clatd.conf:1: error: cannot set plat-prefix to "64:ff9b::/95": its length is 95; ' +
          "allowed: an IPv6 prefix of length 32, 40, 48, 56, 64, 96, such as 64:ff9b::/96; or nothing",
      ],
    ],
    [
      "a wrong value on the command line",
      "",
      ["v4-conncheck-enable=perhaps"],
      [
        'command line: error: cannot set v4-conncheck-enable to "perhaps": it is neither yes nor no; ' +
          "allowed: yes or no (also 1/0, true/false, on/off)",
      ],
    ],
    [
      "an unknown key in the file: a warning",
      "\nclat-v4-adr=192.0.0.1",
      [],
      ['clatd.conf:2: warning: there is no key "clat-v4-adr", the line is ignored; did you mean clat-v4-addr?'],
    ],
    [
      "an unknown key on the command line: an error",
      "",
      ["plat_prefix=64:ff9b::/96"],
      ['command line: error: there is no key "plat_prefix"; did you mean plat-prefix?'],
    ],
    [
      "an unknown key that is near none",
      "",
      ["bananas=3"],
      ['command line: error: there is no key "bananas"; `clatd --help` lists the keys'],
    ],
    [
      "a name that every object has",
      "",
      ["__proto__=1", "constructor=1"],
      [
        'command line: error: there is no key "__proto__"; `clatd --help` lists the keys',
        'command line: error: there is no key "constructor"; `clatd --help` lists the keys',
      ],
    ],
    [
      "a line that is no setting",
      "plat-prefix 64:ff9b::/96",
      [],
      ['clatd.conf:1: error: cannot read "plat-prefix 64:ff9b::/96": it is not of the form key=value'],
    ],
    [
      "a value in quotes",
      'clat-dev="clat4"',
      [],
      [
        'clatd.conf:1: error: cannot set clat-dev to ""clat4"": it is in quotes, which are not taken away; ' +
          "allowed: the name of a device: 1 to 15 characters, without spaces, quotes and any of / : % \\",
      ],
    ],
    [
      "a key twice in the file: the last one counts",
      "debug=1\n\ndebug=2",
      [],
      ["clatd.conf:3: warning: debug was set before (line 1); this one counts"],
    ],
    [
      "a key twice on the command line",
      "",
      ["debug=1", "debug=2"],
      ["command line: warning: debug was set before (command line); this one counts"],
    ],
    [
      "an engine that does not exist",
      "engine=xdp",
      [],
      [
        'clatd.conf:1: error: cannot set engine to "xdp": there is no such thing; ' +
          "allowed: auto, ebpf, userspace, tayga, nat46 or jool",
      ],
    ],
    [
      "a key that is for the tools",
      "seed=7",
      [],
      [
        "clatd.conf:1: warning: only `clatd translate` and `clatd explain` go by these: " +
          "seed (the daemon's are unpredictable)",
      ],
    ],
    ["what is switched off that does not exist yet: nothing", "cmd-ufw=\ncmd-networkctl=", [], []],
    [
      "all of them at once, in the order of the file",
      "plat-prefix=x\nnonsense\nclat-v4-addr=::1\n",
      ["dbug=1"],
      [
        'clatd.conf:1: error: cannot set plat-prefix to "x": it is not a prefix; allowed: an IPv6 prefix of length ' +
          "32, 40, 48, 56, 64, 96, such as 64:ff9b::/96; or nothing",
        'clatd.conf:2: error: cannot read "nonsense": it is not of the form key=value',
        'clatd.conf:3: error: cannot set clat-v4-addr to "::1": it is an IPv6 address; ' +
          "allowed: an IPv4 address such as 192.0.0.1",
        'command line: error: there is no key "dbug"; did you mean debug?',
      ],
    ],
    [
      "control characters: shown, never printed",
      "clat-dev=a\u001b[31mb\u0000",
      [],
      [expect.stringMatching(/^clatd\.conf:1: error: cannot set clat-dev to "a�\[31mb�": /) as unknown as string],
    ],
  ])("%s", (_name, text, args, expected) => {
    expect(messages(text, ...args)).toEqual(expected);
  });

  it("cuts a very long value", () => {
    const [message = ""] = messages(`clat-dev=${"x".repeat(5000)}`);
    expect(message).toContain("xxx…");
    expect(message.length).toBeLessThan(300);
  });
});

describe("loadConfig() keys that do not go together", () => {
  it.each<[string, string, string[]]>([
    [
      "one IPv4 address for two",
      "tayga-v4-addr=192.0.0.1",
      [
        "clatd.conf:1: error: cannot use 192.0.0.1 for both clat-v4-addr and tayga-v4-addr: " +
          "the CLAT and the translator need an IPv4 address each",
      ],
    ],
    [
      "the CLAT's address inside the PREF64",
      "plat-prefix=2001:db8:64::/96\nclat-v6-addr=2001:db8:64::1",
      [
        "clatd.conf:2: error: cannot use clat-v6-addr 2001:db8:64::1: it lies inside plat-prefix 2001:db8:64::/96, " +
          "whose addresses stand for IPv4 hosts beyond the PLAT; take an address that is routed to this host",
      ],
    ],
    [
      "inside the fallback",
      "plat-fallback-prefix=2001:db8::/32\nclat-v6-addr=2001:db8:64::1",
      [
        "clatd.conf:2: error: cannot use clat-v6-addr 2001:db8:64::1: it lies inside plat-fallback-prefix " +
          "2001:db8::/32, whose addresses stand for IPv4 hosts beyond the PLAT; take an address that is routed to this host",
      ],
    ],
    [
      "one device for two",
      "plat-dev=clat",
      [
        "clatd.conf:1: error: cannot use device clat as both clat-dev and plat-dev: clat-dev is a device that clatd " +
          "makes, plat-dev one that is there and leads to the PLAT",
      ],
    ],
    [
      "segments that do not fit the MTU, which the Perl clatd takes: a warning",
      "v4-defaultroute-mtu=1260\nv4-defaultroute-advmss=1221",
      [
        "clatd.conf:2: warning: v4-defaultroute-advmss 1221 is more than v4-defaultroute-mtu 1260 has room for: " +
          "answers of that size will not come through in one piece; 1220 fits",
      ],
    ],
    [
      "a shared address without a mark: a warning",
      "ctmark=0",
      [
        "clatd.conf:1: warning: ctmark=0 with clat-v6-addr=shared takes every packet from the PLAT to the CLAT: " +
          "this host's own IPv6 connections to the PLAT's prefix (DNS64) will get no answers",
      ],
    ],
    [
      "a lowest MTU beyond the link's: a warning",
      "ipv6-mtu=1400\nlowest-ipv6-mtu=1500",
      ["clatd.conf:2: warning: lowest-ipv6-mtu 1500 is more than ipv6-mtu 1400, which is what counts then"],
    ],
    [
      "errors that seem to come from the host itself: a warning",
      "icmp-source=192.0.0.0/29",
      [
        "clatd.conf:1: warning: icmp-source 192.0.0.0/29 has clat-v4-addr 192.0.0.1 in it: " +
          "a host drops ICMP errors that seem to come from itself",
      ],
    ],
    [
      "a mapping at odds with the CLAT's own pair",
      "clat-v6-addr=2001:db8::a\nctmark=0\neam=198.51.100.10,2001:db8::a\neam=192.0.0.1,2001:db8::b",
      [
        "clatd.conf:3: error: cannot use mapping 198.51.100.10/32,2001:db8::a/128 with clat-v4-addr 192.0.0.1 and " +
          "clat-v6-addr 2001:db8::a, which are a mapping too: each prefix may stand in one mapping only " +
          "(RFC 7757 §5); set clat-v4-addr=198.51.100.10, or take another address",
        "clatd.conf:4: error: cannot use mapping 192.0.0.1/32,2001:db8::b/128 with clat-v4-addr 192.0.0.1 and " +
          "clat-v6-addr 2001:db8::a, which are a mapping too: each prefix may stand in one mapping only " +
          "(RFC 7757 §5); set clat-v6-addr=2001:db8::b, or take another address",
      ],
    ],
    [
      "a mapping that says the same as the CLAT's own pair: fine",
      "clat-v4-addr=198.51.100.10\nclat-v6-addr=2001:db8::a\neam=198.51.100.10,2001:db8::a",
      [],
    ],
    ["an address of its own without a mark: fine", "ctmark=0\nclat-v6-addr=derived", []],
    ["an MSS that just fits", "v4-defaultroute-mtu=1260\nv4-defaultroute-advmss=1220", []],
    ["an MSS without an MTU", "v4-defaultroute-mtu=0\nv4-defaultroute-advmss=1400", []],
    ["the CLAT's address beside the PREF64", "plat-prefix=2001:db8:64::/96\nclat-v6-addr=2001:db8:64:1::1", []],
  ])("%s", (_name, text, expected) => {
    expect(messages(text)).toEqual(expected);
  });
});

describe("loadConfig() for the tools", () => {
  it("says nothing of keys that have no effect: most of a daemon's file means nothing to a tool", () => {
    const file = { name: "f", text: "cmd-ufw=ufw\nseed=7\n" };
    expect(loadConfig({ file, purpose: "tools" })).toMatchObject({ ok: true, config: { seed: 7 }, warnings: [] });
  });
});
