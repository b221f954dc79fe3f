// A clean Debian without any image registry: debootstrap makes it once, the cache keeps it, the engine imports it.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { cached } from "../../../ci/package/node-binary.mjs";
import { call, type Engine } from "./docker-engine.js";

const suite = "bookworm";
/** What the Debian package depends on, and what 464xlat-builtin tries: a container has no way to get it later. */
const packages = ["iproute2", "iputils-ping", "libstdc++6", "nftables", "traceroute"];
/** Not needed, and a third of it all. */
const superfluous = ["var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/locale", "usr/share/info"];

export const baseImage = `clatd-test-${suite}:latest`;

export const baseArchive = (): Promise<string> => debianArchive(packages);

/** The path of a Debian's file system as an archive, from the cache where it has been made before. */
export async function debianArchive(packages: readonly string[]): Promise<string> {
  const inputs = JSON.stringify([suite, packages, superfluous, process.arch]);
  const hash = createHash("sha256").update(inputs).digest("hex").slice(0, 12);
  const archive = cached("images", `${suite}-${hash}.tar`);
  const isThere = await access(archive).then(
    () => true,
    () => false,
  );
  if (isThere) return archive;
  await mkdir(dirname(archive), { recursive: true });
  const work = await mkdtemp(`${archive}.`);
  try {
    const tree = join(work, "tree");
    const mirror = await archiveOf(suite);
    const wanted = `--include=${packages.join(",")}`;
    // In mount and process namespaces of its own: what it mounts, and forgets when it fails, is nobody else's.
    const spaces = ["-m", "-p", "-f", "--kill-child", "--mount-proc", "--propagation", "private"];
    await execa("unshare", [...spaces, "debootstrap", "--variant=minbase", wanted, suite, tree, mirror], { all: true });
    await Promise.all(superfluous.map((path) => rm(join(tree, path), { recursive: true, force: true })));
    const part = join(work, "image.tar");
    await execa("tar", ["-C", tree, "--numeric-owner", "-cf", part, "."]);
    await rename(part, archive);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return archive;
}

/** The archive of Debian that this machine takes its packages from. */
async function archiveOf(codename: string): Promise<string> {
  const words = ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", `Codename: ${codename}`];
  const { stdout } = await execa("apt-get", words, { reject: false });
  return stdout?.split("\n")[0] || "http://deb.debian.org/debian";
}

export async function importBaseImage({ socket }: Engine, archive: string): Promise<void> {
  const [repository, tag] = baseImage.split(":");
  const path = `/images/create?fromSrc=-&repo=${repository}&tag=${tag}`;
  const { status, text } = await call(socket, "POST", path, createReadStream(archive));
  if (status !== 200) throw new Error(`Cannot import ${archive}: ${status}: ${text}`);
}
