// What an operator installs, installed in a clean Debian: the Debian package, the npm tarball, the image of ci/Dockerfile.
// Each has to say what it is, to plan, and to run a whole lab.

import { cp, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { execa } from "execa";
import { GenericContainer, type StartedTestContainer, Wait } from "testcontainers";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { buildDeb } from "../../../ci/package/deb.mjs";
import { cached, nodeBinary } from "../../../ci/package/node-binary.mjs";
import { buildTarball } from "../../../ci/package/npm.mjs";
import { type HostState, hostState } from "../lab/host-state.js";
import { baseArchive, baseImage, importBaseImage } from "./base-image.js";
import { LabContainer, run } from "./container.js";
import { call, type Engine, engineObstacle, startEngine, traces } from "./docker-engine.js";
import { unreachable } from "./needed.js";

let obstacle = (await engineObstacle()) ?? unreachable();
const environment = { ...process.env };
const idle = ["sleep", "infinity"];
let folder = "";
let deb = "";
let engine: Engine | undefined;
let before: { host: HostState; traces: string[] } | undefined;

beforeAll(async () => {
  if (obstacle !== undefined) return;
  before = { host: await hostState(), traces: await traces() };
  folder = await mkdtemp(join(tmpdir(), "clatd-packages-"));
  const archive = await baseArchive().catch((error: Error) => {
    obstacle = `Debian cannot be fetched: ${error.message.split("\n")[0]}`;
  });
  if (archive === undefined) return;
  deb = buildDeb(folder, { quick: true });
  engine = await startEngine();
  // Nobody's credentials, no container of testcontainers' own, which would have to be fetched, and no lock that it leaves.
  Object.assign(process.env, {
    DOCKER_HOST: `unix://${engine.socket}`,
    DOCKER_CONFIG: folder,
    TMPDIR: folder,
    TESTCONTAINERS_RYUK_DISABLED: "true",
  });
  await importBaseImage(engine, archive);
}, 900_000);

afterAll(async () => {
  if (before === undefined) return;
  if (engine?.foreign) await call(engine.socket, "DELETE", `/images/${baseImage}?force=1`);
  await engine?.end();
  await rm(folder, { recursive: true, force: true });
  process.env = environment;
  const asBefore = async () => expect({ host: await hostState(), traces: await traces() }).toEqual(before);
  await vi.waitFor(asBefore, { timeout: 60_000, interval: 200 });
});

beforeEach(({ skip }) => {
  if (obstacle !== undefined) skip(obstacle);
});

/** What each of them must be able to do, however it was installed. */
async function works(container: StartedTestContainer): Promise<void> {
  expect(await run(container, "clatd", "--help")).toContain("a CLAT (464XLAT, RFC 6877)");
  // A container of the default bridge has IPv4.
  expect(await run(container, "clatd", "plan")).toMatch(/^# Nothing would be done now\. .*IPv4/);
  expect(await run(container, "clatlab", "run", "464xlat-builtin")).toMatch(/\n\d+ passed, 0 failed, 0 skipped/);
}

/** Installs a package with the Perl clatd's name, number and files, as far as they matter here. */
const perlClatd = `
  mkdir -p /root/perl/DEBIAN /root/perl/etc /root/perl/usr/sbin /root/perl/usr/lib/systemd/system && cd /root/perl
  echo quiet=1 > etc/clatd.conf && echo '[Unit]' > usr/lib/systemd/system/clatd.service
  printf '#!/bin/sh\\n' > usr/sbin/clatd && echo /etc/clatd.conf > DEBIAN/conffiles
  printf '%s\\n' 'Package: clatd' 'Version: 2.1.0-2+deb13u1' 'Architecture: all' 'Maintainer: nobody <nobody@localhost>' \\
    'Description: stands for the Perl clatd' > DEBIAN/control
  dpkg-deb --build . /root/perl.deb && apt-get install -y /root/perl.deb`;

describe("the Debian package", () => {
  it("installs on Debian 12 without a network, works, and goes without a trace", async () => {
    const target = `/root/${basename(deb)}`;
    await using container = await new LabContainer(baseImage)
      .withCommand(idle)
      .withCopyFilesToContainer([{ source: deb, target }])
      .start();
    const install = ["apt-get", "install", "-y", "-o", "Dpkg::Use-Pty=0", target];
    await run(container, ...install);
    expect(await run(container, "dpkg", "--verify", "clatd")).toBe("");
    expect(await run(container, "clatd", "check")).toContain("/etc/clatd.conf: good, 0 keys are set");
    await works(container);
    // In the place of the Perl clatd, which Debian 13 has under this name: its file stays as it is, and nobody is asked.
    await run(container, "apt-get", "purge", "-y", "clatd");
    await run(container, "sh", "-c", perlClatd);
    await run(container, "sh", "-c", "echo clat-dev=nat64 >> /etc/clatd.conf");
    await run(container, ...install);
    expect(await run(container, "cat", "/etc/clatd.conf")).toBe("quiet=1\nclat-dev=nat64\n");
    expect(await run(container, "dpkg", "--verify", "clatd")).not.toMatch(/ \/(usr|lib)\//);
    expect(await run(container, "sh", "-c", "clatd --version; /usr/sbin/clatd --version")).toMatch(
      /^(clatd \d.*\n){2}$/,
    );
    await run(container, "apt-get", "purge", "-y", "clatd");
    const traces = "dpkg -L clatd; ls -d /usr/lib/clatd /usr/*bin/clat* /etc/clatd.conf; true";
    expect(await run(container, "sh", "-c", traces)).not.toMatch(/^\//m);
  });
});

describe("the npm tarball", () => {
  it("is what npm install -g takes, works, and goes without a trace", async ({ skip }) => {
    const tarball = buildTarball(folder);
    const target = `/root/${basename(tarball)}`;
    const npm = dirname(dirname(await realpath((await execa("which", ["npm"])).stdout)));
    const cache = cached("npm");
    // Here, with a registry, so that the cache has all that the container needs.
    const here = [
      "install",
      "--global",
      "--prefix",
      join(folder, "prefix"),
      "--cache",
      cache,
      "--prefer-offline",
      tarball,
    ];
    const installed = await execa("npm", here, { reject: false });
    if (/ENOTFOUND|EAI_AGAIN|ECONN|TIMEOUT|ETIMEDOUT|ENOTCACHED|code E5\d\d/.test(installed.stderr))
      skip("the npm registry cannot be reached");
    expect(installed).toMatchObject({ exitCode: 0 });
    await cp(cache, join(folder, "cache"), { recursive: true });
    await using container = await new LabContainer(baseImage)
      .withCommand(idle)
      .withCopyDirectoriesToContainer([
        { source: npm, target: "/usr/local/lib/node_modules/npm" },
        { source: join(folder, "cache"), target: "/root/cache" },
      ])
      .withCopyFilesToContainer([
        { source: tarball, target },
        { source: nodeBinary("22").node, target: "/usr/local/bin/node", mode: 0o755 },
      ])
      .start();
    const install = ["node", "/usr/local/lib/node_modules/npm/bin/npm-cli.js"];
    const options = ["--global", "--offline", "--cache", "/root/cache", "--no-update-notifier"];
    await run(container, ...install, "install", ...options, target);
    await works(container);
    const pages = ["ls", "/usr/local/share/man/man8/clatd.8", "/usr/local/share/man/man5/clatd.conf.5"];
    await run(container, ...pages);
    await run(container, ...install, "uninstall", ...options, "clatd");
    expect(await run(container, "sh", "-c", "ls /usr/local/bin /usr/local/lib/node_modules")).not.toContain("clat");
  });
});

describe("ci/Dockerfile", () => {
  it("makes an image that runs a lab by itself", async () => {
    const context = join(folder, "context");
    await cp("ci/Dockerfile", join(context, "Dockerfile"), { recursive: true });
    await cp(deb, join(context, basename(deb)));
    const image = "clatd-test-image:latest";
    // The base is the one that is here, and no list of packages can be fetched from there.
    const container = await GenericContainer.fromDockerfile(context)
      .withBuildArgs({ BASE: baseImage, UPDATE: "true" })
      .build(image, { deleteOnExit: false });
    try {
      expect(container).toBeDefined();
      await using once = await new LabContainer(image)
        .withWaitStrategy(Wait.forOneShotStartup().withStartupTimeout(240_000))
        .start();
      const said = await text(await once.logs());
      expect(said).toMatch(/^464xlat-builtin: /);
      expect(said).toMatch(/\n\d+ passed, 0 failed, 0 skipped/);
    } finally {
      if (engine !== undefined) await call(engine.socket, "DELETE", `/images/${image}?force=1`);
    }
  });
});
