// `clatd explain PACKET`: each header field before and after with the section that says so, which mappings were used, and
// where it is dropped, why and what its sender is told.

import { type Frame, HEADROOM } from "../../xlat/frame.js";
import { type Reason, reasons } from "../../xlat/reasons.js";
import type { TranslationSpec } from "../../xlat/spec.js";
import { LARGEST_PACKET, PacketRunner } from "../translate/packet-runner.js";
import { addressUse } from "./address-use.js";
import { facts, table } from "./columns.js";
import { fieldRules, innerRule } from "./field-rules.js";
import type { Mappings } from "./mappings.js";
import { type FieldName, fieldNames, type PacketFields, packetFields, protocolText } from "./packet-fields.js";
import { answerText } from "./reason-text.js";

interface Emitted {
  readonly family: 4 | 6;
  readonly octets: Uint8Array;
}

/** `octets`: at most LARGEST_PACKET. */
export function packetText(
  octets: Uint8Array,
  family: 4 | 6,
  spec: TranslationSpec,
  mappings: Mappings,
  seed: number,
): string {
  const emitted: Emitted[] = [];
  const runner = new PacketRunner(spec, seed, {
    emit: (frame: Frame, out) => emitted.push({ family: out, octets: frame.bytes.slice(frame.start, frame.end) }),
  });
  runner.bytes.set(octets.subarray(0, LARGEST_PACKET), HEADROOM);
  const reason = runner.run(family, octets.length);
  const before = packetFields(octets, family);
  const parts = [verdict(octets, family, before, emitted, reason)];
  const [first, ...more] = emitted;
  if (reason < 0 && before !== undefined && first !== undefined) {
    const after = packetFields(first.octets, first.family);
    if (after !== undefined) {
      parts.push(fieldTable(before, after, spec, mappings), mappingFacts(before, after, spec, mappings));
    }
    if (more.length > 0) parts.push(fragmentsText(emitted));
  } else if (before !== undefined) parts.push(plainTable(before));
  return parts.filter((part) => part !== "").join("\n");
}

function verdict(
  octets: Uint8Array,
  family: 4 | 6,
  before: PacketFields | undefined,
  emitted: readonly Emitted[],
  index: number,
): string {
  const what = before === undefined ? "cut off" : protocolText(before.protocol).replace(/^\d+ /, "");
  const rows: [string, string][] = [["given", `an IPv${family} packet, ${what}, ${octets.length} octets`]];
  const reason: Reason | undefined = reasons[index];
  const sentBack = emitted.filter(({ family: out }) => out === family);
  if (reason !== undefined) {
    rows.push(["result", `dropped: ${reason.name} (${reason.rfc})`]);
    rows.push(["means", reason.sentence], ["answer", answerTo(reason, sentBack)], ["what to do", reason.hint]);
  } else if (emitted.length === 0) {
    rows.push(["result", "kept: it is a fragment of what has to be put together first (RFC 7915 §1.2, RFC 6146 §3.4)"]);
  } else {
    const sizes = emitted.map(({ octets: packet }) => packet.length).join(", ");
    const done =
      sentBack.length === 0
        ? "translated to"
        : isAnswer(octets, family, sentBack)
          ? "answered with"
          : "turned around in the translator (hairpinning, RFC 7757 §4), to";
    const into =
      emitted.length === 1
        ? `an IPv${emitted[0]?.family} packet`
        : `${emitted.length} IPv${emitted[0]?.family} packets`;
    rows.push(["result", `${done} ${into}, ${sizes} octets`]);
  }
  return facts(rows);
}

function isAnswer(octets: Uint8Array, family: 4 | 6, [answer]: readonly Emitted[]): boolean {
  const before = packetFields(octets, family);
  const after = answer === undefined ? undefined : packetFields(answer.octets, answer.family);
  return before !== undefined && after !== undefined && answers(before, after);
}

/** It goes back to where the other one came from. */
function answers(before: PacketFields, after: PacketFields): boolean {
  return before.fields.get("source") === after.fields.get("destination");
}

