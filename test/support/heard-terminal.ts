// A terminal whose words are kept.

import type { Terminal } from "../../src/cli/terminal.js";

export function heardTerminal(): { readonly terminal: Terminal; readonly said: { out: string; error: string } } {
  const said = { out: "", error: "" };
  const terminal: Terminal = {
    out: (text) => {
      said.out += text;
    },
    error: (text) => {
      said.error += text;
    },
    colours: false,
  };
  return { terminal, said };
}
