import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type KeyProof, keyTableMarkdown } from "../../../src/config/key-docs.js";
import { keyNames } from "../../../src/config/key-table.js";
import { capabilityTableMarkdown } from "../../../src/engine/capability-table.js";

const readme = readFileSync("README.md", "utf8");
const proofs = JSON.parse(readFileSync("test/unit/docs/key-proofs.json", "utf8")) as Record<string, KeyProof>;
/** Without the part that names files of other projects. */
const ourPaths = readme.replace(/<!-- comparison:begin -->[\s\S]*?<!-- comparison:end -->/, "");

describe("README.md", () => {
  it("has the table of keys as the code has it (npm run docs writes it)", () => {
    expect(readme).toContain(keyTableMarkdown(proofs).trim());
  });

  it("has the table of engines as the code has it (npm run docs writes it)", () => {
    expect(readme).toContain(capabilityTableMarkdown());
  });

  it("has the table of rules as comparison.md has it", () => {
    const rows = readFileSync("test/unit/xlat/comparison.md", "utf8")
      .split("\n")
      .filter((line) => line.startsWith("|"));
    expect(rows.length).toBeGreaterThan(10);
    expect(readme).toContain(rows.join("\n"));
  });

  it.each([...ourPaths.matchAll(/`(?:node )?((?:src|lab|ci|test)\/[\w./-]+)`/g)].map(([, path = ""]) => path))(
    "names %s, which is there",
    (path) => {
      expect(existsSync(path)).toBe(true);
    },
  );
});

describe("key-proofs.json", () => {
  it("names a test for each key, and for nothing else", () => {
    expect(Object.keys(proofs).toSorted()).toEqual(keyNames.toSorted());
  });

  it.each(Object.entries(proofs))("%s: the test that it names is there", (_key, { file, title }) => {
    expect(existsSync(file) && readFileSync(file, "utf8")).toContain(JSON.stringify(title));
  });
});
