// The record behind `clatd status -j`, field by field: the one table that its type, its JSON Schema (docs/status.schema.json)
// and the documentation of it come from. The daemon takes only the type from here: zod itself is for who checks a record.

import { z } from "zod";

/** Counted up where a program that reads the record would have to change; fields that are added do not count. */
export const statusSchemaVersion = 2;

const count = (text: string) => z.int().nonnegative().meta({ description: text });
const words = (text: string) => z.string().meta({ description: text });
const seconds = (text: string) => z.number().meta({ description: `${text}, in seconds` });
const time = (text: string) => z.iso.datetime().meta({ description: `${text}, in UTC` });

const direction = (text: string) =>
  z
    .object({
      packets: count("Packets that came in"),
      octets: count("Octets of those packets, IP headers included"),
      drops: z
        .record(z.string(), z.int().nonnegative())
        .readonly()
        .meta({ description: "Packets that were dropped, by the name of the reason (`clatd explain NAME`)" }),
    })
    .readonly()
    .meta({ description: text });

const counters = z
  .object({
    v4ToV6: direction("From the IPv4 side: what programs on this host send"),
    v6ToV4: direction("From the IPv6 side: what comes from the PLAT"),
  })
  .readonly()
  .meta({ description: "Since clatd was started. Absent where another program translates: see `translated`" });

const volume = (text: string) =>
  z
    .object({ packets: count("Packets that came out"), octets: count("Octets of those packets, IP headers included") })
    .readonly()
    .meta({ description: text });

const translated = z
  .object({
    v4ToV6: volume("IPv6 packets, on their way to the PLAT"),
    v6ToV4: volume("IPv4 packets, for programs on this host"),
  })
  .readonly()
  .meta({
    description:
      "Where another program translates (TAYGA, nat46, Jool): what came out of it, by the kernel's counters of the CLAT's " +
      "device, since that device was made. What it dropped, and why, is not known here",
  });

const engine = z
  .object({
    name: words("The engine that translates"),
    why: words("Why this one"),
  })
  .readonly()
  .meta({ description: "The translator" });

const relay = z
  .object({
    mappings: count("Explicit address mappings"),
    behind: z.array(z.string()).readonly().meta({ description: "Devices with service addresses behind them" }),
  })
  .readonly()
  .meta({ description: "Of an Edge Relay (RFC 7756)" });

const active = z
  .object({
    pref64: words("The PLAT's translation prefix"),
    origin: words("Who told it: static, ra, dns64, networkd, fallback"),
    uplink: words("The device that faces the PLAT"),
    v4: words("The CLAT's IPv4 address"),
    v6: words("The CLAT's IPv6 address"),
    engine,
    mtu: z
      .object({ v4: count("On the IPv4 side"), v6: count("On the IPv6 side") })
      .readonly()
      .meta({ description: "The largest packets, in octets" }),
    relay: z.exactOptional(relay),
    notes: z
      .exactOptional(z.array(z.string()).readonly())
      .meta({ description: "What is left for the operator to do, or to know: sentences" }),
  })
  .readonly()
  .meta({ description: "While active" });

const lastError = z
  .object({
    text: words("What failed, and why"),
    hint: words("What to do about it; may be empty"),
    at: time("When"),
    seconds: seconds("How long ago"),
  })
  .readonly()
  .meta({ description: "The last thing that went wrong; it may be over" });

const waitReasons = [
  "starting",
  "no-pref64",
  "no-route",
  "no-clat-address",
  "native-ipv4",
  "conncheck-delay",
  "route-taken",
  "failed",
] as const;

export const statusSchema = z
  .object({
    version: z.literal(statusSchemaVersion).meta({ description: "Of this record's form" }),
    clatd: words("The version of the program"),
    pid: count("The daemon's process id"),
    clatDev: words("The CLAT's device, and so the name of this instance"),
    state: z.enum(["active", "waiting", "stopping"]),
    since: time("The beginning of this state"),
    seconds: seconds("Time in this state"),
    started: time("The start of the daemon"),
    text: words("Why it is in this state, a sentence"),
    reason: z.exactOptional(z.enum(waitReasons)).meta({ description: "While waiting: for what" }),
    active: z.exactOptional(active),
    counters: z.exactOptional(counters),
    translated: z.exactOptional(translated),
    restarts: count("How often the engine ended by itself and had to be started anew"),
    reloads: z
      .object({ taken: count("Configurations that were taken"), refused: count("Those that were wrong") })
      .readonly()
      .meta({ description: "Configurations that were read anew since the start" }),
    effects: count("Changes to the system that are in place, each of them in the journal"),
    lastError: z.exactOptional(lastError),
  })
  .readonly()
  .meta({ title: "clatd status", description: "What one clatd does, as `clatd status -j` prints it" });

/** As JSON Schema. A program should not mind fields that it does not know. */
export function statusJsonSchema(): object {
  return z.toJSONSchema(statusSchema, {
    io: "input",
    override: ({ jsonSchema }) => {
      // Of our own types' making, and nothing to a reader. The same for the bounds that zod gives to integers.
      delete jsonSchema.readOnly;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      // Its pattern says less than `format`, in 400 characters.
      if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
    },
  });
}
