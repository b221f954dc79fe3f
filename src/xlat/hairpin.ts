// Hairpinning (RFC 7757 §4.2.2, intrinsic): an IPv6 packet to the IPv4 address of a mapped IPv6 node is translated back to
// IPv6 at once, its source as the PREF64 shows it, so that the answer comes back through here.

import type { Context } from "./context.js";
import type { Frame, Outlet } from "./frame.js";
import { translate4 } from "./v4-to-v6.js";

/** An outlet that takes the IPv4 packets of the first pass and sends what the second makes of them to `outlet`. */
export function hairpin(x: Context, outlet: Outlet): Outlet {
  const pass = x.pass;
  pass.outlet = outlet;
  // Made once: nothing is allocated per packet.
  pass.turn ??= { emit: (frame) => turnBack(x, frame) };
  return pass.turn;
}

function turnBack(x: Context, frame: Frame): void {
  const pass = x.pass;
  if (pass.outlet === undefined) return;
  pass.hairpinned = true;
  translate4(x, frame, pass.outlet);
  pass.hairpinned = false;
}
