// What `ip` and `nft` say when the kernel refuses, as codes for programs. The words for its error numbers are the C library's:
// those of glibc, and those of musl where it has others.

import type { OsError } from "../driver.js";

const patterns: readonly (readonly [RegExp, OsError["code"]])[] = [
  [/File exists|already assigned|Address already/, "exists"],
  [
    /No such (?:process|file or directory|device|table)|Cannot find device|does not exist|not found|Cannot assign requested address|Address not available|Nexthop has invalid gateway|nexthop is not up|Nexthop device is not up|Network is (?:down|unreachable)|Network unreachable|No route to host|Host is unreachable|Invalid (?:prefsrc|source) address|Cannot open network namespace|nonexistent/,
    "missing",
  ],
  [/Operation not permitted|Permission denied/, "denied"],
  [/[Nn]ot supported|Unknown device type/, "unsupported"],
];

export function codeOf(text: string): OsError["code"] {
  return patterns.find(([pattern]) => pattern.test(text))?.[1] ?? "failed";
}

/** Says that what should be taken away is gone already: then nothing is left to undo. */
export function meansGone(text: string): boolean {
  return /No such (?:process|file or directory|device)|Cannot find device|Cannot assign requested address|[Aa]ddress not (?:found|available)|does not exist|Cannot open network namespace|Invalid "netns" value/.test(
    text,
  );
}

/** One line without what only says that there was an error. */
export function oneLine(stderr: string): string {
  const lines = stderr
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/^Command failed -:\d+$/.test(line) && !/^\^+$/.test(line));
  return lines.join("; ").replace(/^Error: /, "");
}
