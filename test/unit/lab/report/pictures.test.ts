// Topologies drawn, golden.

import { describe, expect, it } from "vitest";
import { mermaid } from "../../../../lab/report/mermaid.js";
import { picture } from "../../../../lab/report/picture.js";
import { LAN, shipped } from "../topologies.js";

describe("picture()", () => {
  it("464xlat", async () => {
    await expect(`${picture(shipped("464xlat"))}\n`).toMatchFileSnapshot("../golden/464xlat.picture.txt");
  });

  it("a LAN, a chain, and what hangs on neither", async () => {
    await expect(`${picture(LAN)}\n`).toMatchFileSnapshot("../golden/lan.picture.txt");
  });

  it.each([shipped("464xlat"), shipped("464xlat-builtin"), LAN])(
    "stays within 80 columns and shows every node: $name",
    (topology) => {
      const drawn = picture(topology);
      for (const line of drawn.split("\n")) expect([...line].length).toBeLessThanOrEqual(80);
      for (const node of topology.nodes) expect(drawn).toContain(node.name);
    },
  );
});

describe("picture() on a narrow terminal", () => {
  it.each([40, 60])("stays within %i columns and shows every node", (width) => {
    for (const topology of [shipped("464xlat"), shipped("siit-dc-2xlat"), LAN]) {
      const drawn = picture(topology, width);
      for (const line of drawn.split("\n")) expect([...line].length, line).toBeLessThanOrEqual(width);
      for (const node of topology.nodes) expect(drawn).toContain(`│ ${node.name}`);
    }
  });
});

describe("mermaid()", () => {
  it("464xlat", async () => {
    await expect(`${mermaid(shipped("464xlat"))}\n`).toMatchFileSnapshot("../golden/464xlat.mermaid.txt");
  });

  it("draws a LAN as a node and escapes what Mermaid would read", () => {
    const [first, ...rest] = LAN.nodes;
    if (first === undefined) throw new Error("unreachable");
    const drawn = mermaid({ ...LAN, nodes: [{ ...first, label: 'a "b" <c>' }, ...rest] });
    expect(drawn).toContain('lan0(("2001:db8:1::/64, 192.0.2.0/24"))');
    expect(drawn).toContain("a #quot;b#quot; &lt;c&gt;");
  });
});
