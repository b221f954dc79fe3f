// Debian packages that are unpacked into the cache, not installed: the kernel that the guest boots, what Jool is built from,
// and the few programs that the guest has besides this machine's.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { must, SetupError, say } from "../bootstrap.mjs";
import { readPackages } from "./package-list.mjs";

/** @typedef {{ name: string, version: string }} Package */

/**
 * @typedef {object} Wanted
 * @property {string} release what `uname -r` says in the guest: `6.1.0-56-amd64`
 * @property {Package[]} guest
 * @property {Package[]} build
 */

/** Which packages there are, by this machine's package lists. @returns {Wanted | undefined} undefined: they name not all */
function look() {
  const image = one("linux-image-amd64")?.depends.find((name) => name.startsWith("linux-image-"));
  if (image === undefined) return undefined;
  const release = image.replace(/^linux-image-/, "");
  const headers = one(`linux-headers-${release}`);
  if (headers === undefined) return undefined;
  const parts = headers.depends.filter((name) => /^linux-(headers|kbuild)-/.test(name));
  const guest = [image, "busybox-static", "jool-tools", "kmod", "libkmod2", "libnl-3-200", "libnl-genl-3-200"].map(one);
  const build = ["jool-dkms", headers.name, ...parts].map((name) => one(name));
  const all = [...guest, ...build].filter((known) => known !== undefined);
  if (all.length < guest.length + build.length) return undefined;
  return { release, guest: all.slice(0, guest.length), build: all.slice(guest.length) };
}

/** The package that apt would install. @param {string} name */
function one(name) {
  const { stdout } = spawnSync("apt-cache", ["show", "--no-all-versions", name], { encoding: "utf8" });
  return readPackages(stdout ?? "").find((known) => known.name === name);
}

/** @returns {Wanted} */
export function wantedPackages() {
  if (process.arch !== "x64")
    throw new SetupError(`Cannot make a virtual machine: this is ${process.arch}; only x64 has been seen to work.`);
  const known = look();
  if (known !== undefined) return known;
  refresh();
  const now = look();
  if (now !== undefined) return now;
  throw new SetupError(
    "Cannot make a virtual machine: this system's package lists do not have linux-image-amd64, its headers, jool-dkms, jool-tools, kmod and busybox-static; Debian 12's do.",
  );
}

function refresh() {
  if (process.getuid?.() !== 0) return;
  say("refreshing Debian's package lists");
  must("refresh Debian's package lists", "apt-get", ["-q", "update"]);
}

/**
 * Downloads packages and unpacks them over each other into a new folder.
 * @param {readonly Package[]} packages @param {string} folder
 */
export function unpack(packages, folder) {
  const archives = join(folder, "archives");
  mkdirSync(archives, { recursive: true });
  const words = ["-q", "download", ...packages.map(({ name, version }) => `${name}=${version}`)];
  if (spawnSync("apt-get", words, { cwd: archives, stdio: "ignore" }).status !== 0) {
    // The lists are older than the archive, which only has the newest.
    refresh();
    must("download Debian packages", "apt-get", words, {}, archives);
  }
  for (const archive of readdirSync(archives).sort())
    must("unpack a Debian package", "dpkg-deb", ["-x", join(archives, archive), folder]);
  rmSync(archives, { recursive: true });
}
