// The JSON schema of topology files, for editors (`clatlab list --schema`).

import { z } from "zod";
import { fileSchema } from "./file-schema.js";

export function topologyJsonSchema(): object {
  return z.toJSONSchema(fileSchema, { io: "input" });
}
