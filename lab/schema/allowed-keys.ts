// Which keys the schema knows at a place of the file: what a mistake about an unknown key offers instead.

import { z } from "zod";
import { checkKinds, kindOfCheck } from "./check-schema.js";
import { fileSchema } from "./file-schema.js";
import type { Path } from "./mistake.js";
import { valueAt } from "./zod-issues.js";

/** The keys of the mapping at `path` of the file `top`. */
export function allowedKeys(top: unknown, path: Path): string[] {
  let candidates: z.core.$ZodType[] = [fileSchema];
  for (const [depth, key] of path.entries()) {
    const here = path.slice(0, depth);
    candidates = candidates
      .flatMap((schema) => open(schema, valueAt(top, here)))
      .flatMap((schema) => step(schema, key));
  }
  const objects = candidates.flatMap((schema) => open(schema, valueAt(top, path)));
  return [...new Set(objects.flatMap((schema) => (schema instanceof z.ZodObject ? Object.keys(schema.shape) : [])))];
}

/** The schemas behind optionals and unions that `value` may be meant for. */
function open(schema: z.core.$ZodType, value: unknown): z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional) return open(schema.unwrap(), value);
  if (!(schema instanceof z.ZodUnion)) return [schema];
  const options = schema.options.flatMap((option) => open(option, value));
  const meant = options.filter((option) => isMeant(option, value));
  return meant.length > 0 ? meant : options;
}

function isMeant(schema: z.core.$ZodType, value: unknown): boolean {
  if (!(schema instanceof z.ZodObject) || typeof value !== "object" || value === null) return false;
  const kind: unknown = schema.shape["kind"];
  if (kind instanceof z.ZodLiteral) return "kind" in value && kind.values.has(value.kind as never);
  const checkKind = kindOfCheck(value);
  return checkKind !== undefined && schema === checkKinds[checkKind];
}

function step(schema: z.core.$ZodType, key: string | number): z.core.$ZodType[] {
  if (schema instanceof z.ZodObject) {
    const inner: unknown = schema.shape[key];
    return inner instanceof z.ZodType ? [inner] : [];
  }
  if (schema instanceof z.ZodRecord) return [schema.valueType];
  if (schema instanceof z.ZodArray) return [schema.element];
  return [];
}
