// Whether a command is there, looked for as execvp(3) does.

import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** @param root of the place, put before each path */
export async function programExists(root: string, program: string): Promise<boolean> {
  const folders = program.includes("/") ? [""] : (process.env["PATH"] ?? "").split(delimiter).filter(isAbsolute);
  for (const folder of folders) if (await isExecutable(root + join(folder, program))) return true;
  return false;
}

function isAbsolute(folder: string): boolean {
  return folder.startsWith("/");
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
