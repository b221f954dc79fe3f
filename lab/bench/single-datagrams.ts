// Round trips of one datagram at a time, with client, server and engine on one processor; and TCP connections.

import type { Profile } from "./profiles.js";
import { freshPort, keepEngines, type Stand, whileServing } from "./stand.js";
import { type Connections, type RoundTrips, WARM_UP } from "./tester/protocol.js";

const CORE = 0;
const SIZE = 64;
/** Connections under way at the same time. */
const AT_ONCE = 32;

/** Microseconds: the median, and the 99.9th percentile. */
export async function measureRoundTrips(stand: Stand, { roundTrips }: Profile): Promise<readonly number[]> {
  using _engines = keepEngines(stand, CORE);
  const port = freshPort();
  const to = { address: stand.target, port };
  return whileServing(stand, { do: "echo", port, core: CORE }, async () => {
    const { median, worst } = await stand.client.ask<RoundTrips>({
      do: "round-trips",
      to,
      size: SIZE,
      count: roundTrips,
      core: CORE,
    });
    return [median, worst];
  });
}

/** Estimated; through a translator in user space one takes ten times as long as through the kernel. */
export const roundTripSeconds = (count: number): number => (count + WARM_UP) * 80e-6;

/** Connections opened each second. */
export async function measureConnections(stand: Stand, { connect }: Profile): Promise<readonly number[]> {
  const port = freshPort();
  const to = { address: stand.target, port };
  return whileServing(stand, { do: "accept", port }, async () => {
    const made = await stand.client.ask<Connections>({ do: "connect", to, seconds: connect, atOnce: AT_ONCE });
    if (made.failed > 0)
      throw new Error(`Cannot measure connections: ${made.failed} of ${made.failed + made.opened} could not be opened`);
    return [made.opened / made.seconds];
  });
}
