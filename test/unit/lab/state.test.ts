// Where it stands which labs are kept.

import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { isOwnDirectory, stateDirectory } from "../../../lab/state.js";

it("stateDirectory() is one directory of the user's own, so that nothing stays when the last lab goes", () => {
  expect(stateDirectory(0, "/run/user/0")).toBe("/run/clatlab");
  expect(stateDirectory(1000, "/run/user/1000")).toBe("/run/user/1000/clatlab");
  expect(stateDirectory(1000, undefined)).toBe("/tmp/clatlab-1000");
});

it("isOwnDirectory() takes neither somebody else's nor a link to one", async () => {
  const own = await mkdtemp(join(tmpdir(), "clatlab-state-"));
  onTestFinished(() => rm(own, { recursive: true }));
  const uid = process.getuid?.() ?? 0;
  await symlink(own, join(own, "link"));
  expect(await isOwnDirectory(own, uid)).toBe(true);
  expect(await isOwnDirectory(own, uid + 1)).toBe(false);
  expect(await isOwnDirectory(join(own, "link"), uid)).toBe(false);
  expect(await isOwnDirectory(join(own, "none"), uid)).toBe(false);
});
