// Why an effect is refused before anything is done: the errors of preparing.

import { cannot } from "./describe.js";
import { OsError } from "./driver.js";
import type { Effect } from "./effect.js";
import type { Outlook } from "./outlook.js";

export function refuse(effect: Effect, when: boolean, why: string): void {
  if (when) throw refusal("exists", effect, why);
}

export function refuseLink(effect: Effect, name: string, { links }: Outlook): void {
  refuse(effect, links.has(name), `there is a device "${name}" already; choose another name`);
}

export function unsupported(effect: Effect, why: string): OsError {
  return refusal("unsupported", effect, why);
}

export function missing(effect: Effect, why: string): OsError {
  return refusal("missing", effect, why);
}

export function denied(effect: Effect, why: string): OsError {
  return refusal("denied", effect, why);
}

function refusal(code: OsError["code"], effect: Effect, why: string): OsError {
  return new OsError(code, cannot(effect, why), { effect, why });
}
