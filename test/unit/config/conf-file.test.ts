// parseConfFile(): the syntax of clatd.conf, and that no text whatever breaks it.

import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConfFile, splitSetting } from "../../../src/config/conf-file.js";
import { keyNames } from "../../../src/config/key-table.js";
import { loadConfig } from "../../../src/config/load.js";
import { formatMistake } from "../../../src/config/mistake.js";

const settingsOf = (text: string): [string, string, number][] =>
  parseConfFile("f", text).settings.map(({ key, text: value, place }) => [
    key,
    value,
    place.in === "file" ? place.line : 0,
  ]);

describe("parseConfFile()", () => {
  it("passes over blank lines and comments with #, ; and //", () => {
    expect(settingsOf("# a=1\n; b=2\n// c=3\n\n   \n\t# d=4\n e=5\n")).toEqual([["e", "5", 7]]);
  });

  it("takes any spacing, and keeps what is inside the value", () => {
    expect(settingsOf("  a  =  x y  # z \t\n\tb=\nc==d=")).toEqual([
      ["a", "x y  # z", 1],
      ["b", "", 2],
      ["c", "=d=", 3],
    ]);
  });

  it("takes the line ends of other systems, a byte order mark, and a last line without an end", () => {
    expect(settingsOf("\uFEFFa=1\r\nb=2\rc=3")).toEqual([
      ["a", "1", 1],
      ["b", "2", 2],
      ["c", "3", 3],
    ]);
  });

  it("names the lines that are no settings", () => {
    expect(parseConfFile("f", "a=1\nhuh\n=x").mistakes.map(formatMistake)).toEqual([
      'f:2: error: cannot read "huh": it is not of the form key=value',
      'f:3: error: cannot read "=x": it is not of the form key=value',
    ]);
  });

  it("never throws, and accounts for every line", () => {
    const piece = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("=", "#", ";", "//", "\n", "\r\n", " ", "\t", "\uFEFF", "\u0000", ...keyNames),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join("");
        const { settings, mistakes } = parseConfFile("f", text);
        const counted = text
          .replace(/^\uFEFF/, "")
          .split(/\r\n|\n|\r/)
          .filter((line) => line.trim() !== "" && !/^(#|;|\/\/)/.test(line.trim()));
        expect(settings.length + mistakes.length).toBe(counted.length);
      }),
    );
  });

  it("finds again what was written, whatever the spacing", () => {
    const value = fc.string({ unit: "grapheme-ascii" }).map((text) => text.trim());
    const space = fc.constantFrom("", " ", "\t", "   ");
    const line = fc.tuple(space, fc.constantFrom(...keyNames), space, space, value, space);
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const text = lines.map(([a, name, b, c, given, d]) => `${a}${name}${b}=${c}${given}${d}`).join("\n");
        expect(settingsOf(text)).toEqual(lines.map(([, name, , , given], index) => [name, given, index + 1]));
      }),
    );
  });
});

describe("splitSetting()", () => {
  it("splits at the first equals sign", () => {
    expect(splitSetting("a = b=c", { in: "arguments" })).toEqual({ key: "a", text: "b=c", place: { in: "arguments" } });
    expect(splitSetting("a", { in: "arguments" })).toBeUndefined();
  });
});

describe("loadConfig() on any text", () => {
  it.each(["eam-local", "dns64-servers", "plat-prefix"])(
    "shows a control character in %s as a sign, not to the terminal",
    (key) => {
      const loaded = loadConfig({ file: { name: "f", text: `${key}=\u0000\u001b[31m` } });
      const lines = (loaded.ok ? loaded.warnings : loaded.mistakes).map(formatMistake);
      expect(lines).toEqual([expect.stringContaining("��[31m")]);
    },
  );

  it("never throws, and gives a configuration or at least one error", () => {
    const line = fc.tuple(
      fc.oneof(fc.constantFrom(...keyNames), fc.string()),
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.ipV6(),
        fc.ipV4(),
        fc.nat().map(String),
        fc.tuple(fc.ipV6(), fc.nat(130)).map(([address, length]) => `${address}/${length}`),
        fc.constantFrom("auto", "yes", "shared", "", "0x", '"x"', "'", '"'),
      ),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), fc.array(fc.string(), { maxLength: 3 }), (lines, args) => {
        const text = lines.map(([key, value]) => `${key}=${value}`).join("\n");
        const loaded = loadConfig({ file: { name: "f", text }, arguments: args });
        if (loaded.ok) expect(loaded.warnings.every(({ severity }) => severity === "warning")).toBe(true);
        else expect(loaded.mistakes.some(({ severity }) => severity === "error")).toBe(true);
        for (const mistake of loaded.ok ? loaded.warnings : loaded.mistakes) {
          // One line each, whatever was in the file.
          expect([...formatMistake(mistake)].filter((character) => character < " ")).toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("the corpus of clatd.conf files", () => {
  const folder = new URL("corpus/", import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith(".conf"));

  it("is there", () => expect(names.length).toBeGreaterThanOrEqual(30));

  it.each(names)("%s is read as its .expected says", async (name) => {
    const loaded = loadConfig({ file: { name, text: readFileSync(new URL(name, folder), "utf8") } });
    const lines = (loaded.ok ? loaded.warnings : loaded.mistakes).map(formatMistake);
    if (loaded.ok) {
      lines.push("ok");
      for (const key of loaded.places.keys()) lines.push(`${key} = ${JSON.stringify(loaded.config[key]) ?? "nothing"}`);
    } else lines.push("refused");
    await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot(`corpus/${name.replace(".conf", ".expected")}`);
  });
});
