// Explicit address mappings in a configuration: `eam`, eam-file, and what is wrong between them (RFC 7757 §5).

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eamFileOf, type Loaded, loadConfig } from "../../../src/config/load.js";
import { formatMapping, parseMapping } from "../../../src/config/mapping.js";
import { MappingList } from "../../../src/config/mapping-list.js";
import { formatMistake } from "../../../src/config/mistake.js";
import { maskPrefix, prefixContains } from "../../../src/net/prefix.js";

/** clatd.conf, the eam-file, arguments. */
function load(conf: string, eams?: string, ...args: string[]): Loaded {
  const file = { name: "clatd.conf", text: conf };
  return loadConfig({
    file,
    arguments: args,
    ...(eams === undefined ? {} : { eamFile: { name: "eams.txt", text: eams } }),
  });
}

function messages(loaded: Loaded): string[] {
  return (loaded.ok ? loaded.warnings : loaded.mistakes).map(formatMistake);
}

function mappings(loaded: Loaded): string[] {
  if (!loaded.ok) throw new Error(messages(loaded).join("\n"));
  return loaded.config.eam.map(formatMapping);
}

describe("eam", () => {
  it("adds up in the file and on the command line", () => {
    const loaded = load(
      "eam=192.0.2.1,2001:db8::1\neam = 192.0.2.2,2001:db8::2",
      undefined,
      "eam=192.0.2.3,2001:db8::3",
    );
    expect(mappings(loaded)).toEqual([
      "192.0.2.1/32,2001:db8::1/128",
      "192.0.2.2/32,2001:db8::2/128",
      "192.0.2.3/32,2001:db8::3/128",
    ]);
    expect(messages(loaded)).toEqual([]);
    expect(loaded.ok && loaded.config.eam.map(({ place }) => place)).toEqual([
      { in: "file", file: "clatd.conf", line: 1 },
      { in: "file", file: "clatd.conf", line: 2 },
      { in: "arguments" },
    ]);
  });

  it("is taken back by an empty value", () => {
    expect(mappings(load("eam=192.0.2.1,2001:db8::1", undefined, "eam=", "eam=192.0.2.9,2001:db8::9"))).toEqual([
      "192.0.2.9/32,2001:db8::9/128",
    ]);
  });
});

describe("eam-file", () => {
  it("is found in the sources before anything is judged, the last one", () => {
    const sources = { file: { name: "f", text: "eam-file=a.txt\nnonsense" }, arguments: ["plat-prefix=x"] };
    expect(eamFileOf(sources)).toEqual({ path: "a.txt", place: { in: "file", file: "f", line: 1 } });
    expect(eamFileOf({ ...sources, arguments: ["eam-file=b"] })).toEqual({ path: "b", place: { in: "arguments" } });
    expect(eamFileOf({ ...sources, arguments: ["eam-file="] })).toBeUndefined();
    expect(eamFileOf({})).toBeUndefined();
  });

  it("has a mapping a line, comments, and the line ends of other systems; its texts stay as they were written", () => {
    const text =
      "\uFEFF# services\r\n192.0.2.1,2001:DB8::1 # web\r\n\r\n  192.0.2.16/28 , 2001:db8:cccc::/124  \r\n#\n";
    const loaded = load("eam=192.0.2.2,2001:db8::2\neam-file=eams.txt", text);
    expect(mappings(loaded)).toEqual([
      "192.0.2.2/32,2001:db8::2/128",
      "192.0.2.1,2001:DB8::1",
      "192.0.2.16/28,2001:db8:cccc::/124",
    ]);
    expect(loaded.ok && loaded.config.eam[2]?.place).toEqual({ in: "file", file: "eams.txt", line: 4 });
  });

  it("tells all wrong lines at once, between those of the file and those of the command line", () => {
    expect(messages(load("debug=x\neam-file=eams.txt", "192.0.2.1 2001:db8::1\n\n192.0.2.1,nope", "quiet=y"))).toEqual([
      expect.stringMatching(/^clatd\.conf:1: error: cannot set debug /),
      'eams.txt:1: error: cannot read mapping "192.0.2.1 2001:db8::1": there is no comma between an IPv4 and an IPv6 ' +
        "prefix; allowed: V4/len,V6/len such as 192.0.2.1,2001:db8::c000:201 or 192.0.2.0/24,2001:db8::/120",
      expect.stringMatching(
        /^eams\.txt:3: error: cannot read mapping "192\.0\.2\.1,nope": "nope" is not an IPv6 prefix; /,
      ),
      expect.stringMatching(/^command line: error: cannot set quiet /),
    ]);
  });

  it("lists no more wrong lines than a person reads", () => {
    const found = messages(load("", "nonsense\n".repeat(50)));
    expect(found).toHaveLength(21);
    expect(found.at(-1)).toBe("eams.txt:20: error: and 30 more lines that are no mappings");
  });

  it("that cannot be read is a mistake where it was named", () => {
    const file = { name: "clatd.conf", text: "\neam-file=eams.txt" };
    const loaded = loadConfig({ file, eamFile: { name: "/etc/eams.txt", problem: "there is no such file" } });
    expect(messages(loaded)).toEqual([
      'clatd.conf:2: error: cannot read eam-file "/etc/eams.txt": there is no such file',
    ]);
  });
});

