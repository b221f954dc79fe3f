// `checks:` made canonical: brief forms opened, defaults and sentences filled in, nodes looked up.

import { formatAddress, parseAddress } from "../../src/net/address.js";
import { parsePrefix } from "../../src/net/prefix.js";
import { familyOf } from "../addressing.js";
import type { Check, CheckKind } from "../checks/check.js";
import { readCommand } from "../command.js";
import { readSize } from "./brief.js";
import { canonicalGiven, canonicalSeen } from "./canonical-conditions.js";
import { type CheckInput, kindOfCheck } from "./check-schema.js";
import { type Draft, hostsFirst } from "./draft.js";
import { instead, type Path } from "./mistake.js";

type InputOf<K extends CheckKind> = Extract<CheckInput, Record<K, unknown>>;
/** A union of `Omit`s, where Omit of a union would keep only what all have. */
type Own<C> = C extends Check
  ? Omit<C, "name" | "on" | "phase" | "expect" | "level" | "within" | "pass" | "fail" | "needs" | "given" | "seen">
  : never;

export function canonicalChecks(draft: Draft): Check[] {
  const names = new Set<string>();
  return (draft.input.checks ?? []).map((input, index) => {
    const path: Path = ["checks", index];
    const own = ownPart(input, path, draft);
    const on = input.on ?? hostsFirst(draft) ?? "";
    if (!draft.nodes.has(on))
      draft.note(
        [...path, "on"],
        `Cannot check on "${on}": there is no such node; ${instead(on, [...draft.nodes.keys()])}`,
      );
    const subject = subjectOf(own);
    const name = input.name ?? subject;
    if (names.has(name)) draft.note(path, `Cannot name two checks "${name}": give this one a "name" of its own`);
    names.add(name);
    const negative = input.expect === "fail";
    const pass = input.pass ?? (negative ? `${subject} does not work, and must not` : `${subject} works`);
    const fail = input.fail ?? (negative ? `${subject} works, and must not` : `${subject} does not work`);
    const seen = canonicalSeen(input.seen ?? {}, [...path, "seen"], draft);
    return {
      ...own,
      name,
      on,
      phase: input.phase ?? (own.kind === "restored" ? "after-clatd" : "running"),
      expect: input.expect ?? "pass",
      level: input.level ?? "error",
      within: input.within ?? 10,
      pass,
      fail,
      needs: [...(input.needs ?? defaultNeeds(own)), ...(seen.length === 0 ? [] : ["nft"])],
      given: canonicalGiven(input.given ?? [], [...path, "given"], draft),
      seen,
    };
  });
}

