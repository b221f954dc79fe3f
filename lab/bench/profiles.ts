// How long and how often is measured: for a smoke test, for a look, or as RFC 8219 and RFC 2544 ask for it.

export interface Profile {
  readonly name: ProfileName;
  /** How much longer trials are than the profile of that name has them; absent: they are its own. */
  readonly scale?: number;
  /** Interleaved rounds over all subjects. */
  readonly rounds: number;
  /** Only so many of these, the first ones, have the search for the throughput; absent: each. */
  readonly throughputs?: number;
  /** Rounds of the tester's own test, back to back. */
  readonly selfTests: number;
  /** Seconds of TCP: whole ones, since iperf3 knows no others. */
  readonly tcp: number;
  /** Runs of TCP with several streams in each round at most, the best of which counts. */
  readonly tcpRuns: number;
  readonly streams: readonly number[];
  /** Octets of UDP payload. */
  readonly sizes: readonly number[];
  readonly search: SearchPlan;
  /** Seconds as fast as the sender can. */
  readonly blast: number;
  /** Datagrams that go to and fro, one after the other. */
  readonly roundTrips: number;
  /** Seconds of opening connections. */
  readonly connect: number;
  /** Rounds of what is measured apart: the full chain and SIIT-DC. 0: none. */
  readonly apart: number;
  /** Passes over the tables of mappings. 0: none. */
  readonly tables: number;
}

/** The search for the throughput of RFC 2544 §26.1. */
export interface SearchPlan {
  /** Seconds of a trial while searching. */
  readonly trial: number;
  /** Seconds of the trial that decides (RFC 2544 §24: at least 60); 0: those of the search do. */
  readonly final: number;
  /** How close the highest rate that passes and the lowest one that fails must come, as a part of the latter. */
  readonly resolution: number;
  /** How often a trial that loses is tried again: what disturbs a busy machine only ever makes it lose more. */
  readonly retries: number;
}

export const profileNames = ["ci", "quick", "rfc8219"] as const;
export type ProfileName = (typeof profileNames)[number];

const usualSizes = [64, 512, 1400] as const;

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  ci: {
    name: "ci",
    rounds: 1,
    selfTests: 1,
    tcp: 1,
    tcpRuns: 1,
    streams: [1],
    sizes: [64],
    search: { trial: 0.05, final: 0, resolution: 0.2, retries: 1 },
    blast: 0.1,
    roundTrips: 500,
    connect: 0.1,
    apart: 0,
    tables: 0,
  },
  quick: {
    name: "quick",
    rounds: 5,
    selfTests: 2,
    tcp: 1,
    tcpRuns: 2,
    streams: [1, 4, 16],
    sizes: usualSizes,
    search: { trial: 0.1, final: 0, resolution: 0.05, retries: 1 },
    blast: 0.2,
    roundTrips: 5000,
    connect: 0.25,
    apart: 2,
    tables: 3,
  },
  rfc8219: {
    name: "rfc8219",
    rounds: 20,
    // RFC 8219 §12 asks for several; 20 where a test says so (§7.2), which are much shorter.
    throughputs: 5,
    selfTests: 5,
    tcp: 10,
    tcpRuns: 1,
    streams: [1, 4, 16],
    // With the payloads of the smallest and of the largest IPv6 frames that RFC 8219 §5.1.1 has and that fit: 84 and 1518.
    sizes: [18, ...usualSizes, 1452],
    search: { trial: 1, final: 60, resolution: 0.01, retries: 0 },
    blast: 5,
    roundTrips: 100_000,
    connect: 10,
    apart: 20,
    tables: 5,
  },
};

/**
 * A profile whose trials are shorter or longer by a factor: for a look at what it does, not at figures that mean something.
 * Nothing becomes shorter than it can be measured.
 */
export function scaled(profile: Profile, factor: number): Profile {
  if (factor === 1) return profile;
  const { ci } = profiles;
  const by = (seconds: number, least: number): number => Math.max(Math.min(seconds, least), seconds * factor);
  const { search } = profile;
  return {
    ...profile,
    scale: factor,
    tcp: Math.max(1, Math.round(profile.tcp * factor)),
    blast: by(profile.blast, ci.blast),
    roundTrips: Math.round(by(profile.roundTrips, ci.roundTrips)),
    connect: by(profile.connect, ci.connect),
    search: { ...search, trial: by(search.trial, ci.search.trial), final: by(search.final, ci.search.trial) },
  };
}

/** A profile with so many rounds, and no more than these of what has rounds of its own. */
export function withRounds(profile: Profile, rounds: number | undefined): Profile {
  if (rounds === undefined) return profile;
  const atMost = (own: number): number => Math.min(own, rounds);
  return {
    ...profile,
    rounds,
    ...(profile.throughputs === undefined ? {} : { throughputs: atMost(profile.throughputs) }),
    selfTests: atMost(profile.selfTests),
    apart: atMost(profile.apart),
  };
}
