// Routes of a node into the device of its translator.

import type { Effect } from "../../src/os/effect.js";
import { familyOf } from "../addressing.js";

const mainTable = 254;

/** @param destination a prefix, or an address, which is a host route then */
export function routeInto(node: string, dev: string, destination: string): Effect {
  const family = familyOf(destination);
  const whole = destination.includes("/") ? destination : `${destination}/${family === 4 ? 32 : 128}`;
  return { do: "route.add", in: node, route: { family, destination: whole, dev, table: mainTable } };
}
