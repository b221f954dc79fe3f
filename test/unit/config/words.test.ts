// The small parts of the configuration: the nearest name, the scripts' environment, the tables for people.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { configTexts, scriptEnvironment } from "../../../src/config/environment.js";
import { keyHelp, keyTableMarkdown, wrap } from "../../../src/config/key-docs.js";
import { type KeyName, keyNames, keySpec } from "../../../src/config/key-table.js";
import { defaultConfig, loadConfig } from "../../../src/config/load.js";
import { editDistance, nearest } from "../../../src/config/nearest.js";

describe("editDistance()", () => {
  it.each([
    ["", "", 0],
    ["abc", "abc", 0],
    ["abc", "", 3],
    ["abc", "acb", 1],
    ["kitten", "sitting", 3],
    ["ca", "abc", 3],
  ])("%s to %s is %d", (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });

  it("is quick for a text of any length", () => {
    expect(editDistance("x".repeat(1_000_000), "clat-dev")).toBe(1_000_000 - 8);
  });
});

describe("nearest()", () => {
  it.each([
    ["clat-v4-adr", "clat-v4-addr"],
    ["clat_v6_addr", "clat-v6-addr"],
    ["CTMARK", "ctmark"],
    ["platprefix", "plat-prefix"],
    ["v4-defaultroute-metrik", "v4-defaultroute-metric"],
    ["dbug", "debug"],
    ["qiuet", "quiet"],
    ["dns64-server", "dns64-servers"],
  ])("%s is near %s", (given, name) => {
    expect(nearest(given, keyNames)).toBe(name);
  });

  it.each(["", "banana", "x".repeat(500), "mtu"])("%s is near none", (given) => {
    expect(nearest(given, keyNames)).toBeUndefined();
  });

  it("finds every key with one letter missing", () => {
    fc.assert(
      fc.property(fc.constantFrom(...keyNames), fc.nat(), (name, at) => {
        const cut = at % name.length;
        expect(nearest(name.slice(0, cut) + name.slice(cut + 1), keyNames)).toBeDefined();
      }),
    );
  });
});

describe("scriptEnvironment()", () => {
  it("has every key, hyphens as underscores, and nothing as an empty text", () => {
    const environment = scriptEnvironment(defaultConfig());
    expect(Object.keys(environment)).toEqual(keyNames.map((name) => name.replaceAll("-", "_")));
    expect(environment).toMatchObject({ clat_dev: "clat", script_up: "", ctmark: "auto", route_table: "0xc1a7" });
  });

  it("has what clatd found out in the place of what was not set", () => {
    const environment = scriptEnvironment(defaultConfig(), { "plat-prefix": "64:ff9b::/96", "plat-dev": "eth0" });
    expect(environment).toMatchObject({ plat_prefix: "64:ff9b::/96", plat_dev: "eth0", clat_v6_addr: "shared" });
  });
});

describe("scriptEnvironment() of a great many mappings", () => {
  it("leaves the variable empty: the kernel takes none of more than 128 KiB", () => {
    const eam = Array.from({ length: 5000 }, (_, index) => ({
      v4: `10.0.${index >> 8}.${index & 255}`,
      v6: "2001:db8::",
    }));
    expect(scriptEnvironment({ ...defaultConfig(), eam })).toMatchObject({ eam: "", clat_dev: "clat" });
    expect(scriptEnvironment({ ...defaultConfig(), eam: eam.slice(0, 2) })).toMatchObject({
      eam: "10.0.0.0,2001:db8:: 10.0.0.1,2001:db8::",
    });
  });
});

describe("configTexts()", () => {
  it("gives texts that load to the same configuration", () => {
    const loaded = loadConfig({
      arguments: [
        "clat-v6-addr=2001:db8::1",
        "dns64-servers=2001:db8::53,192.0.2.1",
        "ctmark=0x10",
        "once=on",
        "eam=192.0.2.1,2001:db8::2",
        "eam=198.51.100.0/24,2001:db8:1::/120",
        "icmp-source=198.51.100.0/28",
        "ipv4-tos=0xb8",
      ],
    });
    if (!loaded.ok) throw new Error("not loaded");
    const args = Object.entries(configTexts(loaded.config)).map(([name, text]) => `${name}=${text}`);
    expect(loadConfig({ arguments: args })).toMatchObject({ ok: true, config: loaded.config });
  });
});

describe("keyTableMarkdown()", () => {
  const proofs = { seed: { file: "test/a.test.ts", title: "with [brackets] | and a bar" } };

  it("has a row of four cells for each key, and two lines of heading", () => {
    const rows = keyTableMarkdown(proofs).trimEnd().split("\n");
    expect(rows).toHaveLength(keyNames.length + 2);
    for (const row of rows) expect(row.replaceAll("\\|", "").split("|")).toHaveLength(6);
    const named = rows.slice(2).map((row) => /^\| `([^`]+)` \|/.exec(row)?.[1] as KeyName);
    expect(named.toSorted()).toEqual(keyNames.toSorted());
  });

  it("says what is only for the tools, what the Perl clatd does otherwise, and which test proves it", () => {
    const table = keyTableMarkdown(proofs);
    expect(table).toMatch(/^\| `seed` .*\*For `clatd translate` and `clatd explain` only: /m);
    expect(table).toMatch(/^\| `v4-conncheck-delay` .*\*Unlike the Perl clatd:\* /m);
    expect(table).toContain(" | [with \\[brackets\\] \\| and a bar](test/a.test.ts) |");
    expect(table).toMatch(/^\| `quiet` .* \| – \|$/m);
  });
});

describe("keyHelp()", () => {
  it.each([60, 80, 120])("fits %d columns, and names every key once", (width) => {
    const lines = keyHelp(width).split("\n");
    expect(lines.filter((line) => line.length > width)).toEqual([]);
    const named = lines.map((line) => /^ {2}(\S+) {2}/.exec(line)?.[1]).filter((name) => name !== undefined);
    expect(named.toSorted()).toEqual(keyNames.toSorted());
  });

  it("tells the default of each key that has one", () => {
    const words = keyHelp(80).replace(/\s+/g, " ");
    for (const name of keyNames) {
      const { defaultText, default: preset } = keySpec(name);
      const shown = defaultText ?? preset;
      if (shown !== "") expect(words).toContain(`[${shown}]`);
    }
  });
});

describe("wrap()", () => {
  it("loses no word and keeps to the width where words do", () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1 });
    fc.assert(
      fc.property(words, fc.integer({ min: 10, max: 40 }), (given, width) => {
        const lines = wrap(given.join(" "), width);
        expect(lines.join(" ")).toBe(given.join(" "));
        expect(lines.every((line) => line.length <= width)).toBe(true);
      }),
    );
  });
});
