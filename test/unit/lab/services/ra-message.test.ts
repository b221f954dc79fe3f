// What a router advertises.

import { describe, expect, it } from "vitest";
import { advertisement, farewell } from "../../../../lab/services/ra-message.js";
import { nodeNamed } from "../../../../lab/topology.js";
import { encodeNdp, parseNdp } from "../../../../src/wire/ndp.js";
import { LAN, shipped } from "../topologies.js";

const faceOf = (topology: typeof LAN, node: string) => {
  const router = nodeNamed(topology, node);
  const face = router?.kind === "router" ? router.ra[0] : undefined;
  if (face === undefined) throw new Error(`${node} advertises nothing`);
  return face;
};

describe("advertisement()", () => {
  it("says what the topology says, and comes through the wire", () => {
    const message = advertisement(faceOf(shipped("464xlat"), "router"), "02:00:5e:10:00:01");
    expect(parseNdp(encodeNdp(message))).toEqual(message);
    expect(message).toMatchObject({
      routerLifetime: 1800,
      options: [
        { option: "source-link-layer" },
        { option: "prefix", prefix: "2001:db8:1::/64", onLink: true, autonomous: true, valid: 86400, preferred: 14400 },
        { option: "rdnss", servers: ["2001:db8:53::2"], lifetime: 1800 },
        { option: "pref64", prefix: "2001:db8:64::/96", lifetime: 1800 },
      ],
    });
  });

  it("leaves out what there is nothing to say about", () => {
    const message = advertisement(faceOf(LAN, "edge"), undefined);
    expect(message.options.map(({ option }) => option)).toEqual(["mtu", "prefix"]);
  });
});

describe("farewell()", () => {
  it("is no default router any more (RFC 4861 §6.2.5)", () => {
    expect(farewell(faceOf(LAN, "edge"), undefined).routerLifetime).toBe(0);
  });
});
