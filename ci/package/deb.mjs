// Builds the Debian package out of what the build has made: without Docker and debhelper, with dpkg-deb alone. It carries
// its own Node.js, because Debian 12 has Node 18 and the package is to install there without a network; security updates of
// it come with those of clatd.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { must, root, SetupError } from "../bootstrap.mjs";
import { releases } from "../releases.mjs";
import { architectures, changelog, controlFile, debFileName, lintianOverrides, maintainerScripts } from "./control.mjs";
import { copyrightFile } from "./copyright.mjs";
import { copyModules } from "./modules.mjs";
import { carried, nodeBinary } from "./node-binary.mjs";

const [release] = releases;

/** What the commands start, below /usr/lib/clatd. */
const scripts = { clatd: "dist/src/cli/clatd.js", clatlab: "dist/lab/cli/clatlab.js" };

/** Units and scripts of a host that has run the Perl clatd know it by the second name. */
const launchers = {
  "usr/bin/clatd": scripts.clatd,
  "usr/sbin/clatd": scripts.clatd,
  "usr/bin/clatlab": scripts.clatlab,
};

/** @param {string | Buffer} text */
const zipped = (text) => gzipSync(text, { level: 9 });

/** Where files of the tree come from, by where they go to. */
export const copies = /** @type {Readonly<Record<string, string>>} */ ({
  "usr/share/clatd/clatd.conf": "dist/clatd.conf",
  "usr/share/bash-completion/completions/clatd": "dist/completions/bash/clatd",
  "usr/share/bash-completion/completions/clatlab": "dist/completions/bash/clatlab",
  "usr/share/zsh/vendor-completions/_clatd": "dist/completions/zsh/_clatd",
  "usr/share/zsh/vendor-completions/_clatlab": "dist/completions/zsh/_clatlab",
  "usr/share/fish/vendor_completions.d/clatd.fish": "dist/completions/fish/clatd.fish",
  "usr/share/fish/vendor_completions.d/clatlab.fish": "dist/completions/fish/clatlab.fish",
  "lib/systemd/system/clatd.service": "service/systemd/clatd.service",
  "lib/systemd/system/clatd@.service": "service/systemd/clatd@.service",
  "usr/share/doc/clatd/examples/as-root.conf": "service/systemd/as-root.conf",
  "usr/share/doc/clatd/examples/ifupdown": "service/ifupdown/clatd",
  "usr/share/doc/clatd/examples/networkmanager": "service/networkmanager/50-clatd",
  "usr/share/doc/clatd/examples/openrc": "service/openrc/clatd",
  "usr/share/doc/clatd/README.md": "README.md",
  "usr/share/doc/clatd/docs/benchmark.md": "docs/benchmark.md",
  "usr/share/doc/clatd/docs/status.schema.json": "docs/status.schema.json",
  "usr/share/doc/clatd/docs/where-time-goes.md": "docs/where-time-goes.md",
});

