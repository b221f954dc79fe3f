// What the guest has that this machine has not: a kernel, and a tree of its modules and of programs that lies over this
// machine's root. Made once for each set of package versions, and kept in the cache.
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { must, root, say } from "../bootstrap.mjs";
import { unpack, wantedPackages } from "./debian.mjs";
import { buildJool } from "./jool.mjs";

/** @typedef {{ release: string, kernel: string, tree: string }} GuestSystem */

/** Drivers of no machine that QEMU is: most of the modules' octets. */
const spared = ["drivers/gpu", "drivers/media", "drivers/infiniband", "drivers/staging", "drivers/usb", "sound"];

const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "clatd", "vm");

/** Bring it about, or find it. @returns {GuestSystem} */
export function guestSystem() {
  const wanted = wantedPackages();
  const { release, guest, build } = wanted;
  const key = createHash("sha256").update(JSON.stringify(wanted));
  // What is made depends on the code that makes it too.
  for (const name of ["debian.mjs", "guest-system.mjs", "jool.mjs"])
    key.update(readFileSync(join(root, "ci/vm", name)));
  const folder = join(cache, `${release}-${key.digest("hex").slice(0, 12)}`);
  const system = {
    release,
    kernel: join(folder, "vmlinuz"),
    tree: join(folder, "tree"),
  };
  removeOld();
  if (existsSync(folder)) {
    const now = new Date();
    utimesSync(folder, now, now);
    return system;
  }
  mkdirSync(cache, { recursive: true });
  // Another run may be making the same at this moment: whoever is first has made it.
  const making = mkdtempSync(`${folder}.`);
  const tree = join(making, "tree");
  say(`downloading Debian's kernel ${release} and what belongs to it`);
  unpack(guest, tree);
  // The root that it will lie over has /lib and its like as links into /usr.
  for (const name of ["bin", "lib", "sbin"]) moveInto(join(tree, name), join(tree, "usr", name));
  const modules = join(tree, "usr/lib/modules", release);
  for (const name of spared) rmSync(join(modules, "kernel", name), { recursive: true, force: true });
  renameSync(join(tree, `boot/vmlinuz-${release}`), join(making, "vmlinuz"));
  rmSync(join(tree, "boot"), { recursive: true });
  say("downloading the kernel's headers and Jool's source");
  const headers = join(making, "build");
  unpack(build, headers);
  say("building Jool for that kernel");
  for (const file of buildJool(headers, release, join(making, "jool")))
    cpSync(file, join(modules, "extra", basename(file)));
  for (const name of ["build", "jool"]) rmSync(join(making, name), { recursive: true });
  depmod(tree, release, making);
  if (existsSync(folder)) rmSync(making, { recursive: true });
  else renameSync(making, folder);
  return system;
}

/** What nobody has used for a month: of other versions, or left by a run that was broken off. */
function removeOld() {
  if (!existsSync(cache)) return;
  const before = Date.now() - 30 * 86_400_000;
  for (const name of readdirSync(cache))
    if (statSync(join(cache, name)).mtimeMs < before) rmSync(join(cache, name), { recursive: true, force: true });
}

/** @param {string} from a folder @param {string} to a folder that may be there already */
function moveInto(from, to) {
  if (!existsSync(from)) return;
  cpSync(from, to, { recursive: true, verbatimSymlinks: true });
  rmSync(from, { recursive: true });
}

/** By the unpacked kmod: this machine need not have it. @param {string} tree @param {string} release @param {string} work */
function depmod(tree, release, work) {
  const program = join(work, "depmod");
  symlinkSync(join(tree, "usr/bin/kmod"), program);
  const libraries = readdirSync(join(tree, "usr/lib")).filter((name) => name.endsWith("-linux-gnu"));
  const LD_LIBRARY_PATH = libraries.map((name) => join(tree, "usr/lib", name)).join(":");
  // It looks into lib/modules, which is usr/lib/modules here.
  must("list the modules' dependencies", program, ["-b", join(tree, "usr"), release], { LD_LIBRARY_PATH });
  rmSync(program);
}
