#!/usr/bin/env node
// clatlab: networks of namespaces that prove and show 464XLAT. See help.ts for its words.

import { main } from "./main.js";

process.exitCode = await main(process.argv.slice(2));
