// SIGHUP for a clatd that has only just been started: it is kept until there is a configuration to be read anew.

import { constants, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startLab } from "../../../lab/lab.js";
import { programs } from "../../../lab/programs.js";
import { labObstacle } from "../../support/obstacle.js";
import { settled, status, until } from "../../support/whole-lab.js";

it("clatd that is told to read its configuration anew while it reads it for the first time, does", async ({ skip }) => {
  if (labObstacle !== undefined) skip(labObstacle);
  const folder = await mkdtemp(join(tmpdir(), "clatd-hang-up-"));
  try {
    await using lab = await startLab("464xlat-builtin", { clatd: false });
    await settled(lab);
    const pipe = join(folder, "clatd.conf");
    await lab.exec("host", `mkfifo ${pipe}`);
    await using daemon = lab.spawn("host", [programs.node, `${programs.dist}/src/cli/clatd.js`, "-c", pipe]);
    // This does not work before clatd has opened it too, who then waits for what is in it.
    const first = await until(
      () => open(pipe, constants.O_WRONLY | constants.O_NONBLOCK).catch(() => undefined),
      (opened) => opened !== undefined,
    );
    await daemon.kill("SIGHUP");
    await writeFile(join(folder, "next"), "v4-defaultroute-metric=77\n");
    await lab.exec("host", `mv ${folder}/next ${pipe}`);
    await first?.writeFile("v4-defaultroute-metric=2048\n");
    await first?.close();
    const found = await until(
      () => status(lab),
      (now) => now?.reloads.taken === 1,
    );
    expect(found).toMatchObject({ reloads: { taken: 1, refused: 0 } });
    await until(
      async () => (await lab.exec("host", "ip route show default dev clat")).stdout,
      (text) => text.includes("metric 77"),
    );
    await daemon.kill("SIGTERM");
    expect(await daemon.exited).toBe(0);
  } finally {
    await rm(folder, { recursive: true });
  }
});
