// `clatd status` for people, in the manner of `wg show`: what it is, then a fact a line. Pure.

import type { StatusRecord } from "../daemon/status.js";
import type { DirectionCounters } from "../xlat/counters.js";
import { type Styles, styles } from "./terminal.js";

export function statusText(status: StatusRecord, colours = false): string {
  const style = styles(colours);
  const state = status.state === "active" ? style.good(status.state) : style.bad(status.state);
  const lines = [
    `${style.title("clat")}: ${style.title(status.clatDev)}`,
    ...facts(style, [
      ["state", `${state} for ${duration(status.seconds)}, since ${timeText(status.since)}`],
      [status.state === "waiting" ? "why" : "means", status.text],
      ...activeFacts(status),
      ...counterFacts(status),
      ["effects", status.effects === 0 ? "none on this system" : `${status.effects} on this system, in the journal`],
      ...courseFacts(status),
      ["process", `${status.pid}, clatd ${status.clatd}, started ${timeText(status.started)}`],
      ...errorFacts(status, style),
    ]),
  ];
  return `${lines.join("\n")}\n`;
}

type Fact = readonly [string, string];

function courseFacts({ restarts, reloads }: StatusRecord): Fact[] {
  const { taken, refused } = reloads;
  return [
    ...(restarts === 0 ? [] : [["restarts", `${restarts} of the engine, which had ended unasked`] as const]),
    ...(taken + refused === 0 ? [] : [["reloads", `${taken} taken, ${refused} refused`] as const]),
  ];
}

/** `2026-11-23 18:00:00 UTC`. */
function timeText(date: string): string {
  return date.replace(/^(.*)T(.*?)(?:\.\d+)?Z$/, "$1 $2 UTC");
}

function activeFacts({ active }: StatusRecord): Fact[] {
  if (active === undefined) return [];
  return [
    ["pref64", `${active.pref64} (${originWords[active.origin] ?? active.origin})`],
    ["uplink", active.uplink],
    ["addresses", `${active.v4} <-> ${active.v6}`],
    ...relayFacts(active.relay),
    ["mtu", `IPv4 ${active.mtu.v4}, IPv6 ${active.mtu.v6}`],
    ["engine", active.engine.why === "" ? active.engine.name : `${active.engine.name} (${active.engine.why})`],
    ...(active.notes ?? []).map((note) => ["note", note] as const),
  ];
}

function relayFacts(relay: NonNullable<StatusRecord["active"]>["relay"]): Fact[] {
  if (relay === undefined) return [];
  const { mappings, behind } = relay;
  const many = `${mappings} ${mappings === 1 ? "mapping" : "mappings"}`;
  return [["relay", `${many}, ${behind.length === 0 ? "services on this host" : `nodes behind ${behind.join(", ")}`}`]];
}

const originWords: Readonly<Record<string, string>> = {
  static: "from plat-prefix",
  fallback: "from plat-fallback-prefix",
  dns64: "from DNS64",
  ra: "from a Router Advertisement",
  networkd: "from systemd-networkd",
};

function counterFacts({ active, counters, translated }: StatusRecord): Fact[] {
  if (translated !== undefined) {
    const { v4ToV6, v6ToV4 } = translated;
    return [
      ["transfer", `${volume(v4ToV6)} sent, ${volume(v6ToV4)} received, as translated`],
      ["dropped", `not known: ${active?.engine.name ?? "the engine"} does not tell`],
    ];
  }
  if (counters === undefined) return [];
  return [
    ["transfer", `${volume(counters.v4ToV6)} sent, ${volume(counters.v6ToV4)} received`],
    ...dropFacts("dropped going out", counters.v4ToV6),
    ...dropFacts("dropped coming in", counters.v6ToV4),
  ];
}

function volume({ packets, octets }: Pick<DirectionCounters, "packets" | "octets">): string {
  return `${size(octets)} in ${packets} ${packets === 1 ? "packet" : "packets"}`;
}

function dropFacts(name: string, { drops }: DirectionCounters): Fact[] {
  const seen = Object.entries(drops).filter(([, count]) => count > 0);
  if (seen.length === 0) return [];
  return [[name, seen.map(([reason, count]) => `${count} ${reason}`).join(", ")]];
}

function errorFacts({ lastError }: StatusRecord, style: Styles): Fact[] {
  if (lastError === undefined) return [];
  const hint: Fact[] = lastError.hint === "" ? [] : [["hint", lastError.hint]];
  return [["last error", `${style.bad(lastError.text)} (${duration(lastError.seconds)} ago)`], ...hint];
}

function facts(style: Styles, rows: readonly Fact[]): string[] {
  return rows.map(([name, text]) => `  ${style.faint(`${name}:`)} ${text}`);
}

/** `2 days, 3 hours`: the two largest units. */
export function duration(seconds: number): string {
  if (seconds < 1) return "less than a second";
  const units = [
    ["day", 86400],
    ["hour", 3600],
    ["minute", 60],
    ["second", 1],
  ] as const;
  let left = Math.floor(seconds);
  const parts: string[] = [];
  for (const [name, length] of units) {
    const count = Math.floor(left / length);
    left -= count * length;
    if (count > 0) parts.push(`${count} ${name}${count === 1 ? "" : "s"}`);
  }
  return parts.slice(0, 2).join(", ");
}

/** Octets with a binary unit: `12.3 MiB`. */
export function size(octets: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let value = octets;
  let unit = 0;
  // Rounded first, so that 1023.99 KiB does not become 1024.0 KiB.
  while (unit < units.length - 1 && Number(value.toFixed(1)) >= 1024) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
