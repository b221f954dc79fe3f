// `npm run test:vm`: the tests that need another kernel than this machine's, run in Debian's in a virtual machine. The guest
// sees this machine's files as they are now, has no network, and its last word is how many tests passed.
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, say } from "../bootstrap.mjs";
import { guestSystem } from "./guest-system.mjs";
import { initramfs } from "./initramfs.mjs";
import { qemuArguments, runMachine, tail } from "./qemu.mjs";

/**
 * Seconds of this machine's time, for a guest that does not even start: a test that hangs is ended within it, by its own
 * clock. They are so long because a guest on a busy machine may get a tenth of a processor (seen), and then loads a test
 * file for minutes.
 */
const deadlines = { whole: Number(process.env["CLATD_VM_SECONDS"] ?? 7200), silence: 1200 };

const vitest = [
  realpathSync(process.execPath),
  "node_modules/vitest/vitest.mjs",
  "run",
  "--config",
  "ci/vm/vitest.config.ts",
];

/** What may change while the guest runs, and it should not see. */
const ours = ["ci", "dist", "lab", "package.json", "src", "test", "tsconfig.json"];

/** The longest of the tests, and others that together take about as long as all that are not named here. */
const half = ["fast-path.test.ts", "jool.test.ts", "kernel.test.ts", "service.test.ts"].map(
  (name) => `test/vm/${name}`,
);

/**
 * All tests in two guests beside each other, since each has one processor; or those that are named, in one.
 * @param {string[]} words names of test files, none for all of them; or `--` and a command to run in the guest instead
 * @returns {Promise<number>} the exit code
 */
export async function testInVm(words) {
  const system = guestSystem();
  const others = readdirSync(join(root, "test/vm"))
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => `test/vm/${name}`)
    .filter((name) => !half.includes(name));
  const guests = words.length === 0 ? [half, others] : [words];
  say(`booting Linux ${system.release} by emulation${guests.length > 1 ? ", twice" : ""}`);
  const tallies = await Promise.all(
    guests.map((own, index) => testInGuest(system, own, lineWriter(guests.length > 1 ? `${index + 1}| ` : ""))),
  );
  /** @param {keyof Tally} name */
  const sum = (name) => tallies.reduce((total, tally) => total + tally[name], 0);
  console.log(`${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped`);
  return sum("failed") === 0 ? 0 : 1;
}

/** @typedef {{ passed: number, failed: number, skipped: number }} Tally */

/**
 * Whole lines, each with the guest's sign.
 * @param {string} sign
 * @returns {(octets: Buffer) => void}
 */
function lineWriter(sign) {
  const decoder = new TextDecoder();
  let begun = "";
  return (octets) => {
    const lines = (begun + decoder.decode(octets, { stream: true })).split("\n");
    begun = lines.pop() ?? "";
    for (const line of lines) process.stdout.write(`${sign}${line}\n`);
  };
}

/**
 * @param {ReturnType<typeof guestSystem>} system
 * @param {string[]} words
 * @param {(octets: Buffer) => void} hear
 * @returns {Promise<Tally>}
 */
async function testInGuest(system, words, hear) {
  const job = mkdtempSync(join(tmpdir(), "clatd-vm-"));
  const consoleFile = join(job, "console");
  try {
    prepareJob(job, words[0] === "--" ? words.slice(1) : [...vitest, ...words]);
    const initrd = join(job, "initrd");
    writeFileSync(initrd, initramfs(system));
    const shares = {
      host: { path: "/", readonly: true },
      extra: { path: system.tree, readonly: true },
      job: { path: job, readonly: false },
    };
    const machine = qemuArguments({ kernel: system.kernel, initrd, shares, console: consoleFile, memory: 3072 });
    return tallyOf(await runMachine(machine, deadlines, hear), job, consoleFile);
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
    "export CLATD_TEST_COUNTS=/run/vm/counts.json CLATD_VM=1 CLATD_TEST_PACKETS=100000 NO_COLOR=1",
    `set -- ${command.map(quoted).join(" ")}`,
  ];
  writeFileSync(join(job, "environment.sh"), `${lines.join("\n")}\n`);
}

/** @param {import("./qemu.mjs").Ending} ending @param {string} job @param {string} consoleFile @returns {Tally} */
function tallyOf(ending, job, consoleFile) {
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
    console.log(`FAIL the virtual machine: ${why}. The end of its console:\n${tail(consoleFile, 40)}`);
  }
  return tally;
}
