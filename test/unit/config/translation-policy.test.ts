// translationPolicy(): keys -> what the translator is told; its own defaults where nobody set anything.

import { describe, expect, it } from "vitest";
import { loadConfig } from "../../../src/config/load.js";
import { type PolicyFacts, type TranslationPolicy, translationPolicy } from "../../../src/config/translation-policy.js";
import { createTranslator } from "../../../src/xlat/translator.js";

const clat = { v4: "192.0.0.1", v6: "2001:db8::464" };

function policy(settings: readonly string[], facts: Partial<PolicyFacts> = {}): TranslationPolicy {
  const loaded = loadConfig({ arguments: settings });
  if (!loaded.ok) throw new Error(loaded.mistakes.map(({ text }) => text).join("\n"));
  return translationPolicy(loaded.config, { uplinkMtu: 1500, ...facts });
}

describe("translationPolicy()", () => {
  it("has the defaults of a CLAT", () => {
    expect(policy([], { clat })).toEqual({
      eams: [{ v4: "192.0.0.1/32", v6: "2001:db8::464/128" }],
      mtuV4: 1480,
      mtuV6: 1500,
      lowestIpv6Mtu: 1280,
      udpZeroChecksum: "compute",
      translatorV4: "192.0.0.2",
      translatorV6: "2001:db8::464",
      icmpSource: "192.0.0.8",
      wkpStrict: true,
      hairpinning: true,
    });
  });

  it.each<[string[], Partial<PolicyFacts>, Partial<TranslationPolicy>]>([
    [["ipv6-mtu=1400"], {}, { mtuV6: 1400, mtuV4: 1380 }],
    [["ipv4-mtu=1500"], { uplinkMtu: 9000 }, { mtuV6: 9000, mtuV4: 1500 }],
    [["lowest-ipv6-mtu=1400"], {}, { lowestIpv6Mtu: 1400 }],
    [["udp-zero-checksum=drop"], {}, { udpZeroChecksum: "drop" }],
    [["icmp-source=198.51.100.0/28"], {}, { icmpSource: "198.51.100.0/28" }],
    [["icmp6-source=2001:db8::e"], { clat }, { translatorV6: "2001:db8::e" }],
    [["tayga-v4-addr=192.0.0.6"], {}, { translatorV4: "192.0.0.6" }],
    [["icmp-rate-limit=0"], {}, { rateLimit: false }],
    [["icmp-rate-limit=100"], {}, { rateLimit: { perSecond: 100, burst: 25 } }],
    [["icmp-rate-limit=1"], {}, { rateLimit: { perSecond: 1, burst: 1 } }],
    [["icmp-extension=yes", "hairpinning=simple"], {}, { icmpExtension: true, hairpinning: "simple" }],
    [["wkp-strict=no", "hairpinning=off"], {}, { wkpStrict: false, hairpinning: false }],
    [["ipv6-traffic-class=0", "ipv4-tos=0xb8"], {}, { trafficClassV6: 0, tosV4: 0xb8 }],
    [["eam=192.0.2.1,2001:db8::1"], {}, { eams: [{ v4: "192.0.2.1/32", v6: "2001:db8::1/128" }] }],
  ])("has the values of the keys %j", (settings, facts, expected) => {
    const found = policy(settings, facts);
    expect(found).toMatchObject(expected);
    // It is a specification: the translator takes it.
    expect(createTranslator({ pref64s: ["64:ff9b::/96"], ...found }).spec).toMatchObject(expected);
  });

  it("has no source of ICMPv6 errors where nobody knows one", () => {
    expect(policy([])).not.toHaveProperty("translatorV6");
  });

  it("puts the CLAT's own pair in front, unless a mapping for its IPv4 address is given", () => {
    expect(policy(["eam=192.0.2.1,2001:db8::1"], { clat }).eams).toEqual([
      { v4: "192.0.0.1/32", v6: "2001:db8::464/128" },
      { v4: "192.0.2.1/32", v6: "2001:db8::1/128" },
    ]);
    expect(policy(["eam=192.0.0.1,2001:db8::1"], { clat }).eams).toEqual([
      { v4: "192.0.0.1/32", v6: "2001:db8::1/128" },
    ]);
  });
});
