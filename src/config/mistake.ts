// What is wrong with a configuration, and where. Mistakes are collected and shown together, never thrown one by one.

export type Place =
  | { readonly in: "file"; readonly file: string; readonly line: number }
  | { readonly in: "whole-file"; readonly file: string }
  | { readonly in: "arguments" }
  /** Nobody set it: a default that does not go with what is set. */
  | { readonly in: "defaults" };

export interface Mistake {
  /** An error stops clatd before it touches anything; a warning does not. */
  readonly severity: "error" | "warning";
  readonly place: Place;
  readonly text: string;
}

/** `/etc/clatd.conf:3`, `command line`. */
export function formatPlace(place: Place): string {
  switch (place.in) {
    case "file":
      return `${place.file}:${place.line}`;
    case "whole-file":
      return place.file;
    case "arguments":
      return "command line";
    case "defaults":
      return "defaults";
  }
}

/** `/etc/clatd.conf:3: error: cannot set …`. One line, and nothing in it that a terminal obeys, whatever was given. */
export function formatMistake(mistake: Mistake): string {
  return visible(`${formatPlace(mistake.place)}: ${mistake.severity}: ${mistake.text}`);
}

/** Control characters as a sign that they are there. */
export function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, "�");
}
