// The guest is what it is meant to be: an older kernel than most, with Jool, and out of everybody's reach.

import { existsSync, readdirSync } from "node:fs";
import { release } from "node:os";
import { expect, it } from "vitest";
import { missingModules } from "../../lab/programs.js";

it("runs Debian's kernel", () => {
  expect(release()).toMatch(/^\d+\.\d+\.\d+-\d+-amd64$/);
});

it("has both modules of Jool", () => {
  expect(missingModules(["jool", "jool_siit"])).toBeUndefined();
});

it("has no network device but its own", () => {
  const real = readdirSync("/sys/class/net").filter((name) => existsSync(`/sys/class/net/${name}/device`));
  expect(real).toEqual([]);
});
