// What the npm scripts call: set up what is missing, then do the work. Exit codes are those of the work; 2 where it could
// not start.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, SetupError, setUp } from "./bootstrap.mjs";
import { writeDocs } from "./docs.mjs";
import { buildDeb } from "./package/deb.mjs";
import { buildTarball } from "./package/npm.mjs";
import { testInVm } from "./vm/vm.mjs";

/** @param {string[]} args @param {Record<string, string>} [env] @returns {number} */
function node(args, env = {}) {
  const result = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } });
  return result.status ?? 1;
}

/** @param {string} name */
function bin(name) {
  const manifest = JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8"));
  const path = typeof manifest.bin === "string" ? manifest.bin : Object.values(manifest.bin)[0];
  return join(root, "node_modules", name, path);
}

/** Everything that can fail without a packet being sent. Each is one test in the count. */
const statics = /** @type {const} */ ([
  ["types of the tests and of ci", () => [bin("typescript"), "--noEmit", "-p", "ci/tsconfig.json"]],
  [
    "lint, with the arrows between the layers",
    () => [
      bin("@biomejs/biome"),
      "check",
      "--config-path=ci/lint.json",
      "--error-on-warnings",
      "src",
      "lab",
      "test",
      "ci",
    ],
  ],
  ["nothing unused (knip)", () => [bin("knip"), "--config", "ci/knip.json", "--no-progress"]],
]);

/** @param {string[]} extra arguments for vitest: names of files */
function test(extra) {
  const tally = { passed: 1, failed: 0, skipped: 0 }; // the build, which set-up has done
  console.log("PASS build");
  for (const [name, args] of extra.length === 0 ? statics : []) {
    const ok = node(args()) === 0;
    console.log(`${ok ? "PASS" : "FAIL"} ${name}`);
    tally[ok ? "passed" : "failed"] += 1;
  }
  const folder = mkdtempSync(join(tmpdir(), "clatd-test-"));
  const counts = join(folder, "counts.json");
  try {
    const status = node([bin("vitest"), "run", "--config", "ci/vitest.config.ts", ...extra], {
      CLATD_TEST_COUNTS: counts,
    });
    const vitest = JSON.parse(readFileSync(counts, "utf8"));
    tally.passed += vitest.passed;
    tally.skipped += vitest.skipped;
    // A run that fails outside of any test (a file that does not load, a Node warning) has failed once more.
    tally.failed += vitest.failed + (status !== 0 && vitest.failed === 0 ? 1 : 0);
  } catch (error) {
    console.error(`Cannot read the counts of the test run: ${error}`);
    tally.failed += 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
  return tally.failed === 0 ? 0 : 1;
}

const works = ["lab", "test", "vm", "bench", "fuzz", "docs", "package"];
const [what, ...rest] = process.argv.slice(2);
try {
  if (!works.includes(what ?? "")) throw new SetupError(`"${what ?? ""}" is not one of: ${works.join(", ")}`);
  setUp(what);
  if (what === "lab")
    process.exitCode = node(["dist/lab/cli/clatlab.js", ...(rest.length > 0 ? rest : ["run", "464xlat"])]);
  if (what === "bench") process.exitCode = node(["dist/lab/bench/bench.js", ...rest]);
  if (what === "fuzz") process.exitCode = node(["dist/lab/fuzz/fuzz.js", ...rest]);
  if (what === "docs") await writeDocs();
  if (what === "package") {
    console.log("package: the tarball for npm");
    const tarball = buildTarball(join(root, "packages"));
    console.log("package: the Debian package, with a Node of its own");
    for (const file of [tarball, buildDeb(join(root, "packages"))]) console.log(file);
  }
  if (what === "test") process.exitCode = test(rest);
  if (what === "vm") process.exitCode = await testInVm(rest);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
