// Devices of the kernel module nat46, by the commands that its control file takes (the README of its modules).

import { writeFile } from "node:fs/promises";
import { cannot, cannotUndo, nat46Commands, nat46Control } from "../describe.js";
import { OsError } from "../driver.js";
import type { Effect } from "../effect.js";
import { fileExists } from "./files.js";

type DeviceEffect = Effect & { do: "nat46.device" };

/**
 * The module takes commands that it does not like without a word, so a look at the device has to tell.
 * @param root of the place, put before the path
 */
export async function makeNat46(root: string, effect: DeviceEffect, isThere: () => Promise<boolean>): Promise<void> {
  for (const command of nat46Commands(effect)) await tell(root, command, (why) => cannot(effect, why));
  if (!(await isThere()))
    throw new OsError("failed", cannot(effect, "the module has not made it; `dmesg` may tell why"));
}

/** Where the module is gone, so is the device. */
export async function removeNat46(root: string, effect: DeviceEffect): Promise<void> {
  if (!(await fileExists(root + nat46Control))) return;
  await tell(root, `del ${effect.name}`, (why) => cannotUndo(effect, why));
}

async function tell(root: string, command: string, message: (why: string) => string): Promise<void> {
  try {
    // One write a command: the module reads no further than to the end of a line.
    await writeFile(root + nat46Control, `${command}\n`, { flag: "r+" });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new OsError("failed", message(`${nat46Control} refused "${command}": ${why}`), { cause });
  }
}
