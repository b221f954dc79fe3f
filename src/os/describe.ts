// Effects as the commands that a person would type: for `clatd plan`, error messages and transcripts. Pure.

import type { Effect } from "./effect.js";
import { addressWords, routeWords, ruleWords } from "./ip-words.js";
import { ufwWords } from "./ufw-words.js";

/** What doing the effect means, one command an entry (an nft table spans lines inside its entry). */
export function describeEffect(effect: Effect): string[] {
  const ip = ipCommand(effect.in);
  switch (effect.do) {
    case "netns.add":
      return [`ip netns add ${effect.name}`];
    case "link.add":
      return describeLinkAdd(effect, ip);
    case "link.set":
      return describeLinkSet(effect, ip);
    case "address.add":
      return [ip("address", "add", ...addressWords(effect))];
    case "route.add":
      return [ip(...family(effect.route), "route", "add", ...routeWords(effect.route))];
    case "route.withhold":
      return [ip(...family(effect.route), "route", "del", ...routeWords(effect.route))];
    case "rule.add":
      return [ip(...family(effect.rule), "rule", "add", ...ruleWords(effect.rule))];
    case "rule.withhold":
      return [ip(...family(effect.rule), "rule", "del", ...ruleWords(effect.rule))];
    case "neighbour.proxy":
      return [ip(...neighbourFamily(effect.address), "neighbour", "add", "proxy", effect.address, "dev", effect.dev)];
    case "sysctl.set":
      return [inside(effect.in, `sysctl -w ${effect.key}=${effect.value}`)];
    case "nft.table":
      return [inside(effect.in, `nft 'table ${effect.family} ${effect.name} {\n${indent(effect.body)}\n}'`)];
    case "bpf.attach":
      return [inside(effect.in, `tc filter add ${attachWords(effect)}`)];
    case "nat46.device":
      return nat46Commands(effect).map((command) => `echo ${command} > ${nat46Control}`);
    case "jool.instance":
      return [inside(effect.in, `jool_siit file handle '${joolText(effect)}'`)];
    case "ufw.route":
      return [`ufw route ${ufwWords(effect).join(" ")} comment ${quote(effect.comment)}`];
    case "file.write":
      return [`install -m ${(effect.mode ?? 0o644).toString(8).padStart(4, "0")} /dev/stdin ${effect.path}`];
    case "process.start":
      return [inside(effect.in, `${effect.command.map(quote).join(" ")} &`)];
  }
}

/** What undoing it means, where prior values are not needed to say so; they are in the journal. */
export function describeRevert(effect: Effect): string[] {
  const ip = ipCommand(effect.in);
  switch (effect.do) {
    case "netns.add":
      return [`ip netns del ${effect.name}`];
    case "link.add":
      return [ip("link", "del", effect.name)];
    case "link.set":
      return [`# ${ip("link", "set", effect.name)} back to what it was`];
    case "address.add":
      return [ip("address", "del", effect.address, "dev", effect.dev)];
    case "route.add":
      return [ip(...family(effect.route), "route", "del", ...routeWords(effect.route))];
    case "route.withhold":
      return [ip(...family(effect.route), "route", "add", ...routeWords(effect.route))];
    case "rule.add":
      return [ip(...family(effect.rule), "rule", "del", ...ruleWords(effect.rule))];
    case "rule.withhold":
      return [ip(...family(effect.rule), "rule", "add", ...ruleWords(effect.rule))];
    case "neighbour.proxy":
      return [ip(...neighbourFamily(effect.address), "neighbour", "del", "proxy", effect.address, "dev", effect.dev)];
    case "sysctl.set":
      return [`# ${inside(effect.in, `sysctl ${effect.key}`)} back to what it was`];
    case "nft.table":
      return [inside(effect.in, `nft delete table ${effect.family} ${effect.name}`)];
    case "bpf.attach":
      return [inside(effect.in, `tc filter del ${attachWords(effect)}`)];
    case "nat46.device":
      return [`echo del ${effect.name} > ${nat46Control}`];
    case "jool.instance":
      return [inside(effect.in, `jool_siit instance remove ${effect.name}`)];
    case "ufw.route":
      return [`ufw route delete ${ufwWords(effect).join(" ")}`];
    case "file.write":
      return effect.keep === true ? [`# ${effect.path} stays`] : [`rm ${effect.path}`];
    case "process.start":
      return [`# stop ${effect.name}`];
  }
}

/** A few words for error messages: `route "default dev clat"`. */
export function nameEffect(effect: Effect): string {
  const where = effect.in === undefined ? "" : ` in ${effect.in}`;
  switch (effect.do) {
    case "netns.add":
      return `network namespace "${effect.name}"`;
    case "link.add":
    case "link.set":
      return `link "${effect.name}"${where}`;
    case "address.add":
      return `address "${addressWords(effect).join(" ")}"${where}`;
    case "route.add":
    case "route.withhold":
      return `route "${routeWords(effect.route).join(" ")}"${where}`;
    case "rule.add":
    case "rule.withhold":
      return `rule "${ruleWords(effect.rule).join(" ")}"${where}`;
    case "neighbour.proxy":
      return `proxy neighbour "${effect.address} dev ${effect.dev}"${where}`;
    case "sysctl.set":
      return `sysctl "${effect.key}=${effect.value}"${where}`;
    case "nft.table":
      return `nft table "${effect.family} ${effect.name}"${where}`;
    case "bpf.attach":
      return `BPF program "${effect.program} on ${effect.hook} of ${effect.dev}"${where}`;
    case "nat46.device":
      return `nat46 device "${effect.name}"`;
    case "jool.instance":
      return `Jool instance "${effect.name}"${where}`;
    case "ufw.route":
      return `UFW rule "${ufwWords(effect).join(" ")}"`;
    case "file.write":
      return `file "${effect.path}"`;
    case "process.start":
      return `process "${effect.name}"${where}`;
  }
}