function ownPart(input: CheckInput, path: Path, draft: Draft): Own<Check> {
  const kind = kindOfCheck(input);
  const is = <K extends CheckKind>(_: CheckInput, wanted: K): _ is InputOf<K> => kind === wanted;
  if (is(input, "run")) {
    const run = typeof input.run === "string" ? { command: input.run } : input.run;
    const match = run.match;
    lookAtPattern(match, [...path, "run", "match"], draft);
    return {
      kind: "run",
      command: readCommand(run.command),
      exit: run.exit ?? 0,
      ...(match === undefined ? {} : { match }),
    };
  }
  if (is(input, "ping")) {
    const ping = typeof input.ping === "string" ? { to: input.ping } : input.ping;
    return { kind: "ping", to: ping.to, size: ping.size ?? 56, count: ping.count ?? 1, ...given("tos", ping.tos) };
  }
  if (is(input, "traceroute")) {
    const trace = typeof input.traceroute === "string" ? { to: input.traceroute } : input.traceroute;
    return {
      kind: "traceroute",
      // What traceroute prints is compared with these.
      to: canonicalAddress(trace.to, [...path, "traceroute", "to"], draft),
      hops: (trace.hops ?? []).map((hop, index) =>
        canonicalAddress(hop, [...path, "traceroute", "hops", index], draft),
      ),
      atLeast: trace["at-least"] ?? 1,
    };
  }
  if (is(input, "http")) {
    const http = typeof input.http === "string" ? { url: input.http } : input.http;
    if (!URL.canParse(http.url) || !http.url.startsWith("http://"))
      draft.note([...path, "http"], `Cannot fetch "${http.url}": write http://HOST/PATH`);
    const seenFrom = http["seen-from"];
    lookAtPattern(seenFrom, [...path, "http", "seen-from"], draft);
    return {
      kind: "http",
      url: http.url,
      ...(http.family === undefined ? {} : { family: http.family }),
      download: readSize(http.download ?? 0),
      upload: readSize(http.upload ?? 0),
      streams: http.streams ?? 1,
      ...(seenFrom === undefined ? {} : { seenFrom }),
    };
  }
  if (is(input, "udp-echo")) {
    const echo = typeof input["udp-echo"] === "string" ? { to: input["udp-echo"] } : input["udp-echo"];
    const at: Path = [...path, "udp-echo"];
    const to = canonicalAddress(echo.to, [...at, "to"], draft);
    for (const key of ["zero-checksum", "ip-options"] as const)
      if (echo[key] && familyOf(to) === 6)
        draft.note([...at, key], `Cannot use "${key}" to "${to}": only IPv4 has that`);
    return {
      kind: "udp-echo",
      to,
      sizes: echo.sizes ?? [64],
      zeroChecksum: echo["zero-checksum"] ?? false,
      ...given("tos", echo.tos),
      ...given("dontFragment", echo["dont-fragment"]),
      ...given("atOnce", echo["at-once"]),
      ...given("ipOptions", echo["ip-options"]),
      ...given("hangUp", echo["hang-up"]),
    };
  }
  if (is(input, "tcp")) {
    const { to, port, error } = input.tcp;
    return { kind: "tcp", to, port, ...given("error", error) };
  }
  if (is(input, "dns")) {
    const { query, type = "AAAA", answer } = input.dns;
    if (answer !== undefined && parsePrefix(answer) === undefined)
      draft.note([...path, "dns", "answer"], `Cannot wait for the answer "${answer}": it is no address and no prefix`);
    return { kind: "dns", query, type, ...(answer === undefined ? {} : { answer }) };
  }
  if (is(input, "clatd"))
    return { kind: "clatd", state: typeof input.clatd === "string" ? input.clatd : input.clatd.state };
  if (is(input, "throughput")) {
    const load = typeof input.throughput === "string" ? { to: input.throughput } : input.throughput;
    return {
      kind: "throughput",
      to: load.to,
      with: load.with ?? "http",
      streams: load.streams ?? 1,
      seconds: load.seconds ?? 2,
    };
  }
  return { kind: "restored" };
}

/** A key that is there only where it has a value. */
const given = <const K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> =>
  value === undefined ? {} : ({ [key]: value } as Record<K, V>);

function subjectOf(own: Own<Check>): string {
  switch (own.kind) {
    case "run":
      return own.command[0] === "sh" ? (own.command[2] ?? "sh") : own.command.join(" ");
    case "ping":
      return `ping ${own.to}${own.size === 56 ? "" : ` with ${own.size} octets`}`;
    case "traceroute":
      return `traceroute to ${own.to}`;
    case "http":
      return `${own.upload > 0 ? "upload to" : own.download > 0 ? "download from" : "HTTP to"} ${own.url}`;
    case "udp-echo":
      return `UDP to ${own.to}${own.zeroChecksum ? " without checksum" : ""}`;
    case "tcp":
      return `TCP to ${own.to} port ${own.port}`;
    case "dns":
      return `DNS ${own.query} ${own.type}`;
    case "clatd":
      return `clatd is ${own.state}`;
    case "throughput":
      return `throughput to ${own.to}`;
    case "restored":
      return "restored";
  }
}

function defaultNeeds(own: Own<Check>): string[] {
  switch (own.kind) {
    case "run":
      return own.command[0] === "sh" ? [] : [own.command[0]];
    case "ping":
      return ["ping"];
    case "traceroute":
      return ["traceroute"];
    case "throughput":
      return own.with === "iperf3" ? ["iperf3"] : [];
    default:
      return [];
  }
}

function lookAtPattern(text: string | undefined, path: Path, draft: Draft): void {
  try {
    new RegExp(text ?? "", "u");
  } catch {
    draft.note(path, `Cannot use "${text}" as pattern: it is no regular expression`);
  }
}

function canonicalAddress(text: string, path: Path, draft: Draft): string {
  const octets = parseAddress(text);
  if (octets === undefined)
    draft.note(path, `Cannot use "${text}" as address: it is none such as 2001:db8:1::1 or 192.0.2.1`);
  return octets === undefined ? text : formatAddress(octets);
}