function answerTo(reason: Reason, answers: readonly Emitted[]): string {
  const [answer] = answers;
  if (answer === undefined) {
    return reason.icmpv4 === undefined && reason.icmpv6 === undefined
      ? answerText(reason)
      : "none to this packet (RFC 1122 §3.2.2, RFC 4443 §2.4), or there is no address to send one from (icmp6-source)";
  }
  const fields = packetFields(answer.octets, answer.family)?.fields;
  const mtu = fields?.get("mtu");
  return (
    `ICMPv${answer.family} ${fields?.get("type") ?? "?"}, ${fields?.get("code") ?? "?"}` +
    `${mtu === undefined ? "" : `, MTU ${mtu}`}, from ${fields?.get("source") ?? "?"} to ${fields?.get("destination") ?? "?"}, ` +
    `${answer.octets.length} octets`
  );
}

const NOTHING = "–";

function fieldTable(before: PacketFields, after: PacketFields, spec: TranslationSpec, mappings: Mappings): string {
  const rows = rowsOf(before, after, (name) => section(name, before, after, spec, mappings));
  const inner: string[][] = [];
  if (before.inner !== undefined && after.inner !== undefined) {
    const rule = before.family === 4 ? innerRule.v4ToV6 : innerRule.v6ToV4;
    inner.push(["packet in error:"], ...rowsOf(before.inner, after.inner, () => rule));
  }
  return table(["field", `IPv${before.family}`, `IPv${after.family}`, "RFC"], [...rows, ...inner]);
}

function rowsOf(before: PacketFields, after: PacketFields, rule: (name: FieldName) => string): string[][] {
  return allNames().flatMap((name) => {
    const old = before.fields.get(name);
    const fresh = after.fields.get(name);
    return old === undefined && fresh === undefined
      ? []
      : [[fieldNames[name], old ?? NOTHING, fresh ?? NOTHING, rule(name)]];
  });
}

function plainTable(before: PacketFields): string {
  const rows = (packet: PacketFields): string[][] =>
    allNames().flatMap((name) => {
      const value = packet.fields.get(name);
      return value === undefined ? [] : [[fieldNames[name], value]];
    });
  const inner = before.inner === undefined ? [] : [["packet in error:"], ...rows(before.inner)];
  return table(["field", `IPv${before.family}`], [...rows(before), ...inner]);
}

function allNames(): FieldName[] {
  return Object.keys(fieldNames) as FieldName[];
}

function section(
  name: FieldName,
  before: PacketFields,
  after: PacketFields,
  spec: TranslationSpec,
  mappings: Mappings,
): string {
  const direction = before.family === 4 ? "v4ToV6" : "v6ToV4";
  // An answer or a packet that turned around: the sections of a translation say nothing about the rest of it.
  if (before.family === after.family) {
    const changed = before.fields.get(name) !== after.fields.get(name);
    return (name === "source" || name === "destination") && changed && !answers(before, after) ? "7757 §4.2" : "";
  }
  if (name === "source" || name === "destination") {
    const use = addressUse(before, after, name, spec, mappings);
    if (use !== undefined) return use.section;
  }
  const rule = fieldRules[name];
  if (name === "checksum" && before.fields.has("type")) return fieldRules.type[direction];
  return direction === "v6ToV4" && before.isFragment && rule.fragment !== undefined ? rule.fragment : rule[direction];
}

function mappingFacts(before: PacketFields, after: PacketFields, spec: TranslationSpec, mappings: Mappings): string {
  const rows = (["source", "destination"] as const).flatMap((name): [string, string][] => {
    const use = addressUse(before, after, name, spec, mappings);
    return use === undefined ? [] : [[name, `through ${use.text}`]];
  });
  return rows.length === 0 ? "" : facts(rows);
}

/** What differs between the packets that came out. */
function fragmentsText(emitted: readonly Emitted[]): string {
  const rows = emitted.map(({ octets, family }, index): [string, string] => {
    const fields = packetFields(octets, family)?.fields;
    const flags = fields?.get("flags") ?? "none";
    const offset = fields?.get("offset") ?? "0";
    return [
      `packet ${index + 1}`,
      `${octets.length} octets, offset ${offset}, ${flags === "none" ? "the last" : flags}`,
    ];
  });
  return facts(rows);
}
