import { describe, expect, it } from "vitest";
import { linkEffects } from "../../../../lab/bench/links.js";
import { selfTest, subjects } from "../../../../lab/bench/subjects.js";
import { loadTopology } from "../../../../lab/topology-file.js";

const topology = await loadTopology("bench");

describe("linkEffects()", () => {
  it("leaves veth as it is", () => expect(linkEffects(topology, "veth", selfTest.name)).toEqual([]));

  it("makes both ends of every link a wire, but not of the tester's own", () => {
    const effects = linkEffects(topology, "wire", selfTest.name);
    expect(effects).toHaveLength((topology.links.length - 1) * 2);
    expect(effects).toContainEqual({
      do: "link.set",
      in: "ebpf",
      name: "eth0",
      features: { tso: false, "tx-udp-segmentation": false, gro: true },
    });
    expect(effects).not.toContainEqual(expect.objectContaining({ in: selfTest.name }));
    expect(effects).not.toContainEqual(expect.objectContaining({ in: "server", name: "eth1" }));
  });
});

describe("subjects", () => {
  it("each have a node of the topology, and clatd's there the engine of their name", () => {
    for (const { name } of [selfTest, ...subjects]) {
      const node = topology.nodes.find((one) => one.name === name);
      expect(node, name).toBeDefined();
      if (node?.kind === "host" && node.clatd !== undefined) expect(node.clatd.keys).toContain(`engine=${name}`);
    }
  });

  it("reach an address that the server has", () => {
    const server = topology.nodes.find(({ name }) => name === "server");
    const addresses = server?.interfaces.flatMap((face) => face.addresses.map((address) => address.split("/")[0]));
    expect(addresses).toEqual(["2001:db8:64::c633:640a", selfTest.target]);
  });
});
