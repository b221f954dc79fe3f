// The journal on a disk that is full. A limit on the size of files does for one: the kernel writes what fits, and then refuses.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** What `ulimit -f` counts in, in octets. */
const block = 512;

describe("fileStorage on a full disk", () => {
  let path = "";

  beforeEach(() => {
    path = join(mkdtempSync(join(tmpdir(), "clatd-journal-")), "clat.journal");
  });

  afterEach(() => rmSync(join(path, ".."), { recursive: true }));

  /** What `script` said, which has `fileStorage` and `path`; a file has room for one or two blocks. */
  function said(script: string): string {
    const module = new URL("../../../dist/src/os/linux/journal-file.js", import.meta.url);
    const program = `import { fileStorage } from ${JSON.stringify(module.href)}; const [, path] = process.argv; ${script}`;
    const limited = `trap "" XFSZ; ulimit -f 1; exec "$0" --input-type=module --eval "$1" "$2"`;
    const { stdout, stderr } = spawnSync("sh", ["-c", limited, process.execPath, program, path], { encoding: "utf8" });
    expect(stderr).toBe("");
    return stdout;
  }

  it("append() that does not fit leaves nothing of itself behind", () => {
    const script = `
      await fileStorage.create(path, "first\\n");
      await fileStorage.append(path, "x".repeat(${4 * block})).catch((error) => console.log(error.message));
      await fileStorage.append(path, "second\\n");`;
    expect(said(script)).toMatch(/^Cannot write the journal .*; nothing is changed without it$/m);
    expect(readFileSync(path, "utf8")).toBe("first\nsecond\n");
  });

  it("create() that does not fit leaves no file behind, and the next one is not refused", () => {
    const script = `
      await fileStorage.create(path, "x".repeat(${4 * block})).catch((error) => console.log(error.message));
      console.log((await import("node:fs")).existsSync(path));
      await fileStorage.create(path, "second\\n");`;
    expect(said(script)).toMatch(/^Cannot write the journal .*\nfalse\n$/);
    expect(existsSync(path) && readFileSync(path, "utf8")).toBe("second\n");
  });
});
