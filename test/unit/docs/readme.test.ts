import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { keyTableMarkdown } from "../../../src/config/key-docs.js";

const readme = readFileSync("README.md", "utf8");

describe("README.md", () => {
  it("has the table of keys as the code has it (npm run docs writes it)", () => {
    expect(readme).toContain(keyTableMarkdown().trim());
  });

  it.each([...readme.matchAll(/`(?:node )?((?:src|lab|ci|test)\/[\w./-]+)`/g)].map(([, path = ""]) => path))(
    "names %s, which is there",
    (path) => {
      expect(existsSync(path)).toBe(true);
    },
  );
});
