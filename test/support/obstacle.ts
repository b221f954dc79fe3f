// Why a lab can't be made here; every test that needs one is skipped with this reason, and counted.

import { whyNot } from "../integration/os/holder.js";

export const labObstacle: string | undefined = await whyNot();
