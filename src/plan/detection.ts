// Duplicate address detection of the CLAT's own address (RFC 4862 §5.4): as long as the kernel asks whether somebody else has
// it, it answers nobody, and nothing comes back from the PLAT.

import { addressOf } from "../os/canonical.js";
import type { NetSnapshot } from "../os/snapshot.js";
import type { Desired } from "./desired.js";
import type { Step } from "./diff.js";
import { waiting } from "./waiting.js";

/** Milliseconds; the kernel tells when it is over. */
const lookAgain = 1000;

/**
 * @param made the steps that were taken since the snapshot
 * @param before what was reached with the last look
 * @returns what there is to wait for; undefined: it is over, or the engine needs none
 */
export function detection(
  { plan, clatV6, uplink }: Extract<Desired, { state: "active" }>,
  made: readonly Step[],
  snapshot: NetSnapshot,
  before: Desired,
): Desired | undefined {
  const own = plan.effects.find((effect) => effect.do === "address.add" && addressOf(effect.address) === clatV6);
  if (own?.do !== "address.add") return undefined;
  const step = made.find((one) => one.do === "apply" && one.effect === own);
  const isTentative = snapshot.addresses.some(
    ({ dev, address, tentative }) => dev === own.dev && address === clatV6 && tentative,
  );
  if (step === undefined && !isTentative) return undefined;
  const wasPending = before.state === "waiting" && before.reason === "no-clat-address";
  const isTaken = `Another host on ${uplink} has the CLAT's address ${clatV6}; set clat-v6-addr to another one`;
  // One that runs out is not kept as a failure to look at: the kernel takes it away (addrconf_dad_failure).
  if (step?.do === "apply" && step.why === "again" && wasPending) return waiting("no-clat-address", isTaken, lookAgain);
  if (wasPending && before.text === isTaken) return before;
  const text = `Asking on ${uplink} whether anybody else has the CLAT's address ${clatV6}`;
  return waiting("no-clat-address", text, lookAgain);
}
