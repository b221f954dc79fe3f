// The status as Prometheus metrics: names and units by its guide (base units, `_total` for what only grows, times of day
// instead of ages), written in its text format 0.0.4.

import type { StatusRecord } from "./status.js";

export const metricsType = "text/plain; version=0.0.4; charset=utf-8";

/** What the process itself uses. */
export interface ProcessUse {
  /** Seconds of CPU, user and system. */
  readonly cpu: number;
  /** Octets in memory. */
  readonly resident: number;
}

type Labels = Readonly<Record<string, string>>;

interface Family {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
  readonly samples: readonly (readonly [Labels, number])[];
}

const states: readonly StatusRecord["state"][] = ["active", "waiting", "stopping"];

export function metricsText(status: StatusRecord, use: ProcessUse): string {
  return families(status, use)
    .filter(({ samples }) => samples.length > 0)
    .map(familyText)
    .join("");
}

function families(status: StatusRecord, use: ProcessUse): Family[] {
  const { active, reloads, lastError } = status;
  return [
    one("clatd_info", "gauge", "What runs here; its value is always 1.", 1, infoLabels(status)),
    one("clatd_active", "gauge", "Whether IPv4 goes through the CLAT: 1, else 0.", active === undefined ? 0 : 1),
    {
      name: "clatd_state",
      type: "gauge",
      help: "The state of the daemon: 1 for the one that it is in.",
      samples: states.map((state) => [{ state }, status.state === state ? 1 : 0]),
    },
    one("clatd_state_changed_timestamp_seconds", "gauge", "When it came into this state.", timestamp(status.since)),
    ...transfer(status),
    one(
      "clatd_engine_restarts_total",
      "counter",
      "How often the engine ended by itself and had to be started anew.",
      status.restarts,
    ),
    {
      name: "clatd_reloads_total",
      type: "counter",
      help: "Configurations that were read anew.",
      samples: [
        [{ result: "taken" }, reloads.taken],
        [{ result: "refused" }, reloads.refused],
      ],
    },
    one("clatd_effects", "gauge", "Changes to the system that are in place.", status.effects),
    {
      name: "clatd_mtu_bytes",
      type: "gauge",
      help: "The largest packet.",
      samples:
        active === undefined
          ? []
          : [
              [{ family: "ipv4" }, active.mtu.v4],
              [{ family: "ipv6" }, active.mtu.v6],
            ],
    },
    maybe("clatd_mappings", "Explicit address mappings of an Edge Relay.", active?.relay?.mappings),
    maybe("clatd_last_error_timestamp_seconds", "When something went wrong last.", timestampOf(lastError?.at)),
    one("process_start_time_seconds", "gauge", "When the daemon was started.", timestamp(status.started)),
    one("process_cpu_seconds_total", "counter", "CPU time of the daemon, user and system.", use.cpu),
    one("process_resident_memory_bytes", "gauge", "Memory of the daemon.", use.resident),
  ];
}

/** What little changes, on one series, so that it can be joined to the others. */
function infoLabels({ clatd, clatDev, active }: StatusRecord): Labels {
  return {
    version: clatd,
    clat_dev: clatDev,
    engine: active?.engine.name ?? "",
    pref64: active?.pref64 ?? "",
    origin: active?.origin ?? "",
    uplink: active?.uplink ?? "",
    v4: active?.v4 ?? "",
    v6: active?.v6 ?? "",
  };
}

function transfer({ counters, translated }: StatusRecord): Family[] {
  if (translated !== undefined) return transferOfOthers(translated);
  // Series that come with the first packet would hide that packet from rate().
  const none = { packets: 0, octets: 0, drops: {} };
  const directions = [
    ["v4_to_v6", counters?.v4ToV6 ?? none],
    ["v6_to_v4", counters?.v6ToV4 ?? none],
  ] as const;
  return [
    {
      name: "clatd_packets_total",
      type: "counter",
      help: "Packets that came to the translator.",
      samples: directions.map(([direction, { packets }]) => [{ direction }, packets]),
    },
    {
      name: "clatd_bytes_total",
      type: "counter",
      help: "Octets of those packets, IP headers included.",
      samples: directions.map(([direction, { octets }]) => [{ direction }, octets]),
    },
    {
      name: "clatd_dropped_packets_total",
      type: "counter",
      help: "Packets that were dropped, by the reason that `clatd explain` knows.",
      samples: directions.flatMap(([direction, { drops }]) =>
        Object.entries(drops).map(([reason, count]): [Labels, number] => [{ direction, reason }, count]),
      ),
    },
  ];
}

/** Zeros of ours would say that nothing was translated, and nothing dropped. */
function transferOfOthers({ v4ToV6, v6ToV4 }: NonNullable<StatusRecord["translated"]>): Family[] {
  const directions = [
    ["v4_to_v6", v4ToV6],
    ["v6_to_v4", v6ToV4],
  ] as const;
  return [
    {
      name: "clatd_translated_packets_total",
      type: "counter",
      help: "Packets that came out of another program that translates, by the counters of its device.",
      samples: directions.map(([direction, { packets }]) => [{ direction }, packets]),
    },
    {
      name: "clatd_translated_bytes_total",
      type: "counter",
      help: "Octets of those packets, IP headers included.",
      samples: directions.map(([direction, { octets }]) => [{ direction }, octets]),
    },
  ];
}

function one(name: string, type: Family["type"], help: string, value: number, labels: Labels = {}): Family {
  return { name, type, help, samples: [[labels, value]] };
}

function maybe(name: string, help: string, value: number | undefined): Family {
  return { name, type: "gauge", help, samples: value === undefined ? [] : [[{}, value]] };
}

function timestamp(date: string): number {
  return Date.parse(date) / 1000;
}

function timestampOf(date: string | undefined): number | undefined {
  return date === undefined ? undefined : timestamp(date);
}

function familyText({ name, type, help, samples }: Family): string {
  const lines = samples.map(([labels, value]) => `${name}${labelsText(labels)} ${value}\n`);
  return `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
