// Brief forms, and the JSON schema that covers them.

import { describe, expect, it } from "vitest";
import { readLink, readSize } from "../../../../lab/schema/brief.js";
import { topologyJsonSchema } from "../../../../lab/schema/json-schema.js";

describe("readLink()", () => {
  it.each([
    ["a:x -- b:y", { ends: ["a:x", "b:y"], prefixes: [] }],
    ["a:x  --  b:y --c:z -- d:w", { ends: ["a:x", "b:y --c:z", "d:w"], prefixes: [] }],
    [
      "a:x -- b:y,2001:db8::/64,mtu 1280, 192.0.2.0/24",
      { ends: ["a:x", "b:y"], prefixes: ["2001:db8::/64", "192.0.2.0/24"], mtu: 1280 },
    ],
  ])("%s", (text, value) => {
    expect(readLink(text)).toEqual({ ok: true, value });
  });

  it.each(["", "a:x", "a:x, 2001:db8::/64", "a:x -- b:y, mtu 1280, mtu 1281", "a:x -- b:y, mtu lots"])(
    "refuses %j",
    (text) => {
      expect(readLink(text).ok).toBe(false);
    },
  );
});

describe("readSize()", () => {
  it.each([
    [7, 7],
    ["7", 7],
    ["3 kB", 3000],
    ["100MB", 100_000_000],
    ["1 GB", 1_000_000_000],
  ])("%j: %i octets", (given, octets) => {
    expect(readSize(given)).toBe(octets);
  });
});

describe("topologyJsonSchema()", () => {
  it("describes nodes, links and checks for editors", () => {
    const schema = topologyJsonSchema() as { properties: Record<string, unknown>; required: string[] };
    expect(Object.keys(schema.properties)).toEqual(["name", "title", "nodes", "links", "checks"]);
    expect(schema.required).toEqual(["name", "title", "nodes", "links"]);
    expect(JSON.stringify(schema)).toContain("udp-echo");
  });
});
