// toolSpec(): what the tools translate by, from the configuration alone.

import { describe, expect, it } from "vitest";
import { type Found, type ToolSpec, toolSpec } from "../../../src/cli/tool-spec.js";
import { loadConfig } from "../../../src/config/load.js";
import { createTranslator } from "../../../src/xlat/translator.js";

function spec(settings: readonly string[], found?: Found): ToolSpec {
  const loaded = loadConfig({ arguments: settings, purpose: "tools" });
  if (!loaded.ok) throw new Error(loaded.mistakes.map(({ text }) => text).join("\n"));
  return toolSpec(loaded.config, loaded.places, found);
}

describe("toolSpec()", () => {
  it("is a CLAT's where its address is given", () => {
    const { spec: found, notes } = spec(["plat-prefix=64:ff9b::/96", "clat-v6-addr=2001:db8::464"]);
    expect(found).toMatchObject({
      pref64s: ["64:ff9b::/96"],
      eams: [{ v4: "192.0.0.1/32", v6: "2001:db8::464/128" }],
      mtuV6: 1500,
      mtuV4: 1480,
      translatorV6: "2001:db8::464",
    });
    expect(found).not.toHaveProperty("inside");
    expect(notes).toEqual([]);
  });

  it("has no pair beside the mapping that its IPv4 address is of, as the daemon", () => {
    const settings = ["eam=198.51.100.0/24,2001:db8:1::/120", "clat-v4-addr=198.51.100.10", "clat-v6-addr=2001:db8::9"];
    expect(spec(settings).spec).toMatchObject({
      eams: [{ v4: "198.51.100.0/24", v6: "2001:db8:1::/120" }],
      translatorV6: "2001:db8:1::a",
    });
  });

  it("may have no PREF64 and no mapping; says so", () => {
    const { spec: found, notes } = spec([]);
    expect(found).toMatchObject({ pref64s: [], eams: [] });
    expect(createTranslator(found).spec).toBe(found);
    expect(notes).toEqual([
      "no PREF64 is set (plat-prefix=): only mappings translate",
      "no mapping is set (eam=, or clat-v6-addr= with an address)",
      "no ICMPv6 errors are made here: there is no address for them (icmp6-source=)",
    ]);
  });

  it("takes the fallback where no PREF64 is set", () => {
    expect(spec(["plat-fallback-prefix=2001:db8:64::/96"]).spec.pref64s).toEqual(["2001:db8:64::/96"]);
    expect(spec(["plat-fallback-prefix=2001:db8:64::/96", "plat-prefix=64:ff9b::/96"]).spec.pref64s).toEqual([
      "64:ff9b::/96",
    ]);
  });

  it.each([
    ["what the translator's IPv4 address maps to", ["plat-prefix=2001:db8:64::/96"], "2001:db8:64::c000:2"],
    ["its own mapping", ["plat-prefix=2001:db8:64::/96", "eam=192.0.0.2,2001:db8::2"], "2001:db8::2"],
    ["the key", ["plat-prefix=2001:db8:64::/96", "icmp6-source=2001:db8::e"], "2001:db8::e"],
    ["none where the well-known prefix may not stand for it (RFC 6052 §3.1)", ["plat-prefix=64:ff9b::/96"], undefined],
    ["that, where it may", ["plat-prefix=64:ff9b::/96", "wkp-strict=no"], "64:ff9b::c000:2"],
  ])("has a source for ICMPv6 errors without a CLAT: %s", (_name, settings, expected) => {
    expect(spec(settings).spec.translatorV6).toBe(expected);
  });

  it("fills in what a daemon has found; the configuration comes first", () => {
    const found = { pref64: "2001:db8:64::/96", clatV6: "2001:db8::5" };
    expect(spec([], found).spec).toMatchObject({
      pref64s: ["2001:db8:64::/96"],
      eams: [{ v4: "192.0.0.1/32", v6: "2001:db8::5/128" }],
    });
    expect(spec(["plat-prefix=64:ff9b::/96", "clat-v6-addr=2001:db8::464"], found).spec).toMatchObject({
      pref64s: ["64:ff9b::/96"],
      eams: [{ v6: "2001:db8::464/128" }],
    });
  });

  it("filters by side only where that is asked for (RFC 7756 §6)", () => {
    const eams = ["eam=192.0.2.0/24,2001:db8::/120", "clat-v6-addr=2001:db8:1::1"];
    expect(spec([...eams, "source-filter=yes"]).spec.inside).toEqual(["192.0.0.1/32", "192.0.2.0/24"]);
    expect(spec([...eams, "source-filter=yes", "eam-local=192.0.2.8/29"]).spec.inside).toEqual([
      "192.0.0.1/32",
      "192.0.2.8/29",
    ]);
    expect(spec([...eams, "source-filter=no"]).spec.inside).toBeUndefined();
  });
});
