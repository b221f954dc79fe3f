// What is measured, and how: each measure is one command on the client and one number out of what it prints.

export interface Measure {
  readonly name: string;
  readonly unit: "Gbit/s" | "packets/s" | "µs";
  readonly better: "more" | "less";
  /** The command that runs in the client's node. */
  command(target: string, seconds: number): readonly [string, ...string[]];
  /** Throws where the output holds no figure. */
  read(stdout: string): number;
}

interface IperfSum {
  readonly bits_per_second?: number;
  readonly packets?: number;
  readonly lost_packets?: number;
  readonly seconds?: number;
}
interface IperfReport {
  readonly error?: string;
  readonly end?: { readonly sum?: IperfSum; readonly sum_received?: IperfSum };
}

function iperf(stdout: string): NonNullable<IperfReport["end"]> {
  const report = JSON.parse(stdout) as IperfReport;
  if (report.error !== undefined || report.end === undefined) {
    throw new Error(`Cannot read a figure from iperf3: ${report.error ?? "its report has no end"}`);
  }
  return report.end;
}

function positive(figure: number | undefined, what: string): number {
  if (figure === undefined || !(figure > 0)) throw new Error(`Cannot use the ${what}: nothing arrived`);
  return figure;
}

function tcp(direction: "up" | "down", streams: number): Measure {
  return {
    name: `TCP ${direction}, ${streams} ${streams === 1 ? "stream" : "streams"}`,
    unit: "Gbit/s",
    better: "more",
    command: (target, seconds) => [
      ...(["iperf3", "-J", "-c", target, "-t", String(seconds), "-O", "0.3", "-P", String(streams)] as const),
      ...(direction === "down" ? ["-R"] : []),
    ],
    read: (stdout) => positive(iperf(stdout).sum_received?.bits_per_second, "throughput") / 1e9,
  };
}

/** As fast as one sender can; what counts is what arrives. */
function udp(direction: "up" | "down"): Measure {
  return {
    name: `UDP ${direction}, 64 octets`,
    unit: "packets/s",
    better: "more",
    command: (target, seconds) => [
      ...(["iperf3", "-J", "-c", target, "-t", String(seconds), "-u", "-b", "0", "-l", "64"] as const),
      ...(direction === "down" ? ["-R"] : []),
    ],
    read: (stdout) => {
      const { packets = 0, lost_packets = 0, seconds = 0 } = iperf(stdout).sum ?? {};
      return positive((packets - lost_packets) / seconds, "packet rate");
    },
  };
}

const roundTrip: Measure = {
  name: "ping, median",
  unit: "µs",
  better: "less",
  command: (target) => ["ping", "-n", "-c", "400", "-i", "0.002", target],
  read: (stdout) => {
    const times = [...stdout.matchAll(/time=([0-9.]+) ms/g)].map((match) => Number(match[1]) * 1000);
    return positive(median(times), "round trip");
  },
};

export const measures: readonly Measure[] = [
  tcp("up", 1),
  tcp("up", 4),
  tcp("down", 1),
  tcp("down", 4),
  udp("up"),
  udp("down"),
  roundTrip,
];

/** NaN of an empty list. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2;
}
