// gatherFacts(): what is looked at, and in which order.

import { describe, expect, it } from "vitest";
import { gatherFacts } from "../../../src/daemon/gather.js";
import type { Applied } from "../../../src/os/driver.js";
import type { Effect } from "../../../src/os/effect.js";
import { FakeOs } from "../../../src/os/fake/fake-os.js";
import { nativeIpv4 } from "../../../src/plan/facts.js";
import { appliedOf, configOf } from "../plan/facts-of.js";

const route: Effect = { do: "route.add", route: { family: 4, destination: "default", dev: "two", table: 254 } };
const link: Effect = { do: "link.add", name: "two", link: { kind: "tun", offloads: false } };
const theirs = appliedOf(route);

/** A host with another clatd's default route, and a clatd that reads the others' journals: these, one after the other. */
async function nativeSeen(...journals: (readonly Applied[])[]): Promise<unknown> {
  const os = new FakeOs();
  const effects: Effect[] = [link, { do: "link.set", name: "two", up: true }, route];
  for (const applied of await os.prepareAll(effects)) await os.perform(applied);
  const others = async (): Promise<readonly Applied[]> => journals.shift() ?? [];
  const rest = { applied: [], pref64: undefined, random: new Uint8Array(16), uptime: 0, failure: undefined };
  return nativeIpv4(await gatherFacts({ os, config: configOf(), others, ...rest }));
}

describe("gatherFacts()", () => {
  it("knows the route of another clatd that comes or goes while it looks", async () => {
    expect(await nativeSeen(theirs, theirs)).toBeUndefined();
    expect(await nativeSeen([], theirs)).toBeUndefined();
    expect(await nativeSeen(theirs, [])).toBeUndefined();
    expect(await nativeSeen([], [])).toMatchObject({ dev: "two" });
  });
});
