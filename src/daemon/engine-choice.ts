// Which engine does the work, and why: the plan asks it for effects, `status` shows the reason.

import type { PlanningEngine } from "../plan/desire.js";

export interface EngineChoice {
  readonly engine: PlanningEngine;
  /** Why this one, for people. */
  readonly why: string;
}
