#!/usr/bin/env node
// The program `clatd`.

import { main } from "./main.js";
import { processTerminal } from "./terminal.js";

// Who reads our output may go (`clatd status | head`, a restarted journal): that is no reason to fall.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

process.exitCode = await main(process.argv.slice(2), processTerminal());
