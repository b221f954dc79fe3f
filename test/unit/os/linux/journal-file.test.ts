// The journal's file. What a full disk does to it is in test/integration/os/journal-file.test.ts.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { fileStorage } from "../../../../src/os/linux/journal-file.js";

describe("fileStorage", () => {
  it("append() makes no file of which the beginning is missing", async () => {
    const folder = await mkdtemp(join(tmpdir(), "clatd-journal-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, "clat.journal");
    expect(await fileStorage.append(path, "second\n")).toBe(false);
    expect(await fileStorage.read(path)).toBeUndefined();
    await fileStorage.create(path, "first\n");
    expect(await fileStorage.append(path, "second\n")).toBe(true);
    expect(await readFile(path, "utf8")).toBe("first\nsecond\n");
  });
});
