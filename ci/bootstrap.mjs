// Brings a fresh machine, where only Node and npm exist, to where the project runs: Debian packages, `npm ci`, build.
// Each step is skipped when what it would do is done already. It imports nothing but Node, since nothing else is there yet.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { delimiter, join, relative } from "node:path";
import { isInstalled } from "./node-modules.mjs";

export const root = new URL("..", import.meta.url).pathname.replace(/\/$/, "");

/** Debian packages, and the program by which one sees that it is there on a system without dpkg. */
const debianPackages = {
  clang: "clang",
  iproute2: "ip",
  "libbpf-dev": "/usr/include/bpf/bpf_helpers.h",
  nftables: "nft",
  "util-linux": "unshare",
  curl: "curl",
  ethtool: "ethtool",
  "iputils-ping": "ping",
  iperf3: "iperf3",
  shellcheck: "shellcheck",
  systemd: "systemd-analyze",
  tayga: "tayga",
  traceroute: "traceroute",
  unbound: "unbound",
};

/** What only one work needs, by its name; the others do without. @type {Readonly<Record<string, Readonly<Record<string, string>>>>} */
const packagesOf = {
  vm: { "gcc-12": "gcc-12", make: "make", "qemu-system-x86": "qemu-system-x86_64" },
};

/**
 * What some tests of a work are made with, by its name: installed where that is allowed; without it they are skipped and
 * say so. @type {Readonly<Record<string, Readonly<Record<string, string>>>>}
 */
const welcomePackagesOf = {
  test: {
    "docker.io": "dockerd",
    debootstrap: "debootstrap",
    binutils: "strip",
    lintian: "lintian",
    "man-db": "man",
    mandoc: "mandoc",
    zsh: "zsh",
    fish: "fish",
  },
  package: { binutils: "strip" },
};

/** An error that the person at the terminal can mend: printed without a stack. */
export class SetupError extends Error {}

/** @param {string} line */
export function say(line) {
  process.stderr.write(`setup: ${line}\n`);
}

/**
 * Runs one command; its output is shown only when it fails.
 * @param {string} action @param {string} command @param {string[]} args @param {Record<string, string>} [env]
 * @param {string} [cwd]
 */
export function must(action, command, args, env = {}, cwd = root) {
  const result = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.error) throw new SetupError(`Cannot ${action}: ${command}: ${result.error.message}`);
  if (result.status !== 0) {
    const lines = `${result.stdout}\n${result.stderr}`.trim().split("\n");
    // Some say what is wrong at the beginning, others at the end.
    const tail = (lines.length <= 40 ? lines : [...lines.slice(0, 20), "…", ...lines.slice(-20)]).join("\n");
    throw new SetupError(`Cannot ${action}: "${command} ${args.join(" ")}" ended with code ${result.status}:\n${tail}`);
  }
  return result.stdout;
}

/** @param {string} program a name, or the path of a file that shows as well that the package is there */
function onPath(program) {
  if (program.startsWith("/")) return existsSync(program);
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return folders.some((folder) => folder !== "" && existsSync(join(folder, program)));
}

/** @param {Readonly<Record<string, string>>} wanted @returns {string[]} */
function missingPackages(wanted) {
  if (!onPath("dpkg-query")) {
    return Object.entries(wanted).flatMap(([name, program]) => (onPath(program) ? [] : [name]));
  }
  const listing = spawnSync(
    "dpkg-query",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholders are dpkg-query's
    ["-W", "-f", "${Package} ${db:Status-Status}\n", ...Object.keys(wanted)],
    {
      encoding: "utf8",
    },
  ).stdout;
  const installed = new Set(
    listing.split("\n").flatMap((line) => (line.endsWith(" installed") ? [line.split(" ")[0]] : [])),
  );
  return Object.keys(wanted).filter((name) => !installed.has(name));
}

/**
 * Installs what is missing. The daemons among the packages are only run by the lab: their services are not started.
 * @param {string} work
 */
function debian(work) {
  const needed = missingPackages({ ...debianPackages, ...packagesOf[work] });
  const missing = [...needed, ...missingPackages(welcomePackagesOf[work] ?? {})];
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !onPath("apt-get")) {
    if (needed.length === 0) return;
    const command = `apt-get install --no-install-recommends ${needed.join(" ")}`;
    throw new SetupError(`Debian packages are missing: ${needed.join(" ")}.\nInstall them as root: ${command}`);
  }
  say(`installing Debian packages: ${missing.join(" ")}`);
  const policy = "/usr/sbin/policy-rc.d";
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    // A mirror may have a bad moment, and another apt may be at work (unattended-upgrades).
    const patient = ["-o", "Acquire::Retries=5", "-o", "DPkg::Lock::Timeout=300"];
    must("refresh Debian's package lists", "apt-get", [...patient, "-q", "update"], env);
    must(
      "install Debian packages",
      "apt-get",
      [...patient, "-qy", "install", "--no-install-recommends", ...missing],
      env,
    );
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
}

/** @param {string} file */
function stampOf(file) {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

function npm() {
  const lock = readFileSync(join(root, "package-lock.json"));
  const wanted = createHash("sha256").update(lock).update(process.versions.modules).update(process.arch).digest("hex");
  const stamp = join(root, "node_modules", ".clatd-stamp");
  if (stampOf(stamp) === wanted) return;
  // Without a stamp it may be that somebody has run `npm ci` by hand.
  if (existsSync(stamp) || !isInstalled(root)) {
    say("npm ci");
    must("install npm packages", "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
  }
  writeFileSync(stamp, wanted);
}

/** @param {string} folder @returns {string[]} */
function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Compiles when a source changed; a source that went takes its output with it. */
function build() {
  const sources = ["src", "lab", "ci/manual"].flatMap((folder) => filesBelow(join(root, folder))).sort();
  const inputs = [...sources, join(root, "tsconfig.json"), join(root, "package-lock.json")];
  const names = inputs.map((file) => relative(root, file)).join("\n");
  const times = inputs.map((file) => `${statSync(file).mtimeMs} ${statSync(file).size}`).join("\n");
  const dist = join(root, "dist");
  const stamp = join(dist, ".stamp");
  if (stampOf(stamp) === `${names}\n\n${times}`) return;
  if (stampOf(stamp).split("\n\n")[0] !== names) rmSync(dist, { recursive: true, force: true });
  say("building");
  must("build", process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.json"]);
  must("build the BPF programs", process.execPath, [join(root, "ci/build-bpf.mjs")]);
  must("write the manual pages", process.execPath, [join(root, "ci/manual/write.mjs")]);
  mkdirSync(dist, { recursive: true });
  writeFileSync(stamp, `${names}\n\n${times}`);
}

/** @param {string} [work] what it is for: `vm` */
export function setUp(work = "") {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20) throw new SetupError(`Node ${process.versions.node} is too old: clatd needs Node 20 or newer.`);
  if (process.platform !== "linux") throw new SetupError(`clatd runs on Linux, this is ${process.platform}.`);
  debian(work);
  npm();
  build();
}
