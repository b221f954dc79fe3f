// The composition root: the parts of a daemon on a real host, from a configuration. Nowhere else do these meet.

import { readFile } from "node:fs/promises";
import type { Config } from "../config/key-table.js";
import type { DaemonParts } from "../daemon/daemon.js";
import type { Log } from "../daemon/log.js";
import { Dns64Source } from "../discovery/dns64.js";
import { fixedSource } from "../discovery/fixed.js";
import { fixedServers, resolvConfServers } from "../discovery/resolv-conf.js";
import type { Pref64Source } from "../discovery/source.js";
import { udpTcpTransport } from "../discovery/udp-tcp-transport.js";
import { userspaceHost } from "../engine/userspace/host.js";
import { type Journal, openJournal } from "../os/journal.js";
import { parseJournal } from "../os/journal-lines.js";
import { fileStorage, isAlive, thisOwner } from "../os/linux/journal-file.js";
import { LinuxOs } from "../os/linux/linux-os.js";
import { chooseEngine } from "./choose-engine.js";
import { runScript } from "./run-script.js";
import { journalPath } from "./runtime-dir.js";
import { systemClock, systemRandom } from "./system-clock.js";
import { packageVersion } from "./version.js";

export function linuxOs(config: Config): LinuxOs {
  return new LinuxOs({ ip: config["cmd-ip"], nft: config["cmd-nft"] });
}

/** The sources that the configuration asks for. With `plat-prefix` nobody else is asked. */
export function pref64Sources(config: Config): Pref64Source[] {
  const prefix = config["plat-prefix"];
  if (prefix !== undefined) return [fixedSource("static", prefix)];
  const servers = config["dns64-servers"];
  const dns64 = new Dns64Source({
    servers: servers === undefined ? resolvConfServers((path) => readFile(path, "utf8")) : fixedServers(servers),
    transport: udpTcpTransport,
    clock: systemClock,
    random: systemRandom,
  });
  const fallback = config["plat-fallback-prefix"];
  return fallback === undefined ? [dns64] : [dns64, fixedSource("fallback", fallback)];
}

export function openLinuxJournal(config: Config, dir: string): Promise<Journal> {
  const path = journalPath(dir, config["clat-dev"]);
  return openJournal({ storage: fileStorage, path, owner: thisOwner(packageVersion()), isAlive });
}

/** What a running daemon has applied, read without touching its journal; nothing where that cannot be read. */
export async function appliedNow(config: Config, dir: string): Promise<ReturnType<typeof parseJournal>["entries"]> {
  try {
    const text = await fileStorage.read(journalPath(dir, config["clat-dev"]));
    return text === undefined ? new Map() : parseJournal(text).entries;
  } catch {
    return new Map();
  }
}

/** Throws, with a message for people, where no engine can run here. */
export async function daemonParts(config: Config, os: LinuxOs, dir: string, log: Log): Promise<DaemonParts> {
  return {
    os,
    clock: systemClock,
    random: systemRandom,
    log,
    sources: pref64Sources(config),
    engine: await chooseEngine(config.engine, os),
    translators: userspaceHost({ tun: (name) => tunOf(os, name) }),
    runScript,
    pid: process.pid,
    runtimeDir: dir,
    openJournal: () => openLinuxJournal(config, dir),
  };
}

function tunOf(os: LinuxOs, name: string): { fd: number; headerLength: number } {
  const tun = os.tun(name);
  if (tun === undefined) throw new Error(`Cannot translate on ${name}: clatd has not opened that TUN`);
  return tun;
}
