// Each Node that clatd is for: the program, the translator, and a whole lab with its TUN device (koffi). The one that runs
// the tests is tried by all the others.

import { execa } from "execa";
import { beforeEach, describe, expect, it } from "vitest";
import { carried, nodeBinary } from "../../../ci/package/node-binary.mjs";
import { programs } from "../../../lab/programs.js";
import { labObstacle } from "../../support/obstacle.js";

const clatd = `${programs.dist}/src/cli/clatd.js`;
const clatlab = `${programs.dist}/lab/cli/clatlab.js`;
/** The example of the README. */
const packet = "4 450000210000400040115095c0000001c6336402e8030007000d000068656c6c6f\n";

/** The newest of the one, and the one that the Debian package carries. */
const versions = [
  { version: "22", integrity: undefined },
  { version: carried.version, integrity: carried.integrity[process.arch] },
];

describe.each(versions)("Node $version", ({ version, integrity }) => {
  let node = "";

  beforeEach(({ skip }) => {
    try {
      ({ node } = nodeBinary(version, integrity));
    } catch (error) {
      skip(
        `Node ${version} cannot be fetched: ${(error instanceof Error ? error.message : String(error)).split("\n")[0]}`,
      );
    }
  });

  it("is the one that is meant, and clatd says what it is without a warning", async () => {
    expect((await execa(node, ["--version"])).stdout).toMatch(new RegExp(`^v${version}\\b`));
    const { stdout, stderr } = await execa(node, [clatd, "--help"]);
    expect(stdout).toContain("464XLAT");
    expect(stderr).toBe("");
  });

  it("translates a packet", async () => {
    const words = ["plat-prefix=2001:db8:64::/96", "clat-v6-addr=2001:db8::464"];
    const { stdout, stderr } = await execa(node, [clatd, "translate", ...words], { input: packet });
    expect(stdout).toMatch(/^6 60000000000d113f20010db8[0-9a-f]+68656c6c6f\n\.$/);
    expect(stderr).toBe("");
  });

  it("runs 464xlat-builtin", async ({ skip }) => {
    if (labObstacle !== undefined) skip(labObstacle);
    const { stdout } = await execa(node, [clatlab, "run", "464xlat-builtin"], { reject: false });
    expect(stdout).toMatch(/\n\d+ passed, 0 failed, \d+ skipped/);
  });
});
