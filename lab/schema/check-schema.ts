// `checks:` of a topology file, as it may be written: the key that names the kind holds its main argument or a
// mapping, the others are common to all kinds. No transforms: the JSON schema for editors is made from this.

import { z } from "zod";
import { type CheckKind, checkPhases, clatdStates } from "../checks/check.js";

const size = z
  .union([z.int().min(0), z.string().regex(/^\d+ ?(kB|MB|GB)?$/, 'write octets, as 1000000 or "100 MB"')])
  .describe("octets: 1000000, 100 MB");
const seconds = z.number().min(0.1).max(600);
const text = z.string().min(1);

const common = {
  name: text.optional().describe("a short name; default: the kind and its main argument"),
  on: text.optional().describe("the node in which it is tried; default: the first host"),
  phase: z.enum(checkPhases).optional().describe("default: running"),
  expect: z.enum(["pass", "fail"]).optional(),
  level: z.enum(["error", "warn"]).optional(),
  within: seconds.optional().describe("seconds; tried again until then"),
  pass: text.optional().describe("the sentence for a pass"),
  fail: text.optional().describe("the sentence for a failure"),
  needs: z.array(text).optional().describe("programs without which it is skipped"),
  given: z
    .array(text)
    .optional()
    .describe("what is different meanwhile: `NODE -- NODE, mtu N`, `NODE, unreachable PREFIX`"),
  seen: z
    .record(text, z.union([text, z.array(text)]))
    .optional()
    .describe("nft expressions by node: packets that must be seen there meanwhile, `ip dscp 46 udp dport 7`"),
};
const tos = z.int().min(0).max(255).optional().describe("the TOS octet");

/** A check of the kind `key`: `key: ARGUMENT` beside the common keys. */
const kind = <const K extends CheckKind, A extends z.ZodType>(key: K, argument: A) =>
  z.strictObject({ ...common, ...({ [key]: argument } as Record<K, A>) });

const commandLine = z.union([text, z.array(text).min(1)]);

export const checkKinds = {
  run: kind(
    "run",
    z.union([
      text,
      z.strictObject({ command: commandLine, exit: z.int().min(0).max(255).optional(), match: text.optional() }),
    ]),
  ),
  ping: kind(
    "ping",
    z.union([
      text,
      z.strictObject({
        to: text,
        size: z.int().min(0).max(65507).optional(),
        count: z.int().min(1).max(100).optional(),
        tos,
      }),
    ]),
  ),
  traceroute: kind(
    "traceroute",
    z.union([
      text,
      z.strictObject({ to: text, hops: z.array(text).optional(), "at-least": z.int().min(1).max(30).optional() }),
    ]),
  ),
  http: kind(
    "http",
    z.union([
      text,
      z.strictObject({
        url: text,
        family: z.literal([4, 6]).optional(),
        download: size.optional(),
        upload: size.optional(),
        streams: z.int().min(1).max(64).optional(),
        "seen-from": text.optional(),
      }),
    ]),
  ),
  "udp-echo": kind(
    "udp-echo",
    z.union([
      text,
      z.strictObject({
        to: text,
        sizes: z.array(z.int().min(0).max(65507)).min(1).optional(),
        "zero-checksum": z.boolean().optional(),
        tos,
        "dont-fragment": z.literal(false).optional().describe("without DF"),
        "at-once": z.int().min(1).max(64).optional().describe("that many of each size in one call (UDP_SEGMENT)"),
        "ip-options": z
          .string()
          .regex(/^([0-9a-f]{8}){1,10}$/, 'write IPv4 options as hex digits in whole words: "94040000"')
          .optional(),
        "hang-up": z.literal(true).optional().describe("the socket is closed before the answers come"),
      }),
    ]),
  ),
  tcp: kind(
    "tcp",
    z.strictObject({
      to: text,
      port: z.int().min(1).max(65535),
      error: z.array(text).min(1).optional().describe("it must end with one of these within a second: EHOSTUNREACH"),
    }),
  ),
  dns: kind("dns", z.strictObject({ query: text, type: z.enum(["A", "AAAA"]).optional(), answer: text.optional() })),
  clatd: kind("clatd", z.union([z.strictObject({ state: z.enum(clatdStates) }), z.enum(clatdStates)])),
  throughput: kind(
    "throughput",
    z.union([
      text,
      z.strictObject({
        to: text,
        with: z.enum(["http", "iperf3"]).optional(),
        streams: z.int().min(1).max(64).optional(),
        seconds: seconds.optional(),
      }),
    ]),
  ),
  restored: kind("restored", z.literal(true)),
} as const satisfies Record<CheckKind, z.ZodType>;

export const checkKindNames = Object.keys(checkKinds) as CheckKind[];

/** The kind that a check's keys name: exactly one key does. */
export function kindOfCheck(check: object): CheckKind | undefined {
  const named = checkKindNames.filter((key) => key in check);
  return named.length === 1 ? named[0] : undefined;
}

export const checkSchema = z.union([
  checkKinds.run,
  checkKinds.ping,
  checkKinds.traceroute,
  checkKinds.http,
  checkKinds["udp-echo"],
  checkKinds.tcp,
  checkKinds.dns,
  checkKinds.clatd,
  checkKinds.throughput,
  checkKinds.restored,
]);
export type CheckInput = z.infer<typeof checkSchema>;
