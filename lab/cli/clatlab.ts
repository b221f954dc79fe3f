#!/usr/bin/env node
// clatlab: networks of namespaces that prove and show 464XLAT. See help.ts for its words.

import { main } from "./main.js";

// Who reads our output may go (`clatlab list | head`): the lab still ends in order.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

process.exitCode = await main(process.argv.slice(2));
