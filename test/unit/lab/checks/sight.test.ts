// Packets that must be seen while a check is tried, with nft made up.

import { describe, expect, it } from "vitest";
import { readCounts, type Sight, sightTable, watching } from "../../../../lab/checks/sight.js";
import type { Command, ExecOptions, ExecResult } from "../../../../lab/command.js";
import { bad, good, inconclusive } from "../../../../lab/probe/outcome.js";

const inHost: Sight = { in: "host", packets: "ip dscp 46" };
const inServer: Sight = { in: "server", packets: "udp dport 7" };

const listing = (counts: Readonly<Record<string, number>>): string =>
  JSON.stringify({
    nftables: [
      { metainfo: { version: "1.0.6" } },
      { table: { family: "inet", name: "t" } },
      ...Object.entries(counts).map(([name, packets]) => ({ counter: { family: "inet", name, packets, bytes: 0 } })),
    ],
  });

/** Nodes whose nft counts what `counts` says, one listing after the other, the last for ever. */
function lab(counts: Readonly<Record<string, readonly number[]>>, refusal?: string) {
  const told: string[] = [];
  const looks = new Map<string, number>();
  const exec = async (node: string, command: Command, options: ExecOptions = {}): Promise<ExecResult> => {
    const words = [...command].join(" ");
    told.push(`${node}: ${words.replace(/clatlab-[0-9a-f]{8}/, "TABLE")}`);
    if (options.input !== undefined && refusal !== undefined) return { code: 1, stdout: "", stderr: refusal };
    if (!words.includes("list")) return { code: 0, stdout: "", stderr: "" };
    const look = looks.get(node) ?? 0;
    looks.set(node, look + 1);
    const own = counts[node] ?? [];
    return { code: 0, stdout: listing({ seen0: own[Math.min(look, own.length - 1)] ?? 0 }), stderr: "" };
  };
  return { exec, told };
}

describe("watching()", () => {
  it("is the outcome of the trial where every packet was seen, and tidies up", async () => {
    const { exec, told } = lab({ host: [1], server: [7] });
    expect(await watching([inHost, inServer], { exec }, async () => good("64 octets"))).toEqual(good("64 octets"));
    expect(told).toEqual([
      "host: nft -f -",
      "server: nft -f -",
      "host: nft -j list table inet TABLE",
      "server: nft -j list table inet TABLE",
      "host: nft delete table inet TABLE",
      "server: nft delete table inet TABLE",
    ]);
  });

  it("is bad where one was not, and says which", async () => {
    const { exec } = lab({ host: [1], server: [0] });
    const outcome = await watching([inHost, inServer], { exec }, async () => good("64 octets"));
    expect(outcome).toEqual(inconclusive('"udp dport 7" was not seen in server (else: 64 octets)'));
  });

  it("waits for one that is still on its way", async () => {
    const { exec } = lab({ host: [0, 0, 1] });
    expect(await watching([inHost], { exec }, async () => good(""))).toMatchObject({ ok: true });
  });

  it("does not make good what went wrong", async () => {
    const { exec, told } = lab({ host: [1] });
    expect(await watching([inHost], { exec }, async () => bad("no answer"))).toEqual(bad("no answer"));
    expect(told.at(-1)).toBe("host: nft delete table inet TABLE");
  });

  it("looks for the packets of what must fail, too", async () => {
    const failing = async () => bad("EHOSTUNREACH");
    expect(await watching([inHost], { exec: lab({ host: [1] }).exec }, failing, false)).toEqual(bad("EHOSTUNREACH"));
    const outcome = await watching([inHost], { exec: lab({ host: [0] }).exec, patience: 50 }, failing, false);
    expect(outcome).toEqual(inconclusive('"ip dscp 46" was not seen in host (else: EHOSTUNREACH)'));
  });

  it("says so where nft does not answer", async () => {
    const { exec } = lab({ host: [1] });
    const dumb = async (node: string, command: Command, options?: ExecOptions): Promise<ExecResult> =>
      [...command].includes("list") ? { code: 124, stdout: "", stderr: "timed out" } : exec(node, command, options);
    await expect(watching([inHost], { exec: dumb }, async () => good(""))).rejects.toThrow(
      'Cannot count packets in "host": nft ended with exit code 124: timed out',
    );
  });

  it("says what nft says about an expression that is none", async () => {
    const { exec } = lab({}, "syntax error, unexpected string\n");
    const outcome = await watching([{ in: "host", packets: "ip dscpp 46" }], { exec }, async () => good(""));
    expect(outcome).toEqual(inconclusive('nft in "host": syntax error, unexpected string'));
  });

  it("looks at nothing where nothing must be seen", async () => {
    const { exec, told } = lab({});
    expect(await watching([], { exec }, async () => good("yes"))).toEqual(good("yes"));
    expect(told).toEqual([]);
  });
});

describe("sightTable()", () => {
  it("counts packets as they come in, before anything is put together, and as they go out", () => {
    expect(sightTable("t", [inHost])).toMatchInlineSnapshot(`
      "table inet t {
        counter seen0 { }
        chain in {
          type filter hook prerouting priority -450; policy accept;
          ip dscp 46 counter name seen0
        }
        chain out {
          type filter hook postrouting priority 450; policy accept;
          ip dscp 46 counter name seen0
        }
      }
      "
    `);
  });
});

describe("readCounts()", () => {
  it("takes the counters out of what nft lists", () => {
    expect(readCounts(listing({ seen0: 3, seen1: 0 }))).toEqual(
      new Map([
        ["seen0", 3],
        ["seen1", 0],
      ]),
    );
  });
});
