// What is done with a subject, and the figures that come of it. One activity is done with all subjects in turn before the
// next one, so that a machine whose speed drifts drifts for all of them.

import { type Direction, directions } from "./direction.js";
import type { Measure } from "./figures.js";
import type { Profile } from "./profiles.js";
import { measureConnections, measureRoundTrips, roundTripSeconds } from "./single-datagrams.js";
import type { Stand } from "./stand.js";
import { bestOf, measureTcp, tcpSeconds } from "./tcp.js";
import { datagramSeconds, measureDatagrams, measureTrains } from "./udp.js";

export interface Activity {
  readonly name: string;
  readonly measures: readonly Measure[];
  /** One figure for each of its measures, in their order. */
  run(stand: Stand, profile: Profile): Promise<readonly number[]>;
  /** What that takes, estimated. */
  seconds(profile: Profile): number;
  /** It is done in so many rounds only; absent: in each. */
  rounds?(profile: Profile): number;
}

/** Names of measures, which goals refer to. */
export const names = {
  tcp: (direction: Direction, streams: number): string =>
    `TCP ${direction}, ${streams} ${streams === 1 ? "stream" : "streams"}`,
  udp: (direction: Direction, size: number): string => `UDP ${direction}, ${size} octets, no loss`,
  blast: (direction: Direction, size: number): string => `UDP ${direction}, ${size} octets, blast`,
  trains: (direction: Direction, size: number): string => `UDP ${direction}, ${size} octets, trains`,
  cpu: (name: string): string => `CPU, ${name}`,
  roundTrip: "round trip, median",
  worstRoundTrip: "round trip, 99.9 %",
  connections: "TCP connections",
} as const;

/** Octets of the datagrams in trains: small ones, and what QUIC sends. */
const trainSizes = [64, 1400] as const;

/** Seconds that two testers need to begin and to end. */
const START = 0.05;

/** One stream has one state. */
const runsOf = ({ tcpRuns }: Profile, streams: number): number => (streams === 1 ? 1 : tcpRuns);

export function activitiesOf(profile: Profile): Activity[] {
  return [
    ...directions.flatMap((direction) => profile.streams.map((streams) => tcp(direction, streams))),
    ...directions.flatMap((direction) => profile.sizes.map((size) => udp(direction, size))),
    ...directions.flatMap((direction) => trainSizes.map((size) => trains(direction, size))),
    {
      name: "round trips",
      measures: [
        { name: names.roundTrip, unit: "µs", better: "less", limited: true },
        // The tail is the machine's.
        { name: names.worstRoundTrip, unit: "µs", better: "less", limited: false },
      ],
      run: measureRoundTrips,
      seconds: ({ roundTrips }) => roundTripSeconds(roundTrips),
    },
    {
      name: "connections",
      measures: [{ name: names.connections, unit: "connections/s", better: "more", limited: true }],
      run: measureConnections,
      seconds: ({ connect }) => connect + START,
    },
  ];
}

function tcp(direction: Direction, streams: number): Activity {
  const name = names.tcp(direction, streams);
  const states: Pick<Measure, "states"> = streams === 1 ? {} : { states: true };
  return {
    name,
    measures: [
      { name, unit: "Gbit/s", better: "more", limited: true, ...states },
      { name: names.cpu(name), unit: "s/GB", better: "less", limited: false, ...states },
    ],
    run: (stand, profile) => bestOf(runsOf(profile, streams), () => measureTcp(stand, direction, streams, profile.tcp)),
    // Few are asked again.
    seconds: (profile) => (1 + (runsOf(profile, streams) - 1) / 4) * tcpSeconds(profile.tcp),
  };
}

function udp(direction: Direction, size: number): Activity {
  const name = names.udp(direction, size);
  return {
    name: `UDP ${direction}, ${size} octets`,
    measures: [
      { name, unit: "packets/s", better: "more", limited: true },
      { name: names.blast(direction, size), unit: "packets/s", better: "more", limited: true },
      { name: names.cpu(name), unit: "µs/packet", better: "less", limited: false },
    ],
    run: (stand, profile) => measureDatagrams(stand, direction, size, profile),
    seconds: datagramSeconds,
    rounds: ({ rounds, throughputs = rounds }) => throughputs,
  };
}

function trains(direction: Direction, size: number): Activity {
  const name = names.trains(direction, size);
  return {
    name,
    measures: [{ name, unit: "packets/s", better: "more", limited: true }],
    run: (stand, profile) => measureTrains(stand, direction, size, profile.blast),
    seconds: ({ blast }) => blast + START,
  };
}
