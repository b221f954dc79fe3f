// What Debian's own tool says about the package. What it finds that is so on purpose is in the package, with the reason.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";
import { buildDeb } from "../../../ci/package/deb.mjs";
import { missing, unreachable } from "./needed.js";

it("lintian finds nothing in the Debian package", async ({ skip }) => {
  const obstacle = missing("dpkg-deb", "strip", "lintian") ?? unreachable();
  if (obstacle !== undefined) skip(obstacle);
  const folder = await mkdtemp(join(tmpdir(), "clatd-lintian-"));
  try {
    const deb = buildDeb(folder, { quick: true });
    const options = ["--no-cfg", "--allow-root", "--fail-on", "error,warning"];
    const { exitCode, stdout } = await execa("lintian", [...options, deb], { reject: false, env: { TMPDIR: folder } });
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "" });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