describe("mappings that are at odds (RFC 7757 §5)", () => {
  it.each([
    [
      "the same mapping twice",
      "192.0.2.1,2001:db8::1\n192.0.2.1/32,2001:db8:0::1/128",
      "eams.txt:2: error: cannot use mapping 192.0.2.1/32,2001:db8:0::1/128: it is the same as " +
        "192.0.2.1,2001:db8::1 (line 1); each prefix may stand in one mapping only (RFC 7757 §5)",
    ],
    [
      "one IPv4 prefix twice",
      "192.0.2.1,2001:db8::1\n192.0.2.1,2001:db8::2",
      "eams.txt:2: error: cannot use mapping 192.0.2.1,2001:db8::2: its IPv4 prefix is that of " +
        "192.0.2.1,2001:db8::1 (line 1); each prefix may stand in one mapping only (RFC 7757 §5)",
    ],
    [
      "one IPv6 prefix twice (figure 3)",
      "198.51.100.8,2001:db8::1\n\n198.51.100.9,2001:db8::1",
      "eams.txt:3: error: cannot use mapping 198.51.100.9,2001:db8::1: its IPv6 prefix is that of " +
        "198.51.100.8,2001:db8::1 (line 1); each prefix may stand in one mapping only (RFC 7757 §5)",
    ],
    [
      "overlapping IPv4 prefixes (figure 2): a warning",
      "0.0.0.0/0,2001:db8:ff00::/40\n198.51.100.64/32,2001:db8::abcd/128",
      "eams.txt:2: warning: mapping 198.51.100.64/32,2001:db8::abcd/128 overlaps 0.0.0.0/0,2001:db8:ff00::/40 " +
        "(line 1) on the IPv4 side: the longest match counts each way, so an address may come back as another one " +
        "(RFC 7757 §5)",
    ],
    [
      "the wider one last: the later line is named",
      "198.51.100.64,2001:db8:ff00::1\n198.51.100.0/24,2001:db8:ff00::/40",
      "eams.txt:2: warning: mapping 198.51.100.0/24,2001:db8:ff00::/40 overlaps 198.51.100.64,2001:db8:ff00::1 " +
        "(line 1) on both sides: the longest match counts each way, so an address may come back as another one " +
        "(RFC 7757 §5)",
    ],
  ])("%s, told with both lines", (_name, text, message) => {
    expect(messages(load("", text))).toEqual([message]);
  });

  it("names the place of the other one, wherever that is", () => {
    expect(messages(load("eam=192.0.2.1,2001:db8::1", "192.0.2.1,2001:db8::2", "eam=192.0.2.9,2001:db8::1"))).toEqual([
      expect.stringContaining("that of 192.0.2.1/32,2001:db8::1/128 (clatd.conf:1);"),
      expect.stringContaining("that of 192.0.2.1/32,2001:db8::1/128 (clatd.conf:1);"),
    ]);
  });

  it("counts overlaps beyond the first few", () => {
    const hosts = Array.from({ length: 9 }, (_, index) => `192.0.2.${index},2001:db8::${index}`).join("\n");
    const found = messages(load("", `192.0.2.0/24,2001:db8:1::/64\n${hosts}`));
    expect(found).toHaveLength(4);
    expect(found.at(-1)).toBe("eams.txt:4: warning: and 6 more overlapping mappings");
  });

  it("has nothing against neighbours", () => {
    expect(messages(load("", "192.0.2.0/25,2001:db8::/121\n192.0.2.128/25,2001:db8::80/121"))).toEqual([]);
  });
});

describe("MappingList.mistakes()", () => {
  it("agrees with comparing each mapping with each other one", () => {
    const octet = fc.integer({ min: 0, max: 3 });
    const mapping = fc.tuple(octet, fc.integer({ min: 28, max: 32 }), octet, fc.integer({ min: 120, max: 124 }));
    fc.assert(
      fc.property(fc.array(mapping, { maxLength: 12 }), (given) => {
        const list = new MappingList();
        const parsed = given.flatMap(([low4, length4, low6, length6], index) => {
          const v4 = maskPrefix(Uint8Array.of(192, 0, 2, low4 * 4), length4);
          const v6 = maskPrefix(Uint8Array.of(32, 1, 13, 184, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, low6 * 16, 0), length6);
          list.add({ v4, v6 }, { in: "file", file: "f", line: index + 1 });
          return [{ v4, v6 }];
        });
        const twice = new Set<number>();
        let overlaps = false;
        for (const [index, a] of parsed.entries()) {
          for (const b of parsed.slice(0, index)) {
            for (const family of ["v4", "v6"] as const) {
              const same = a[family].length === b[family].length && prefixContains(a[family], b[family].octets);
              if (same) twice.add(index + 1);
              else if (prefixContains(a[family], b[family].octets) || prefixContains(b[family], a[family].octets)) {
                overlaps = true;
              }
            }
          }
        }
        const mistakes = list.mistakes();
        const errors = mistakes.filter(({ severity }) => severity === "error");
        expect(new Set(errors.map(({ place }) => (place.in === "file" ? place.line : 0)))).toEqual(twice);
        if (overlaps && twice.size === 0) expect(mistakes.length).toBeGreaterThan(0);
        if (!overlaps) expect(mistakes.length).toBe(errors.length);
      }),
    );
  });
});

describe("parseMapping()", () => {
  it("takes any text without throwing", () => {
    const piece = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string(), fc.constantFrom(",", "/", "32", "128", " ", "::"));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const parsed = parseMapping(pieces.join(""));
        if (parsed.ok) expect(32 - parsed.value.v4.length).toBeLessThanOrEqual(128 - parsed.value.v6.length);
        else expect(parsed.problem).not.toBe("");
      }),
    );
  });
});
