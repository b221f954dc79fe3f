import { describe, expect, it } from "vitest";
import {
  PACKET_V4,
  PACKET_V6,
  packetsV4,
  packetsV6,
  serviceMappings,
  serviceOrder,
} from "../../../../lab/bench/eam-mappings.js";
import type { Costs } from "../../../../lab/bench/eam-measures.js";
import { eamReport } from "../../../../lab/bench/eam-report.js";
import { parsePacket } from "../../../../src/wire/parse.js";

const costs = (mappings: number, packet: number): Costs => {
  const order = { lookupV4: 10, lookupV6: 15, packetV4: packet, packetV6: packet };
  return {
    mappings,
    load: 1600,
    memory: 130 * 2 ** 20,
    random: order,
    repeated: { ...order, packetV4: 200, packetV6: 200 },
  };
};

describe("eamReport()", () => {
  it("has a row for each size, ratios to the first, and says which goals were reached", () => {
    const report = eamReport([costs(1, 200), costs(1_000_000, 450)], "a machine");
    expect(report).toContain("| 1,000,000 | 1600 ms | 130.0 MiB |");
    expect(report).toContain("| 1,000,000 | 10 (1.00 ×) | 15 (1.00 ×) | 450 (2.25 ×) | 450 (2.25 ×) |");
    expect(report).toContain("1,000,000 mappings, random: a packet costs at most 2.25 × one mapping; goal 2 ×: missed");
    expect(report).toContain(
      "1,000,000 mappings, repeated: a packet costs at most 1.00 × one mapping; goal 2 ×: reached",
    );
  });
});

describe("packetsV4(), packetsV6()", () => {
  it("are packets of the services, each of which is mapped to what the other family's packet goes to", () => {
    const services = serviceOrder(70_000, 100, "random");
    const mappings = serviceMappings(70_000);
    const v4 = packetsV4(services);
    const v6 = packetsV6(services);
    for (const [index, service] of services.entries()) {
      const up = parsePacket(v4.subarray(index * PACKET_V4, (index + 1) * PACKET_V4));
      const down = parsePacket(v6.subarray(index * PACKET_V6, (index + 1) * PACKET_V6));
      expect(up).toMatchObject({ family: 4, headerChecksumIsRight: true, source: mappings[service]?.v4.slice(0, -3) });
      expect(down).toMatchObject({ family: 6, source: expect.stringMatching(/^2001:db8:64::/) });
      expect(mappings[service]?.v6).toMatch(/^2001:db8:/);
    }
  });
});
