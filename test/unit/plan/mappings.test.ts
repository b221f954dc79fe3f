import { describe, expect, it } from "vitest";
import { parseIpv4 } from "../../../src/net/address.js";
import { parseEam } from "../../../src/net/eam.js";
import { formatPrefix } from "../../../src/net/prefix.js";
import { addressesOf, localMappings, mappingFor, pairOf } from "../../../src/plan/mappings.js";
import { configOf } from "./facts-of.js";

const local = (...settings: string[]): string[] =>
  localMappings(configOf(...settings)).map(({ v4, v6 }) => `${formatPrefix(v4)},${formatPrefix(v6)}`);

/** RFC 7757 figure 1. */
const odd = parseEam({ v4: "192.0.2.128/26", v6: "2001:db8:dddd::/64" });

describe("localMappings()", () => {
  const table = ["eam=192.0.2.0/24,2001:db8:46::/120", "eam=198.51.100.7,2001:db8::7"];

  it("localMappings() are all where eam-local is not set", () => {
    expect(local(...table)).toEqual(["192.0.2.0/24,2001:db8:46::/120", "198.51.100.7/32,2001:db8::7/128"]);
  });

  it.each([
    ["198.51.100.0/24", ["198.51.100.7/32,2001:db8::7/128"]],
    ["192.0.2.24/29", ["192.0.2.24/29,2001:db8:46::18/125"]],
    ["192.0.2.77 198.51.100.7", ["192.0.2.77/32,2001:db8:46::4d/128", "198.51.100.7/32,2001:db8::7/128"]],
    ["0.0.0.0/0", ["192.0.2.0/24,2001:db8:46::/120", "198.51.100.7/32,2001:db8::7/128"]],
    ["203.0.113.0/24", []],
  ])("localMappings() with eam-local=%s are cut down to it", (prefixes, expected) => {
    expect(local(...table, `eam-local=${prefixes}`)).toEqual(expected);
  });

  it("localMappings() cuts a mapping whose IPv6 suffix is longer (RFC 7757 §3.3.1)", () => {
    const settings = ["eam=192.0.2.128/26,2001:db8:dddd::/64", "eam-local=192.0.2.160/28"];
    expect(local(...settings)).toEqual(["192.0.2.160/28,2001:db8:dddd:0:8000::/66"]);
  });

  it("localMappings() are worked out once for a configuration", () => {
    const config = configOf(...table);
    expect(localMappings(config)).toBe(localMappings(config));
  });
});

describe("pairOf()", () => {
  it("pairOf() is the first address, or the one asked for (RFC 7757 §3.3.1 step 5)", () => {
    expect(pairOf(odd)).toEqual({ v4: "192.0.2.128", v6: "2001:db8:dddd::" });
    expect(pairOf(odd, parseIpv4("192.0.2.129"))).toEqual({ v4: "192.0.2.129", v6: "2001:db8:dddd:0:400::" });
  });
});

describe("addressesOf()", () => {
  it("addressesOf() are those that IPv4 addresses map to, and no more than asked for", () => {
    expect([...addressesOf(parseEam({ v4: "192.0.2.254/31", v6: "2001:db8::/127" }), 10)]).toEqual([
      "2001:db8::",
      "2001:db8::1",
    ]);
    expect([...addressesOf(odd, 3)]).toHaveLength(3);
  });
});

describe("mappingFor()", () => {
  it("mappingFor() takes the longest match (RFC 7757 §3.3.1 step 1)", () => {
    const wide = parseEam({ v4: "192.0.2.0/24", v6: "2001:db8:1::/120" });
    const exact = parseEam({ v4: "192.0.2.7", v6: "2001:db8::7" });
    const at = (text: string) => mappingFor([wide, exact], parseIpv4(text) ?? new Uint8Array(4));
    expect(at("192.0.2.7")).toBe(exact);
    expect(at("192.0.2.8")).toBe(wide);
    expect(at("192.0.3.8")).toBeUndefined();
  });
});
