import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { keyTableMarkdown } from "../../../src/config/key-docs.js";

const readme = readFileSync("README.md", "utf8");
/** Without the part that names files of other projects. */
const ourPaths = readme.replace(/<!-- comparison:begin -->[\s\S]*?<!-- comparison:end -->/, "");

describe("README.md", () => {
  it("has the table of keys as the code has it (npm run docs writes it)", () => {
    expect(readme).toContain(keyTableMarkdown().trim());
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
