// Looking at the system: snapshots and route look-ups, by `ip -json` in as few commands as it can be.

import { canonicalDestination } from "../canonical.js";
import { cannot } from "../describe.js";
import { OsError, type RouteLookup } from "../driver.js";
import type { Route, Rule } from "../effect.js";
import { isRoute } from "../identity.js";
import { anyPrefix } from "../ip-words.js";
import type { LinkState, NetSnapshot } from "../snapshot.js";
import { sorted, sortedByName } from "../sorted.js";
import { deviceKey } from "../sysctl.js";
import {
  type IpLink,
  type IpNeighbour,
  type IpRoute,
  type IpRule,
  parseBatch,
  readAddresses,
  readLink,
  readNeighbour,
  readRoutes,
  readRule,
} from "./ip-json.js";
import { oneLine } from "./kernel-words.js";
import { splitRuleset } from "./nft-text.js";
import { type Finished, run } from "./run.js";
import type { Sysctls } from "./sysctls.js";

/** Where and with which commands to look. */
export interface Sight {
  readonly prefix: readonly string[];
  readonly sysctls: Sysctls;
  readonly ip: string;
  readonly nft: string;
}

const json = ["-json", "-details", "-Numeric"];

/** All but the programs, which only who has attached them can tell. */
export async function lookAll(sight: Sight): Promise<Omit<NetSnapshot, "programs">> {
  // `rule` and proxies speak of one family at a time; links, addresses and routes of both.
  const [both, six, sysctls, nft] = await Promise.all([
    batch(sight, [], ["address show", "route show table all", "rule show"]),
    batch(sight, ["-6"], ["rule show", "neighbour show proxy"]),
    sight.sysctls.readShown(),
    lookNft(sight),
  ]);
  const links = (both[0] ?? []) as readonly IpLink[];
  return {
    links: sortedByName(links.map(readLink)),
    addresses: sorted(links.flatMap(readAddresses)),
    routes: sorted(((both[1] ?? []) as readonly IpRoute[]).flatMap(readRoutes)),
    rules: [
      ...readRules((both[2] ?? []) as readonly IpRule[], 4),
      ...readRules((six[0] ?? []) as readonly IpRule[], 6),
    ],
    proxies: sorted(((six[1] ?? []) as readonly IpNeighbour[]).map(readNeighbour)),
    sysctls,
    nft,
  };
}

export async function lookLink(sight: Sight, name: string): Promise<LinkState | undefined> {
  const { code, stdout } = await run([...sight.prefix, sight.ip, ...json, "link", "show", "dev", name]);
  const [link] = code === 0 ? ((parseBatch(stdout)[0] ?? []) as readonly IpLink[]) : [];
  return link === undefined ? undefined : readLink(link);
}

export async function lookRules(sight: Sight, family: 4 | 6): Promise<Rule[]> {
  const [rules = []] = await batch(sight, [`-${family}`], ["rule show"]);
  return readRules(rules as readonly IpRule[], family);
}

export async function lookRoute(sight: Sight, address: string): Promise<RouteLookup | undefined> {
  const lines = [`route get ${address}`, `route get fibmatch ${address}`, "link show"];
  const { code, stdout, stderr } = await run([...sight.prefix, sight.ip, ...json, "-batch", "-"], {
    input: `${lines.join("\n")}\n`,
  });
  if (code !== 0) {
    // The last two are what `blackhole` and `prohibit` routes answer.
    if (/unreachable|No route to host|No such process|Invalid argument|Permission denied/.test(stderr))
      return undefined;
    throw new OsError("failed", `Cannot look up the route to ${address}: ${oneLine(stderr)}`);
  }
  const [got, matched, links] = parseBatch(stdout) as [readonly IpRoute[], readonly IpRoute[], readonly IpLink[]];
  const route = got[0];
  const dev = route?.dev;
  if (route === undefined || dev === undefined) return undefined;
  // The MTU of the route itself: what `get` shows may be what was learned about one path, and runs out.
  const ownMtu = Object.assign({}, ...(matched[0]?.metrics ?? [])) as { mtu?: number };
  const deviceMtu = links.find(({ ifname }) => ifname === dev)?.mtu ?? 1500;
  const mtu = ownMtu.mtu ?? (address.includes(":") ? await ipv6Mtu(sight, dev, deviceMtu) : deviceMtu);
  const via = route.gateway ?? route.via?.host;
  return {
    dev,
    ...(route.prefsrc === undefined ? {} : { source: route.prefsrc }),
    ...(via === undefined ? {} : { via }),
    mtu,
  };
}

