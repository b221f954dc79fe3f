// `npm run test:vm`: the tests that need another kernel than this machine's, run in Debian's in a virtual machine. The guest
// sees this machine's files as they are now, has no network, and its last word is how many tests passed.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, say } from "../bootstrap.mjs";
import { guestSystem } from "./guest-system.mjs";
import { initramfs } from "./initramfs.mjs";
import { qemuArguments, runMachine, tail } from "./qemu.mjs";

/** Seconds of this machine's time, generous, for it may be busy: alone on two processors the guest needs a fraction. */
const deadlines = { whole: Number(process.env["CLATD_VM_SECONDS"] ?? 2400), silence: 300 };

const vitest = [
  realpathSync(process.execPath),
  "node_modules/vitest/vitest.mjs",
  "run",
  "--config",
  "ci/vm/vitest.config.ts",
];

/** What may change while the guest runs, and it should not see. */
const ours = ["ci", "dist", "lab", "package.json", "src", "test", "tsconfig.json"];

/**
 * @param {string[]} words names of test files, none for all of them; or `--` and a command to run in the guest instead
 * @returns {Promise<number>} the exit code
 */
export async function testInVm(words) {
  const system = guestSystem();
  const job = mkdtempSync(join(tmpdir(), "clatd-vm-"));
  const console = join(job, "console");
  try {
    prepareJob(job, words[0] === "--" ? words.slice(1) : [...vitest, ...words]);
    const initrd = join(job, "initrd");
    writeFileSync(initrd, initramfs(system));
    say(`booting Linux ${system.release} by emulation`);
    const shares = {
      host: { path: "/", readonly: true },
      extra: { path: system.tree, readonly: true },
      job: { path: job, readonly: false },
    };
    const ending = await runMachine(
      qemuArguments({ kernel: system.kernel, initrd, shares, console, memory: 3072 }),
      deadlines,
    );
    return report(ending, job, console);
  } finally {
    rmSync(job, { recursive: true, force: true });
  }
}

/** @param {string} job @param {string[]} command */
function prepareJob(job, command) {
  const project = realpathSync(root);
  const copy = join(job, "tree", project);
  mkdirSync(copy, { recursive: true });
  for (const name of ours) cpSync(join(project, name), join(copy, name), { recursive: true });
  cpSync(join(project, "ci/vm/job.sh"), join(job, "job.sh"));
  /** @param {string} text */
  const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const lines = [
    `PROJECT=${quoted(project)}`,
    "export CLATD_TEST_COUNTS=/run/vm/counts.json CLATD_VM=1 CLATD_TEST_PACKETS=20000 NO_COLOR=1",
    `set -- ${command.map(quoted).join(" ")}`,
  ];
  writeFileSync(join(job, "environment.sh"), `${lines.join("\n")}\n`);
}

/** @param {import("./qemu.mjs").Ending} ending @param {string} job @param {string} console @returns {number} */
function report(ending, job, console) {
  const tally = { passed: 0, failed: 0, skipped: 0 };
  let why = ending.end === "off" ? "" : ending.why;
  try {
    Object.assign(tally, JSON.parse(readFileSync(join(job, "counts.json"), "utf8")));
    const code = readFileSync(join(job, "exit-code"), "utf8").trim();
    // A run that fails outside of any test has failed once more.
    if (code !== "0" && tally.failed === 0) why ||= `the run of the tests ended with code ${code}`;
  } catch {
    why ||= "the guest ended before its tests did";
  }
  if (why !== "") {
    tally.failed += 1;
    globalThis.console.log(`FAIL the virtual machine: ${why}. The end of its console:\n${tail(console, 40)}`);
  }
  globalThis.console.log(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
  return tally.failed === 0 ? 0 : 1;
}