/** @param {string} tree */
function program(tree) {
  const lib = join(tree, "usr/lib/clatd");
  mkdirSync(join(lib, "bin"), { recursive: true });
  const { node, licence } = nodeBinary(carried.version, carried.integrity[process.arch]);
  must("strip Node", "strip", ["--strip-unneeded", "-R", ".comment", "-R", ".note", "-o", join(lib, "bin/node"), node]);
  write(tree, "usr/share/doc/clatd/LICENSE.node.gz", zipped(readFileSync(licence)));
  for (const part of ["src", "lab"]) {
    cpSync(join(root, "dist", part), join(lib, "dist", part), {
      recursive: true,
      filter: (source) => !source.endsWith(".map"),
    });
  }
  // Their first line names the system's Node: here the launchers start them.
  for (const script of Object.values(scripts)) {
    const file = join(lib, script);
    writeFileSync(file, readFileSync(file, "utf8").replace(/^#!.*\n/, ""));
  }
  cpSync(join(root, "lab/topologies"), join(lib, "lab/topologies"), { recursive: true });
  const { name, version, type, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  write(tree, "usr/lib/clatd/package.json", `${JSON.stringify({ name, version, type, license }, undefined, 2)}\n`);
  write(tree, "usr/share/doc/clatd/copyright", copyrightFile(copyModules(lib), carried.version));
}

/** @param {string} tree @param {string} path @param {string | Buffer} content */
function write(tree, path, content) {
  const file = join(tree, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** @param {string} tree */
function aroundIt(tree) {
  for (const [launcher, script] of Object.entries(launchers)) {
    write(tree, launcher, `#!/bin/sh\nexec /usr/lib/clatd/bin/node /usr/lib/clatd/${script} "$@"\n`);
  }
  for (const [to, from] of Object.entries(copies)) {
    mkdirSync(dirname(join(tree, to)), { recursive: true });
    copyFileSync(join(root, from), join(tree, to));
  }
  for (const page of readdirSync(join(root, "dist/man"))) {
    const section = page.slice(-1);
    write(tree, `usr/share/man/man${section}/${page}.gz`, zipped(readFileSync(join(root, "dist/man", page))));
  }
  write(tree, "usr/share/doc/clatd/changelog.Debian.gz", zipped(changelog()));
  write(tree, "usr/share/lintian/overrides/clatd", lintianOverrides);
}

const executable = new Set([...Object.keys(launchers), "usr/lib/clatd/bin/node"]);

/** Modes and times as they are to be, whatever the umask here; gives the size. @param {string} tree */
function settle(tree) {
  const when = new Date(`${release.date}T12:00:00Z`);
  let octets = 0;
  const paths = readdirSync(tree, { recursive: true, encoding: "utf8" }).sort().reverse();
  for (const path of paths) {
    const file = join(tree, path);
    const isFolder = statSync(file).isDirectory();
    chmodSync(file, isFolder || executable.has(path) ? 0o755 : 0o644);
    utimesSync(file, when, when);
    octets += isFolder ? 1024 : statSync(file).size;
  }
  return Math.ceil(octets / 1024);
}

/** @param {string} tree @param {number} kilobytes @param {string} architecture */
function control(tree, kilobytes, architecture) {
  const sums = spawnSync("find", ["usr", "lib", "-type", "f", "-exec", "md5sum", "{}", "+"], {
    cwd: tree,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  write(tree, "DEBIAN/control", controlFile({ architecture, kilobytes }));
  const lines = sums.stdout.split("\n").filter((line) => line !== "");
  write(tree, "DEBIAN/md5sums", `${lines.sort().join("\n")}\n`);
  for (const [name, text] of Object.entries(maintainerScripts)) {
    write(tree, `DEBIAN/${name}`, text);
    chmodSync(join(tree, "DEBIAN", name), 0o755);
  }
}

/**
 * Builds it and gives its path.
 * @param {string} folder where it comes to
 * @param {{ quick?: boolean }} [options] `quick`: half as large again, in seconds instead of a minute
 */
export function buildDeb(folder, { quick = false } = {}) {
  const architecture = architectures[process.arch];
  if (architecture === undefined)
    throw new SetupError(
      `Cannot build a Debian package: this is ${process.arch}; it is made for ${Object.keys(architectures).join(" and ")}`,
    );
  const tree = mkdtempSync(join(tmpdir(), "clatd-deb-"));
  try {
    chmodSync(tree, 0o755);
    program(tree);
    aroundIt(tree);
    control(tree, settle(tree), architecture);
    mkdirSync(folder, { recursive: true });
    const file = join(folder, debFileName(architecture));
    // Zstandard would be the best of both, but lintian of Debian 12 does not know it.
    const compression = quick ? ["-Zgzip", "-z1"] : ["-Zxz"];
    const build = ["--root-owner-group", ...compression, "--build", tree, file];
    const epoch = { SOURCE_DATE_EPOCH: `${Date.parse(`${release.date}T12:00:00Z`) / 1000}` };
    must(`build ${basename(file)}`, "dpkg-deb", build, epoch);
    return file;
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}
