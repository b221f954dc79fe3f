// `clatd explain REASON`: what a reason for a drop means, where it is written, where it is counted, what to do about it.

import { dropReasons } from "../../engine/ebpf/counters.js";
import { type EngineReason, engineReasons } from "../../engine/userspace/engine-drops.js";
import { findReason, type Reason, reasons } from "../../xlat/reasons.js";
import { BAD_INPUT } from "../translate/hex-lines.js";
import { facts } from "./columns.js";
import { icmpMessage } from "./icmp-names.js";

interface OtherReason {
  readonly means: string;
  readonly todo: string;
  /** Absent: both. */
  readonly direction?: Reason["direction"];
}

/** What is dropped outside of the translation itself: no RFC says anything about it. */
export const otherReasons: Readonly<
  Record<EngineReason | (typeof dropReasons)[number] | typeof BAD_INPUT, OtherReason>
> = {
  "tun-full": {
    means: "The packet was translated, and the kernel had no room for it on the CLAT's device.",
    todo: "Look for a program that does not read what it is sent; a few of these under load are normal.",
  },
  "tun-down": {
    means: "The packet was translated, and the CLAT's device was down.",
    todo: "Look who takes the device down; clatd brings it up again by itself.",
  },
  "tun-refused": {
    means: "The packet was translated, and the kernel did not take it.",
    todo: "Please report it, with what `clatd translate` says about the packet.",
  },
  "translator-failed": {
    means: "The translator failed on this packet, which must not happen.",
    todo: "Please report it, with what `clatd translate` says about the packet.",
  },
  "fast-path-memory": {
    means: "The kernel had no memory to put another header in front of the packet.",
    todo: "The host is short of memory; look what takes it.",
  },
  "fast-path-port": {
    means: "The host has a socket of its own with the addresses and ports of this flow, and no other port was free.",
    todo: "Give the CLAT an address of its own (clat-v6-addr=), or have fewer connections to one server at a time.",
    direction: "v4ToV6",
  },
  [BAD_INPUT]: {
    means: "A line of the input of `clatd translate` is no packet.",
    todo: "Lines are `4 HEX` for IPv4 packets and `6 HEX` for IPv6 packets; standard error says what is wrong.",
  },
};

/** All names that can be explained. */
export const reasonNames: readonly string[] = [
  ...reasons.map(({ name }) => name),
  ...engineReasons,
  ...dropReasons,
  BAD_INPUT,
];

/** Undefined where there is no such reason. */
export function reasonText(name: string): string | undefined {
  const reason = findReason(name);
  if (reason !== undefined) return translationReason(reason);
  if (!isOther(name)) return undefined;
  const { means, todo, direction = "both" }: OtherReason = otherReasons[name];
  const counted: readonly (readonly [string, string])[] =
    name === BAD_INPUT ? [] : [["counted", countedText(direction, name)]];
  return facts([["reason", name], ["means", means], ...counted, ["what to do", todo]]);
}

function isOther(name: string): name is keyof typeof otherReasons {
  return Object.hasOwn(otherReasons, name);
}

function translationReason(reason: Reason): string {
  return facts([
    ["reason", reason.name],
    ["means", reason.sentence],
    ["written in", reason.rfc === "–" ? "no RFC: it is about this program" : reason.rfc],
    ["counted", countedText(reason.direction, reason.name)],
    ["answer", answerText(reason)],
    ["what to do", reason.hint],
  ]);
}

const directions = {
  v4ToV6: "from IPv4 to IPv6",
  v6ToV4: "from IPv6 to IPv4",
  both: "in both directions",
} as const;

function countedText(direction: Reason["direction"], name: string): string {
  const fields = direction === "both" ? ["v4ToV6", "v6ToV4"] : [direction];
  const paths = fields.map((field) => `counters.${field}.drops["${name}"]`).join(" and ");
  return `${directions[direction]}: ${paths} of \`clatd status -j\``;
}

/** What the sender of the packet is told. */
export function answerText({ icmpv4, icmpv6 }: Pick<Reason, "icmpv4" | "icmpv6">): string {
  const answers = [
    ...(icmpv4 === undefined ? [] : [`${icmpMessage(4, icmpv4.type, icmpv4.code)} to an IPv4 sender`]),
    ...(icmpv6 === undefined ? [] : [`${icmpMessage(6, icmpv6.type, icmpv6.code)} to an IPv6 sender`]),
  ];
  return answers.length === 0 ? "none: the packet is dropped in silence" : answers.join("; ");
}
