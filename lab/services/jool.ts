// Hands an instance to Jool's kernel module by Jool's own program, and takes it away at the end.

import { execa } from "execa";
import type { JoolService } from "../kinds/jool.js";
import { configurationFile, onSignal, readConfiguration, ready } from "./service.js";

const { program, instance, file } = readConfiguration<JoolService>(configurationFile());

await execa(program, ["file", "handle", file]);
const stay = setInterval(() => undefined, 2_147_483_647);
onSignal(async () => {
  clearInterval(stay);
  await execa(program, ["instance", "remove", instance]);
});
ready();
