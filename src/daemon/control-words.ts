// What is said over the control socket, a JSON object a line.

import type { StatusRecord } from "./status.js";

export interface ControlQuestion {
  readonly ask: "status";
}

export type ControlAnswer =
  | { readonly ok: true; readonly status: StatusRecord }
  | { readonly ok: false; readonly error: string };
