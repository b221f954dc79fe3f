// What the value of a key may be: how its text is read, how it is written, and the words for what is allowed.
// Pure; a value that is not allowed comes back as a sentence, never as an exception.

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  /** `problem` continues the sentence `cannot set KEY to "VALUE": …`. */
  | { readonly ok: false; readonly problem: string };

export interface ValueType<T> {
  /** For people, after "allowed: ". */
  readonly allowed: string;
  /** What a shell can complete it with. */
  readonly completion?: Completion;
  /** `text` comes without spaces around it. */
  parse(text: string): Parsed<T>;
  /** Text that `parse` gives the same value for. */
  format(value: T): string;
}

/** The words that a value may be, or the kind of name that the shell knows. */
type Completion =
  | { readonly from: "words"; readonly words: readonly string[] }
  | { readonly from: "files" | "devices" };

export const good = <T>(value: T): Parsed<T> => ({ ok: true, value });
export const bad = (problem: string): Parsed<never> => ({ ok: false, problem });

/** Control characters but for the tab: no program could be given such an argument. */
export function hasControl(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
  return /[\u0000-\u0008\u000a-\u001f\u007f]/.test(text);
}

const truths: Readonly<Record<string, boolean>> = {
  "1": true,
  true: true,
  on: true,
  yes: true,
  "0": false,
  false: false,
  off: false,
  no: false,
};

/** 1/0, true/false, on/off, yes/no, in any case. */
export const boolean: ValueType<boolean> = {
  allowed: "yes or no (also 1/0, true/false, on/off)",
  completion: { from: "words", words: ["yes", "no"] },
  parse(text) {
    const value = truths[text.toLowerCase()];
    return value === undefined ? bad("it is neither yes nor no") : good(value);
  },
  format: (value) => (value ? "yes" : "no"),
};

/** A whole number, decimal or 0x hexadecimal, that lies in one of the `ranges` (both ends included). */
export function integer(
  ranges: readonly (readonly [number, number])[],
  unit = "",
  style: "decimal" | "hex" = "decimal",
): ValueType<number> {
  const write = (value: number): string => (style === "hex" && value !== 0 ? `0x${value.toString(16)}` : `${value}`);
  const spans = ranges.map(([low, high]) => (low === high ? write(low) : `${write(low)} to ${write(high)}`));
  return {
    allowed: `a whole number${unit === "" ? "" : ` of ${unit}`}: ${spans.join(", ")}`,
    parse(text) {
      if (!/^(\d+|0x[0-9a-f]+)$/i.test(text)) return bad("it is not a whole number");
      const value = Number(text);
      const fits = ranges.some(([low, high]) => value >= low && value <= high);
      return fits ? good(value) : bad("it is out of range");
    },
    format: write,
  };
}

/** One of the `names`. */
export function choice<const N extends string>(names: readonly N[]): ValueType<N> {
  return {
    allowed: [names.slice(0, -1).join(", "), ...names.slice(-1)].filter((part) => part !== "").join(" or "),
    completion: { from: "words", words: names },
    parse(text) {
      const value = names.find((name) => name === text.toLowerCase());
      return value === undefined ? bad("there is no such thing") : good(value);
    },
    format: (value) => value,
  };
}

/** A line of shell, taken as it stands. */
export const shellLine: ValueType<string> = {
  allowed: "one line of shell, without quotes around it",
  parse: (text) => (hasControl(text) ? bad("it has a control character in it") : good(text)),
  format: (value) => value,
};

/** The path of a file or of a program; a program may also be a bare name that is looked up in $PATH. */
export const path: ValueType<string> = {
  allowed: "a path",
  completion: { from: "files" },
  parse(text) {
    if (text === "") return bad("it is empty");
    return hasControl(text) ? bad("it has a control character in it") : good(text);
  },
  format: (value) => value,
};

/** The word `auto` beside what `type` takes: clatd finds the value itself. An empty text means `auto` too. */
export function orAuto<T>(type: ValueType<T>): ValueType<T | "auto"> {
  return emptyMeans<T | "auto">("auto", orWord("auto", type));
}

/** A word beside what `type` takes. */
export function orWord<const W extends string, T>(word: W, type: ValueType<T>): ValueType<T | W> {
  return {
    allowed: `${word}, or ${type.allowed}`,
    completion: { from: "words", words: [word, ...(type.completion?.from === "words" ? type.completion.words : [])] },
    parse: (text) => (text.toLowerCase() === word ? good(word) : type.parse(text)),
    format: (value) => (value === word ? word : type.format(value as T)),
  };
}

/** Like `type`, but the key may be left empty: not set. */
export function optional<T>(type: ValueType<T>): ValueType<T | undefined> {
  return {
    allowed: `${type.allowed}; or nothing`,
    ...(type.completion === undefined ? {} : { completion: type.completion }),
    parse: (text) => (text === "" ? good(undefined) : type.parse(text)),
    format: (value) => (value === undefined ? "" : type.format(value)),
  };
}

/** Like `type`, but an empty text stands for `value`. */
export function emptyMeans<T>(value: T, type: ValueType<T>): ValueType<T> {
  return { ...type, parse: (text) => (text === "" ? good(value) : type.parse(text)) };
}
