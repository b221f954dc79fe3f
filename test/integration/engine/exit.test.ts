import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

it("userspaceHost() lets its process exit while a translator waits for packets", async () => {
  const program = fileURLToPath(new URL("exiting.mjs", import.meta.url));
  const compiled = new URL("../../../dist/src/engine/userspace/host.js", import.meta.url);
  const child = spawn(process.execPath, [program, compiled.href], { stdio: "inherit", timeout: 100_000 });
  const [code] = await once(child, "exit");
  expect(code).toBe(7);
});
