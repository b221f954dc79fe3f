// A script-up that takes its time does not keep clatd from ending: real processes, and the host's snapshot before and after.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startLab } from "../../../lab/lab.js";
import { labObstacle } from "../../support/obstacle.js";
import { differenceTo, settled, spawnClatd, until } from "../../support/whole-lab.js";

let folder: string;
beforeEach(async ({ skip }) => {
  if (labObstacle !== undefined) skip(labObstacle);
  folder = await mkdtemp(join(tmpdir(), "clatd-script-"));
});
afterEach(async () => {
  if (labObstacle === undefined) await rm(folder, { recursive: true });
});

const textOf = (name: string): Promise<string> => readFile(join(folder, name), "utf8").catch(() => "");

describe("script-up that does not end", () => {
  it.each(["SIGTERM", "SIGINT"] as const)(
    "is cut short by %s, script-down is run, and nothing is left",
    async (signal) => {
      await using lab = await startLab("464xlat-builtin", { clatd: false });
      const before = await settled(lab);
      await using clatd = await spawnClatd(
        lab,
        "engine=userspace",
        "plumbing=classic",
        `script-up=echo up > ${folder}/up; sleep 86400`,
        `script-down=cat ${folder}/up > ${folder}/down`,
      );
      await until(
        () => textOf("up"),
        (text) => text === "up\n",
      );
      await clatd.kill(signal);
      expect(await clatd.exited).toBe(0);
      expect(await textOf("down")).toBe("up\n");
      expect(await differenceTo(lab, before)).toEqual([]);
    },
  );
});
