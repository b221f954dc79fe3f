// A topology file as it may be written: the shape only, brief forms and all. What the names in it refer to is looked
// at in canonical.ts. No transforms: the JSON schema for editors is made from this.

import { z } from "zod";
import { serverServices } from "../topology.js";
import { checkSchema } from "./check-schema.js";

const text = z.string().min(1);
const seconds = z.number().min(0);
const scalar = z.union([z.string(), z.number(), z.boolean()]);
const oneOrMore = z.union([text, z.array(text)]);

const raSchema = z.strictObject({
  on: z.array(text).optional().describe("interfaces; default: those whose link has a host"),
  prefixes: z
    .array(z.union([text, z.strictObject({ prefix: text, valid: seconds.optional(), preferred: seconds.optional() })]))
    .optional()
    .describe("default: the IPv6 prefixes of the link that are /64"),
  lifetime: seconds.max(65535).optional().describe("router lifetime in seconds; default 1800"),
  interval: z.number().min(1).max(1800).optional().describe("seconds between unsolicited advertisements; default 10"),
  "hop-limit": z.int().min(0).max(255).optional(),
  mtu: z.int().min(1280).max(65535).optional(),
  rdnss: oneOrMore.optional().describe("nodes or addresses of DNS servers (RFC 8106)"),
  "rdnss-lifetime": seconds.optional(),
  pref64: z
    .union([text, z.array(z.union([text, z.strictObject({ prefix: text, lifetime: seconds.max(65528).optional() })]))])
    .optional()
    .describe("PREF64 option (RFC 8781)"),
});
export type RaInput = z.infer<typeof raSchema>;

const common = {
  label: text.optional().describe("a few words for the picture"),
  dns: oneOrMore.optional().describe("nodes or addresses of DNS servers; default: what the link's router announces"),
  routes: z.array(text).optional().describe("`PREFIX via NODE-or-ADDRESS`, beside those that follow from the links"),
  dad: z.boolean().optional().describe("duplicate address detection; default: off, it takes a second"),
  sysctls: z.record(text, scalar).optional(),
};

export const nodeSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    ...common,
    kind: z.literal("host"),
    clatd: z
      .union([z.boolean(), z.record(text, scalar)])
      .optional()
      .describe("true: runs clatd without any configuration; a mapping: with these keys"),
    services: z.array(z.enum(serverServices)).optional().describe("default: none"),
    files: z
      .record(z.string().regex(/^[a-z0-9.-]+$/), z.string())
      .optional()
      .describe("files under /run/clatlab, for keys of clatd"),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("router"),
    ra: z.union([z.boolean(), raSchema]).optional().describe("sends Router Advertisements"),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("plat"),
    engine: z.enum(["builtin", "tayga", "jool"]).optional(),
    pref64: text.describe("the PREF64 it translates (RFC 6052)"),
    pool: text.optional().describe("IPv4 prefix behind its masquerade; default 192.168.255.0/24"),
    mappings: z
      .record(text, text)
      .optional()
      .describe("IPv4 addresses and the IPv6 addresses that they always are; only with the engine builtin"),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("border-relay"),
    engine: z.enum(["builtin", "tayga", "jool"]).optional(),
    pref64: text.describe("the prefix that stands for the IPv4 internet (RFC 7755: translation prefix)"),
    mappings: z.record(text, text).describe("IPv4 addresses or prefixes, and the IPv6 ones that they are (RFC 7757)"),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("dns64"),
    engine: z.enum(["builtin", "unbound"]).optional(),
    pref64: text.optional().describe("default: that of the only PLAT"),
    zone: z.record(text, oneOrMore).optional().describe("names and their addresses (or nodes)"),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("server"),
    services: z.array(z.enum(serverServices)).optional().describe("default: http and udp-echo"),
  }),
]);
export type NodeInput = z.infer<typeof nodeSchema>;

const linkSchema = z.union([
  text.describe("`node:dev -- node:dev, PREFIX, PREFIX, mtu N`"),
  z.strictObject({
    ends: z.array(text).min(2),
    prefixes: z.array(text).optional(),
    mtu: z.int().min(68).max(65535).optional(),
    addresses: z.record(text, oneOrMore).optional().describe("`node:dev` and its addresses, where not in order"),
  }),
]);
export type LinkInput = z.infer<typeof linkSchema>;

export const fileSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/, 'allowed are lower-case letters, digits and "-"'),
  title: text,
  nodes: z.record(text, nodeSchema),
  links: z.array(linkSchema).min(1),
  checks: z.array(checkSchema).optional(),
});
export type FileInput = z.infer<typeof fileSchema>;
