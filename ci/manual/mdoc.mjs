// Writes mdoc(7), the language of manual pages that says what a word is. Text is given as it stands in the tables: sentences
// in plain Unicode with `code` in backticks. What comes out has no warning of mandoc and of groff.

/** @typedef {{ readonly name: string, readonly section: number, readonly about: string, readonly date: string,
 *   readonly version: string, readonly synopsis: readonly string[],
 *   readonly sections: readonly { readonly title: string, readonly lines: readonly string[] }[] }} Page */

/** Characters outside of ASCII, and those that roff turns into typographic ones. */
const named = /** @type {Readonly<Record<string, string>>} */ ({
  "\\": "\\e",
  "–": "\\(en",
  "→": "\\(->",
  "≥": "\\(>=",
  "≤": "\\(<=",
  "×": "\\(mu",
  "…": "...",
  "§": "\\(sc",
  "~": "\\(ti",
  "^": "\\(ha",
});
const inCode = /** @type {Readonly<Record<string, string>>} */ ({
  "-": "\\-",
  "'": "\\(aq",
  "`": "\\(ga",
  '"': "\\(dq",
});

/** @param {string} character */
function unicode(character) {
  const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
  return `\\[u${hex.padStart(4, "0")}]`;
}

/** @param {string} words */
function escapeText(words) {
  return [...words].map((character) => named[character] ?? (character > "~" ? unicode(character) : character)).join("");
}

/** Words that somebody types or copies: a hyphen stays one. @param {string} words */
export function escapeCode(words) {
  const escaped = [...words].map((character) => inCode[character] ?? escapeText(character)).join("");
  // A full stop of a program's language ends no sentence.
  return escaped.replaceAll(". ", ".\\& ");
}

/** One argument of a macro. @param {string} word */
export function argument(word) {
  const escaped = escapeCode(word);
  // A word that is a macro's name, or punctuation, would be taken for one.
  return /^[A-Z][a-z]$|^[.,:;()[\]?!|]$/.test(escaped) ? `\\&${escaped}` : escaped.replaceAll(" ", "\\ ");
}

/**
 * Sentences as lines of roff, each beginning on a line of its own, none longer than 78 octets where it has spaces.
 * @param {string} words @returns {string[]}
 */
export function prose(words) {
  const marked = words
    .split(/(`[^`]*`)/)
    // A space in a code span must not end a sentence; a full stop in it neither.
    .map((part) => (part.startsWith("`") ? part.replaceAll(" ", "\u0000") : part))
    .join("");
  return marked.split(/(?<=[.!?])[ \n]+/).flatMap((sentence) => fold(sentence.split(/[ \n]+/).map(styled)));
}

/** @param {string} word */
function styled(word) {
  return word
    .split(/(`[^`]*`)/)
    .map((part) =>
      part.startsWith("`") && part.length > 1
        ? `\\fB${escapeCode(part.slice(1, -1).replaceAll("\u0000", " "))}\\fP`
        : escapeText(part),
    )
    .join("");
}

/** @param {string[]} words @returns {string[]} */
function fold(words) {
  const lines = [];
  let line = "";
  for (const word of words.flatMap((each) => each.split(" "))) {
    if (line !== "" && line.length + 1 + word.length > 78) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  if (line !== "") lines.push(line);
  return lines.map((each) => (/^[.']/.test(each) ? `\\&${each}` : each));
}

/** `-c FILE`, `-j, --json`, `--pcap IN OUT` as macros. @param {string} usage */
export function flags(usage) {
  return usage
    .split(", ")
    .map((form) =>
      form
        .split(" ")
        .map((word) => (word.startsWith("-") ? `Fl ${argument(word.slice(1))}` : `Ar ${argument(word.toLowerCase())}`))
        .join(" "),
    )
    .join(" , ");
}

/** A list of terms with what each means. @param {readonly (readonly [string, readonly string[]])[]} items */
export function list(items) {
  return [".Bl -tag -width Ds", ...items.flatMap(([term, lines]) => [`.It ${term}`, ...lines]), ".El"];
}

/** Lines to be copied as they are. @param {readonly string[]} lines */
function display(lines) {
  const literal = lines.map((line) => escapeCode(line)).map((line) => (/^[.']/.test(line) ? `\\&${line}` : line));
  return [".Bd -literal -offset indent", ...literal, ".Ed"];
}

/**
 * What to type, each with what it is for. A line has 69 columns of 80 behind its indentation.
 * @param {readonly (readonly [says: string, lines: readonly string[]])[]} rows
 */
export function examples(rows) {
  return rows.flatMap(([says, lines], index) => [...(index === 0 ? [] : [".Pp"]), ...prose(says), ...display(lines)]);
}

/** Paragraphs. @param {readonly string[]} texts */
export function paragraphs(texts) {
  return texts.flatMap((text, index) => [...(index === 0 ? [] : [".Pp"]), ...prose(text)]);
}

/** A line of help as a sentence; one that begins with the name of a command says which one it goes with. @param {string} help */
export function sentence(help) {
  const own = /^([a-z]+(?:, [a-z]+)*): (.*)$/.exec(help);
  if (own !== null) return `With \`${own[1]?.replaceAll(", ", "`, `")}\`: ${own[2]}.`;
  return `${help[0]?.toUpperCase() ?? ""}${help.slice(1)}.`;
}

/** References as mdoc wants them: `clatd 8`. @param {readonly (readonly [string, number])[]} pages */
export function seeAlso(pages) {
  return pages.map(([name, section], index) => `.Xr ${name} ${section}${index < pages.length - 1 ? " ," : ""}`);
}

const months = "January February March April May June July August September October November December".split(" ");

/** @param {Page} page */
export function mdoc(page) {
  const [year = "", month = "", day = ""] = page.date.split("-");
  return [
    `.\\" Written by ci/manual of clatd ${page.version} from the tables of the program: do not edit.`,
    `.Dd ${months[Number(month) - 1]} ${Number(day)}, ${year}`,
    `.Dt ${page.name.toUpperCase()} ${page.section}`,
    `.Os clatd ${page.version}`,
    ".Sh NAME",
    `.Nm ${page.name}`,
    `.Nd ${escapeText(page.about)}`,
    ...(page.synopsis.length === 0 ? [] : [".Sh SYNOPSIS", ...page.synopsis]),
    ...page.sections.flatMap(({ title, lines }) => [`.Sh ${title}`, ...lines]),
    "",
  ].join("\n");
}