const verbs = {
  add: "add",
  set: "set",
  withhold: "withhold",
  proxy: "add",
  table: "add",
  write: "write",
  device: "add",
  instance: "set up",
  start: "start",
  attach: "attach",
  route: "add",
};

/** `Cannot add route "default dev clat": <why>`. */
export function cannot(effect: Effect, why: string): string {
  const verb = effect.do.slice(effect.do.indexOf(".") + 1);
  return `Cannot ${Object.entries(verbs).find(([key]) => key === verb)?.[1] ?? verb} ${nameEffect(effect)}: ${why}`;
}

/** `Cannot undo route "default dev clat": <why>`. */
export function cannotUndo(effect: Effect, why: string): string {
  return `Cannot undo ${nameEffect(effect)}: ${why}`;
}

/** What it would be with clsact; with tcx no command shows it but `bpftool net`. */
function attachWords({ dev, hook, program }: Effect & { do: "bpf.attach" }): string {
  return `dev ${dev} ${hook} bpf direct-action object-file clat.bpf.o program ${program}`;
}

function ipCommand(netns: string | undefined): (...words: string[]) => string {
  return (...words) => ["ip", ...(netns === undefined ? [] : ["-n", netns]), ...words].join(" ");
}

function family(of: { readonly family: 4 | 6 }): string[] {
  return of.family === 6 ? ["-6"] : [];
}

function neighbourFamily(address: string): string[] {
  return address.includes(":") ? ["-6"] : [];
}

function inside(netns: string | undefined, command: string): string {
  return netns === undefined ? command : `ip netns exec ${netns} ${command}`;
}

/** Both ends of a direct veth have it: what one end sends to its own address, the other takes. Locally administered. */
export const directMac = "02:c1:a7:00:00:01";
export const directWords = ["address", directMac, "arp", "off"];

/** Where the module nat46 takes its commands. */
export const nat46Control = "/proc/net/nat46/control";

/** Each new rule goes before those that are there, and the first one is there with the device. */
export function nat46Commands({ name, rules }: Effect & { do: "nat46.device" }): string[] {
  const [last = "", ...before] = rules.toReversed();
  return [`add ${name}`, `config ${name} ${last}`, ...before.map((rule) => `insert ${name} ${rule}`)];
}

/** As `jool_siit file handle` reads it. */
export function joolText({ name, config }: Effect & { do: "jool.instance" }): string {
  const eamt = config.eamt.map(({ v4, v6 }) => ({ "ipv6 prefix": v6, "ipv4 prefix": v4 }));
  const { global, denylist4 } = config;
  return JSON.stringify({ instance: name, framework: "netfilter", global, eamt, denylist4 });
}

function describeLinkAdd(effect: Effect & { do: "link.add" }, ip: (...words: string[]) => string): string[] {
  const { link, name } = effect;
  const mtu = effect.mtu === undefined ? [] : [ip("link", "set", name, "mtu", `${effect.mtu}`)];
  switch (link.kind) {
    case "tun":
      return [ip("tuntap", "add", "dev", name, "mode", "tun", ...(link.offloads ? ["vnet_hdr"] : [])), ...mtu];
    case "bridge":
      return [ip("link", "add", name, "type", "bridge"), ...mtu];
    case "veth": {
      const direct = link.direct === true ? directWords : [];
      const there = link.peerNetns === undefined ? [] : ["netns", link.peerNetns];
      const peer = ["peer", "name", link.peer, ...direct, ...there];
      return [ip("link", "add", name, ...direct, "type", "veth", ...peer), ...mtu];
    }
  }
}

function describeLinkSet(effect: Effect & { do: "link.set" }, ip: (...words: string[]) => string): string[] {
  const commands: string[] = [];
  const words = linkSetWords(effect);
  if (words.length > 0) commands.push(ip("link", "set", effect.name, ...words));
  const features = Object.entries(effect.features ?? {}).flatMap(([name, on]) => [name, on ? "on" : "off"]);
  if (features.length > 0) commands.push(inside(effect.in, `ethtool -K ${effect.name} ${features.join(" ")}`));
  return commands;
}

/** The properties that `ip link set` knows; `up` comes last, since a master or MTU is best set before. */
export function linkSetWords(set: {
  readonly up?: boolean;
  readonly mtu?: number;
  readonly master?: string;
}): string[] {
  const words: string[] = [];
  if (set.mtu !== undefined) words.push("mtu", `${set.mtu}`);
  if (set.master !== undefined) words.push("master", set.master);
  if (set.up !== undefined) words.push(set.up ? "up" : "down");
  return words;
}

function indent(body: string): string {
  return body
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "")
    .map((line) => `  ${line}`)
    .join("\n");
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
