#!/usr/bin/env node
// The program `clatd`.

import { holdHangUps } from "./hang-ups.js";

const hangUps = holdHangUps(process);

// Who reads our output may go (`clatd status | head`, a restarted journal): that is no reason to fall.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

// Not above: what is imported there is loaded before the first line runs.
const [{ main }, { processTerminal }] = await Promise.all([import("./main.js"), import("./terminal.js")]);
process.exitCode = await main(process.argv.slice(2), processTerminal(), hangUps);
