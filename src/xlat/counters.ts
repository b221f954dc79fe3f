// Packets and octets per direction and drops per reason. The translator counts into a Float64Array that may lie on
// shared memory (one writer; doubles are exact up to 2^53), the main thread reads it as the record below.

export interface DirectionCounters {
  readonly packets: number;
  /** Octets of the IP packets as they came in. */
  readonly octets: number;
  /** By the name of the Reason; only those that occurred. */
  readonly drops: Readonly<Record<string, number>>;
}

export interface CounterValues {
  readonly v4ToV6: DirectionCounters;
  readonly v6ToV4: DirectionCounters;
}
