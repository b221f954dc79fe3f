// The composition root: the parts of a daemon on a real host, from a configuration. Nowhere else do these meet.

import { readFile } from "node:fs/promises";
import type { Config } from "../config/key-table.js";
import type { DaemonParts } from "../daemon/daemon.js";
import type { Log } from "../daemon/log.js";
import { Dns64Source } from "../discovery/dns64.js";
import { fixedSource } from "../discovery/fixed.js";
import { NetworkdSource } from "../discovery/networkd.js";
import { fixedServers, resolvConfServers } from "../discovery/resolv-conf.js";
import type { Pref64Source } from "../discovery/source.js";
import { udpTcpTransport } from "../discovery/udp-tcp-transport.js";
import { ebpfHost } from "../engine/ebpf/host.js";
import { type Journal, openJournal } from "../os/journal.js";
import { parseJournal } from "../os/journal-lines.js";
import { linkFacts } from "../os/linux/bpf/link-facts.js";
import { readDeviceTraffic } from "../os/linux/device-traffic.js";
import { fileStorage, isAlive, thisOwner } from "../os/linux/journal-file.js";
import { LinuxOs } from "../os/linux/linux-os.js";
import { networkctlStatus } from "../os/linux/networkctl.js";
import { engineField } from "./choose-engine.js";
import { otherClatds } from "./other-clatds.js";
import { runScript } from "./run-script.js";
import { journalPath } from "./runtime-dir.js";
import { systemClock, systemRandom } from "./system-clock.js";
import { packageVersion } from "./version.js";

export function linuxOs(config: Config): LinuxOs {
  return new LinuxOs({ ip: config["cmd-ip"], nft: config["cmd-nft"] ?? "", ufw: config["cmd-ufw"] });
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
  return [...networkdSources(config), dns64, ...(fallback === undefined ? [] : [fixedSource("fallback", fallback)])];
}

/** Who names DNS64 servers wants those to be asked. */
function networkdSources(config: Config): Pref64Source[] {
  const command = config["cmd-networkctl"];
  if (command === undefined || config["dns64-servers"] !== undefined) return [];
  return [
    new NetworkdSource({ clock: systemClock, ask: () => networkctlStatus(command), platDev: config["plat-dev"] }),
  ];
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

export function daemonParts(config: Config, os: LinuxOs, dir: string, log: Log): DaemonParts {
  return {
    os,
    clock: systemClock,
    random: systemRandom,
    log,
    sources: pref64Sources(config),
    engines: engineField(config, dir),
    translators: ebpfHost({ tun: (name) => tunOf(os, name), fastPath: (name) => os.fastPath(name), link: linkFacts }),
    runScript,
    deviceTraffic: readDeviceTraffic,
    pid: process.pid,
    runtimeDir: dir,
    others: otherClatds(config["clat-dev"], dir),
    openJournal: () => openLinuxJournal(config, dir),
  };
}

function tunOf(os: LinuxOs, name: string): { fd: number; headerLength: number } {
  const tun = os.tun(name);
  if (tun === undefined) throw new Error(`Cannot translate on ${name}: clatd has not opened that TUN`);
  return tun;
}
