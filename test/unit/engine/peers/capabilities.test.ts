import { describe, expect, it } from "vitest";
import { capabilityNames, gaps } from "../../../../src/engine/capabilities.js";
import { forwardingDoubt } from "../../../../src/engine/forwarding-doubt.js";

describe("gaps", () => {
  it("are of known capabilities, each with a reason", () => {
    for (const [engine, list] of Object.entries(gaps)) {
      for (const [capability, reason] of Object.entries(list)) {
        expect(capabilityNames, engine).toContain(capability);
        expect(reason, `${engine}: ${capability}`).not.toBe("");
      }
    }
  });
});

describe("forwardingDoubt()", () => {
  const table = (family: string, policy: string) => ({
    nft: [
      {
        family,
        name: "filter",
        text: `table ${family} filter {\n\tchain forward {\n\t\ttype filter hook forward priority filter; policy ${policy};\n\t}\n}`,
      },
    ],
  });

  it("is there where a firewall of IPv6 drops what is forwarded", () => {
    for (const family of ["inet", "ip6"]) {
      expect(forwardingDoubt(table(family, "drop"))).toEqual({
        ok: "unknown",
        reason: `the firewall (nft table ${family} filter) drops what is forwarded unless a rule lets it pass, and this engine forwards`,
      });
    }
    expect(forwardingDoubt(table("inet", "accept"))).toEqual({ ok: true });
    expect(forwardingDoubt(table("ip", "drop"))).toEqual({ ok: true });
  });
});
