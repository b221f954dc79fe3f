// From what zod says about a file to sentences that a person can act on. A union's complaint lists every alternative;
// here the one that the author meant is picked, by the key or the type that is there.

import type { z } from "zod";
import { checkKindNames, kindOfCheck } from "./check-schema.js";
import { instead, type Mistake, type Path } from "./mistake.js";

type Issue = z.core.$ZodIssue;

/** What a person may have taken for a topology file is anything. */
const LONGEST_SHOWN = 60;

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`;
}
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The value at `path` below `top`; undefined where there is none. */
export function valueAt(top: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null ? (value as Record<string | number, unknown>)[key] : undefined,
    top,
  );
}

/** `allowedKeys` tells the keys that the schema knows at a path. */
export function mistakesOfIssues(
  issues: readonly Issue[],
  top: unknown,
  allowedKeys: (path: Path) => string[],
): Mistake[] {
  return issues.flatMap((issue) => mistakesOfIssue(issue, [], top, allowedKeys));
}

function mistakesOfIssue(issue: Issue, base: Path, top: unknown, allowedKeys: (path: Path) => string[]): Mistake[] {
  const path: Path = [...base, ...issue.path.map((key) => (typeof key === "symbol" ? String(key) : key))];
  const value = valueAt(top, path);
  const name = nameOf(path);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        path: [...path, key],
        atKey: true,
        text: `Unknown key "${key}": ${instead(key, allowedKeys(path))}`,
      }));
    case "invalid_union":
      return mistakesOfUnion(issue, path, value, top, allowedKeys);
    case "invalid_value":
      return [{ path, text: `Cannot use ${show(value)} for ${name}: ${alternatives(value, issue.values)}` }];
    case "too_small":
    case "too_big":
      return [{ path, text: `Cannot use ${show(value)} for ${name}: ${bound(issue)}` }];
    case "invalid_type":
      if (path.length === 0)
        return [
          {
            path,
            text: `Cannot use ${show(value)} as a topology: it must be ${article(issue.expected)} with ${allowedKeys(path).join(", ")}`,
          },
        ];
      if (value === undefined)
        return [{ path: path.slice(0, -1), text: `Missing key ${name}: it must be ${article(issue.expected)}` }];
      return [{ path, text: `Cannot use ${show(value)} for ${name}: it must be ${article(issue.expected)}` }];
    default:
      return [{ path, text: `Cannot use ${show(value)} for ${name}: ${lower(issue.message)}` }];
  }
}

function mistakesOfUnion(
  issue: Extract<Issue, { code: "invalid_union" }>,
  path: Path,
  value: unknown,
  top: unknown,
  allowedKeys: (path: Path) => string[],
): Mistake[] {
  // A node without a kind that is known: zod names no alternative then.
  if (issue.errors.length === 0) {
    const kinds = ["host", "router", "plat", "border-relay", "dns64", "server"];
    if (typeof value === "string")
      return [{ path, text: `Cannot use "${value}" as kind of node: ${instead(value, kinds)}` }];
    return [{ path: path.slice(0, -1), text: `Missing key "kind": one of ${kinds.join(", ")}` }];
  }
  if (path[0] === "checks" && path.length === 2 && isRecord(value)) {
    const kind = kindOfCheck(value);
    const index = kind === undefined ? -1 : checkKindNames.indexOf(kind);
    const meant = issue.errors[index];
    if (meant !== undefined) return meant.flatMap((inner) => mistakesOfIssue(inner, path, top, allowedKeys));
    return [{ path, text: kindlessCheck(value) }];
  }
  // A text or a mapping: the alternative that has come further with this value is the one that was meant.
  const meant = issue.errors.find(
    (alternative) => !alternative.some((inner) => inner.path.length === 0 && inner.code === "invalid_type"),
  );
  if (meant !== undefined) return meant.flatMap((inner) => mistakesOfIssue(inner, path, top, allowedKeys));
  const expected = issue.errors.flatMap((alternative) =>
    alternative.map((inner) => (inner.code === "invalid_type" ? article(inner.expected) : lower(inner.message))),
  );
  return [
    { path, text: `Cannot use ${show(value)} for ${nameOf(path)}: it must be ${[...new Set(expected)].join(" or ")}` },
  ];
}

/** `"count"`, or `item 2 of "services"`. */
function nameOf(path: Path): string {
  const last = path.at(-1);
  return typeof last === "number" ? `item ${last + 1} of "${path.at(-2)}"` : `"${last}"`;
}

function bound(issue: Extract<Issue, { code: "too_small" | "too_big" }>): string {
  const [words, limit] = issue.code === "too_small" ? ["at least", issue.minimum] : ["at most", issue.maximum];
  if (issue.origin === "array") return `it must have ${words} ${limit} ${Number(limit) === 1 ? "item" : "items"}`;
  if (issue.origin === "string") return "it must not be empty";
  return `it must be ${words} ${limit}`;
}

function kindlessCheck(value: Record<string, unknown>): string {
  const named = checkKindNames.filter((key) => key in value);
  if (named.length > 1)
    return `Cannot tell the kind of this check: it has ${named.map((key) => `"${key}"`).join(" and ")}; one check has one of them`;
  for (const key of Object.keys(value)) {
    const hint = instead(key, checkKindNames);
    if (hint.startsWith("did you mean")) return `Cannot tell the kind of this check: unknown key "${key}", ${hint}`;
  }
  return `Cannot tell the kind of this check: it needs one of ${checkKindNames.join(", ")}`;
}

function alternatives(value: unknown, allowed: readonly unknown[]): string {
  const names = allowed.map(String);
  return typeof value === "string" ? instead(value, names) : `allowed: ${names.join(", ")}`;
}

const words: Readonly<Record<string, string>> = {
  string: "text",
  array: "a list",
  object: "a mapping",
  record: "a mapping",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
};
const article = (expected: string): string => words[expected] ?? expected;
const lower = (sentence: string): string => sentence.charAt(0).toLowerCase() + sentence.slice(1);