/** A Router Advertisement may make it less than the device's (RFC 4861 §4.6.4). */
async function ipv6Mtu(sight: Sight, dev: string, deviceMtu: number): Promise<number> {
  const value = Number(await sight.sysctls.read(deviceKey("ipv6", dev, "mtu")));
  return value > 0 ? Math.min(value, deviceMtu) : deviceMtu;
}

/** A route in `ip`'s own words, complete with what our Route does not hold (locked MTU, windows, …), to bring it back exactly. */
export async function lookWithheld(sight: Sight, route: Route): Promise<Readonly<Record<string, unknown>>> {
  const selector = [`-${route.family}`, "-details", "-Numeric"];
  const show = ["route", "show", "table", `${route.table}`];
  const [structured, text] = await Promise.all([
    run([...sight.prefix, sight.ip, ...selector, "-json", ...show]),
    run([...sight.prefix, sight.ip, ...selector, "-oneline", ...show]),
  ]);
  const entries = ((parseBatch(structured.stdout)[0] ?? []) as readonly IpRoute[]).map((entry) => ({
    ...entry,
    table: `${route.table}`,
  }));
  const index = entries.findIndex((entry) => readRoutes(entry).some((one) => isRoute(one, route)));
  const lines = text.stdout.split("\n").filter((line) => line.trim() !== "");
  const line = lines[index];
  const effect = { do: "route.withhold", route } as const;
  if (line === undefined || lines.length !== entries.length) {
    throw new OsError("missing", cannot(effect, "there is no such route"));
  }
  if (line.includes("nexthop")) {
    throw new OsError(
      "unsupported",
      cannot(effect, "it has several next hops; replace it by one with a single next hop"),
    );
  }
  return { words: wordsToAdd(line, route) };
}

const flags = new Set(["linkdown", "dead", "offload", "trap", "pervasive", "rt_offload", "rt_trap", "unresolved"]);

/** A line of `ip -details -Numeric route show` as words for `ip route add`. */
function wordsToAdd(line: string, route: Route): string[] {
  // The first word is the type as a number, which `add` does not take.
  const [, destination = "", ...rest] = line.trim().split(/\s+/);
  const head = route.type === undefined || route.type === "unicast" ? [] : [route.type];
  const any = canonicalDestination(destination) === "default" ? anyPrefix(route.family) : destination;
  const words = rest.filter((word) => !flags.has(word)).map((word) => word.replace(/^(\d+)sec$/, "$1"));
  return [...head, any, ...words, "table", `${route.table}`];
}

async function lookNft({ prefix, nft }: Sight): Promise<NetSnapshot["nft"]> {
  if (nft === "") return [];
  try {
    const { code, stdout } = await run([...prefix, nft, "-s", "list", "ruleset"]);
    return code === 0 ? sorted(splitRuleset(stdout)) : [];
  } catch (error) {
    if (error instanceof OsError && error.code === "missing") return [];
    throw error;
  }
}

async function batch(
  sight: Sight,
  words: readonly string[],
  lines: readonly string[],
): Promise<readonly (readonly unknown[])[]> {
  const { code, stdout, stderr } = await settled(() =>
    run([...sight.prefix, sight.ip, ...words, ...json, "-batch", "-"], { input: `${lines.join("\n")}\n` }),
  );
  const answers = parsed(stdout);
  if (code !== 0 || answers.length !== lines.length) {
    throw new OsError("failed", `Cannot look at the network: ip: ${oneLine(stderr) || "an unexpected answer"}`);
  }
  return answers;
}

const mostLooks = 5;

/**
 * The kernel lists piece by piece, and tells when something changed between two of them: then a route that stood all the time
 * may be missing in the list (NLM_F_DUMP_INTR).
 */
async function settled(look: () => Promise<Finished>): Promise<Finished> {
  let seen = await look();
  for (let looks = 1; looks < mostLooks && /^Dump was interrupted/m.test(seen.stderr); looks++) seen = await look();
  return seen;
}

/** Another `ip` than that of iproute2 (BusyBox has one) knows no JSON. */
function parsed(stdout: string): readonly (readonly unknown[])[] {
  try {
    return parseBatch(stdout);
  } catch (cause) {
    throw new OsError(
      "unsupported",
      "Cannot look at the network: ip does not print JSON; it takes that of iproute2 5.0 or later",
      { cause },
    );
  }
}

function readRules(entries: readonly IpRule[], family: 4 | 6): Rule[] {
  return entries.map((entry) => readRule(entry, family)).filter((rule) => rule !== undefined);
}
