// pref64Sources(): whom a configuration asks for the PLAT's prefix.

import { describe, expect, it } from "vitest";
import { pref64Sources } from "../../../src/cli/compose.js";
import { configOf } from "../plan/facts-of.js";

describe("pref64Sources()", () => {
  it.each<[string, string[], string[]]>([
    ["systemd-networkd and DNS64 where nothing is set", [], ["networkd", "dns64"]],
    ["DNS64 alone where cmd-networkctl is empty", ["cmd-networkctl="], ["dns64"]],
    ["DNS64 alone where dns64-servers names whom to ask", ["dns64-servers=2001:db8::53"], ["dns64"]],
    ["a fallback beside them", ["plat-fallback-prefix=64:ff9b::/96"], ["networkd", "dns64", "fallback"]],
    [
      "nobody else where plat-prefix is set",
      ["plat-prefix=64:ff9b::/96", "plat-fallback-prefix=64:ff9b::/96"],
      ["static"],
    ],
  ])("asks %s", (_whom, settings, origins) => {
    expect(pref64Sources(configOf(...settings)).map(({ origin }) => origin)).toEqual(origins);
  });
});
