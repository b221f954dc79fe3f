// What is the matter with a file that somebody named, in words for people.

const reading: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "this user may not read it",
  EISDIR: "it is a directory; a file is wanted",
  ENOTDIR: "a part of its path is not a directory",
};
const writing: Readonly<Record<string, string>> = {
  ...reading,
  ENOENT: "its folder does not exist",
  EACCES: "this user may not write it",
  ENOSPC: "there is no room left on its file system",
  EROFS: "its file system is read-only",
};

/** @param error what the file system said */
export function fileProblem(error: unknown, use: "read" | "write" = "read"): string {
  const sentences = use === "read" ? reading : writing;
  return sentences[errorCode(error)] ?? (error instanceof Error ? error.message : String(error));
}

/** `ENOENT`; empty where there is none. */
export function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? `${error.code}` : "";
}
