// firewallNotes(): a firewall that drops what is forwarded is told about where that matters.

import { describe, expect, it } from "vitest";
import { ebpfEngine } from "../../../src/engine/ebpf/plan.js";
import type { EnginePlan } from "../../../src/engine/engine.js";
import { classicUserspaceEngine } from "../../../src/engine/userspace/plan.js";
import { desire } from "../../../src/plan/desire.js";
import { firewallNotes } from "../../../src/plan/firewall-note.js";
import { factsOf, snapshotOf } from "./facts-of.js";

const plan: EnginePlan = { effects: [] };
const table = (body: string, family = "inet", name = "filter") => ({
  family,
  name,
  text: `table ${family} ${name} {\n${body}\n}`,
});
const chain = (policy: string, hook = "forward", rules = "") =>
  `chain ${hook} {\n  type filter hook ${hook} priority filter; policy ${policy};\n${rules}}`;
const notes = (...nft: ReturnType<typeof table>[]) => firewallNotes("clat", plan, snapshotOf({ nft }));

describe("firewallNotes()", () => {
  it.each([
    ["inet", table(chain("drop"))],
    ["ip6", table(chain("drop"), "ip6")],
  ])("tells of a table of family %s that drops what is forwarded", (family, one) => {
    expect(notes(one)).toEqual([
      `The firewall (nft table ${family} filter) drops what is forwarded unless a rule lets it pass, and the CLAT's ` +
        "packets are forwarded; let pass what comes in by clat and what goes out by it",
    ]);
  });

  it.each([
    ["one that accepts", table(chain("accept"))],
    ["one about IPv4 alone", table(chain("drop"), "ip")],
    ["one that drops what is for this host", table(chain("drop", "input"))],
    ["one with a rule about the device", table(chain("drop", "forward", '  iifname "clat" accept\n'))],
  ])("says nothing of %s", (_what, one) => {
    expect(notes(one)).toEqual([]);
  });

  it("says nothing of UFW's table, which has its rules; of another one beside it", () => {
    const ufw = table(`${chain("drop")}\nchain ufw6-user-forward {\n}`, "ip6");
    const with_ = (...nft: ReturnType<typeof table>[]) => firewallNotes("clat", plan, snapshotOf({ nft, ufw: true }));
    expect(with_(ufw)).toEqual([]);
    expect(with_(ufw, table(chain("drop"), "inet", "mine"))).toHaveLength(1);
    // cmd-ufw is empty: it gets none.
    expect(notes(ufw)).toHaveLength(1);
  });

  it("says nothing where the engine does not use the host's forwarding", () => {
    const facts = factsOf({ snapshot: snapshotOf({ nft: [table(chain("drop"))] }) });
    expect(desire(facts, classicUserspaceEngine)).toMatchObject({ notes: [expect.stringMatching(/^The firewall/)] });
    expect(desire(facts, ebpfEngine)).toMatchObject({ notes: [] });
  });
});
