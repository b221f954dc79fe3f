// The walkthroughs of the RFCs beside this file: each sentence that asks for something names the tests that prove it, as a
// link whose text is the test's title as it stands in the source (`%s` and all) and whose target is its file.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

/** What the RFCs hold of the key words of RFC 2119, references and all other sections left out: nothing may get lost here. */
const walkthroughs = {
  "rfc7915.md": { MUST: 48, "MUST NOT": 4, SHOULD: 23, "SHOULD NOT": 1, MAY: 1, OPTIONAL: 3 },
  "rfc6052.md": { MUST: 11, "MUST NOT": 5, SHOULD: 12, "SHOULD NOT": 2, MAY: 4, OPTIONAL: 1 },
  "rfc7757.md": { MUST: 10, "MUST NOT": 4, SHOULD: 3, "SHOULD NOT": 2, MAY: 6, OPTIONAL: 1 },
  "rfc6791.md": { MUST: 1, "MUST NOT": 1, SHOULD: 3, "SHOULD NOT": 3, MAY: 1, OPTIONAL: 1 },
} as const;
const names = Object.keys(walkthroughs) as readonly (keyof typeof walkthroughs)[];

interface Proof {
  readonly title: string;
  readonly file: string;
}

interface Row {
  readonly sentence: string;
  /** What is done about it. */
  readonly here: string;
  readonly proofs: readonly Proof[];
}

interface Section {
  readonly title: string;
  /** As stated. */
  readonly keyWords: string;
  readonly rows: readonly Row[];
}

const keyWord = /\b(?:MUST|SHOULD|SHALL)(?: NOT)?\b|\b(?:MAY|RECOMMENDED|REQUIRED|OPTIONAL)\b/g;

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");

/** `- “sentence”`, and behind it, one step further in, what is done and the links. */
const rowOf = (text: string): Row => {
  const [sentence = "", here = "", ...links] = text.split(/\n {2}- /);
  const proofs = links.map((link) => {
    const match = /^\[(.*)\]\((.*\.test\.ts)\)\s*$/.exec(link);
    return { title: match?.[1] ?? link, file: match?.[2] ?? "no link to a test" };
  });
  return { sentence, here, proofs };
};

const sectionsOf = (name: string): Section[] =>
  read(name)
    .split(/^## /m)
    .slice(1)
    .map((text) => {
      const [head = "", ...rows] = text.split(/\n- (?=“)/);
      return {
        title: head.slice(0, head.indexOf("\n")),
        keyWords: /^Key words: (.*)\.$/m.exec(head)?.[1] ?? "not stated",
        rows: rows.map((row) => rowOf(row.split("\n\n")[0] ?? "")),
      };
    });

const titles = new Map<string, ReadonlySet<string>>();
/** The titles of a file's tests, by reading it: a string that is a call's first argument, with a function behind it, and that no `describe` has. */
const titlesOf = (file: string): ReadonlySet<string> => {
  const known = titles.get(file);
  if (known !== undefined) return known;
  const call = /(\w*)\(\s*("(?:[^"\\]|\\.)*"),\s*(?:async\s*)?(?:\(|\{)/g;
  const found = new Set<string>();
  for (const [, caller, literal = '""'] of read(file).matchAll(call)) {
    if (caller === "it" || caller === "") found.add(JSON.parse(literal) as string);
  }
  titles.set(file, found);
  return found;
};

const countWords = (text: string): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const [word] of text.matchAll(keyWord)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
};

describe.each(names)("%s", (name) => {
  const sections = sectionsOf(name);
  const rows = sections.flatMap((section) => section.rows);

  it("names only tests that exist", () => {
    const missing = rows
      .flatMap(({ proofs }) => proofs)
      .filter(({ title, file }) => !file.endsWith(".test.ts") || !titlesOf(file).has(title));
    expect(missing).toEqual([]);
  });

  it("each sentence is proved, or it says why not", () => {
    const bare = rows.filter(({ here, proofs }) =>
      /^(done|beyond)/.test(here) ? proofs.length === 0 : !/^(differs|left out|not ours): .{10}/.test(here),
    );
    expect(bare).toEqual([]);
  });

  it("each section has sentences, and they hold every key word that it states", () => {
    for (const section of sections) {
      const quoted = countWords(section.rows.map(({ sentence }) => sentence).join("\n"));
      const stated = new Map(
        [...section.keyWords.matchAll(/(\d+) ([A-Z ]+)/g)].map(
          ([, count, word = ""]) => [word, Number(count)] as const,
        ),
      );
      expect([section.title, new Map([...quoted].sort())]).toEqual([section.title, new Map([...stated].sort())]);
      expect([section.title, section.rows.length > 0]).toEqual([section.title, true]);
    }
  });

  it("all sections together hold the key words of the RFC", () => {
    const quoted = countWords(rows.map(({ sentence }) => sentence).join("\n"));
    for (const [word, count] of Object.entries(walkthroughs[name])) {
      expect([word, quoted.get(word)]).toEqual([word, count]);
    }
  });
});
