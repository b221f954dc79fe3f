// All mappings of a configuration together, from every place, and what is wrong between them (RFC 7757 §5): the same
// prefix twice is an error, overlapping ones are a warning. Numbers are kept beside the texts, since a list may hold a
// million mappings.

import { i32 } from "../net/octets.js";
import { canonicalMapping, formatMapping, type Mapping, type ParsedMapping } from "./mapping.js";
import { formatPlace, type Mistake, type Place } from "./mistake.js";

/** More of a kind are counted, not listed: a screen is what a person reads. */
const LISTED = { error: 20, warning: 3 } as const;

/** Words a mapping: both lengths, the IPv4 prefix, the IPv6 prefix. */
const STRIDE = 6;
const LENGTHS = 0;
const V4 = 1;
const V6 = 2;

export class MappingList {
  readonly #mappings: Mapping[] = [];
  #words = new Uint32Array(16 * STRIDE);

  get mappings(): readonly Mapping[] {
    return this.#mappings;
  }

  /** `text`: as it was written, where that is to be kept; else the canonical form. */
  add(parsed: ParsedMapping, place: Place, text?: { readonly v4: string; readonly v6: string }): void {
    const at = this.#mappings.length * STRIDE;
    if (at === this.#words.length) {
      const larger = new Uint32Array(this.#words.length * 2);
      larger.set(this.#words);
      this.#words = larger;
    }
    this.#words[at + LENGTHS] = (parsed.v4.length << 8) | parsed.v6.length;
    this.#words[at + V4] = i32(parsed.v4.octets, 0);
    for (let word = 0; word < 4; word++) this.#words[at + V6 + word] = i32(parsed.v6.octets, 4 * word);
    const { v4, v6 } = text ?? canonicalMapping(parsed);
    this.#mappings.push({ v4, v6, place });
  }

  clear(): void {
    this.#mappings.length = 0;
  }

  /** The mappings that have the same IPv4 prefix as `parsed`, or the same IPv6 prefix, or both. */
  sharing(parsed: ParsedMapping): { readonly mapping: Mapping; readonly families: readonly (4 | 6)[] }[] {
    const probe = new MappingList();
    probe.add(parsed, { in: "defaults" });
    const wanted = probe.#words;
    const same = (at: number, from: number, to: number): boolean => {
      for (let word = from; word < to; word++) if (this.#words[at + word] !== wanted[word]) return false;
      return true;
    };
    const found: { mapping: Mapping; families: (4 | 6)[] }[] = [];
    for (const [index, mapping] of this.#mappings.entries()) {
      const at = index * STRIDE;
      const families: (4 | 6)[] = [];
      if (this.#length(4, index) === parsed.v4.length && same(at, V4, V6)) families.push(4);
      if (this.#length(6, index) === parsed.v6.length && same(at, V6, STRIDE)) families.push(6);
      if (families.length > 0) found.push({ mapping, families });
    }
    return found;
  }

  /** Errors for prefixes that stand in two mappings, warnings for those that lie in another one. */
  mistakes(): Mistake[] {
    const found = new Map<string, Finding>();
    for (const family of [4, 6] as const) this.#sweep(family, found);
    const twice = [...found.values()].filter(({ kind }) => kind === "twice");
    const overlaps = [...found.values()].filter(({ kind }) => kind === "overlap");
    return [...this.#errors(twice), ...this.#warnings(overlaps)];
  }

  /** Along the sorted prefixes, with those that hold the present one on a stack. */
  #sweep(family: 4 | 6, found: Map<string, Finding>): void {
    const order = Uint32Array.from(this.#mappings, (_, index) => index).sort((a, b) => this.#compare(family, a, b));
    const around: number[] = [];
    for (const index of order) {
      let outer = around.at(-1);
      while (outer !== undefined && !this.#holds(family, outer, index)) {
        around.pop();
        outer = around.at(-1);
      }
      if (outer !== undefined) {
        const kind = this.#length(family, outer) === this.#length(family, index) ? "twice" : "overlap";
        const [first, second] = outer < index ? [outer, index] : [index, outer];
        const key = `${first} ${second}`;
        const before = found.get(key);
        if (before === undefined) found.set(key, { kind, first, second, families: [family] });
        // The worse of the two is said: the same prefix on one side is not used, whatever the other side does.
        else if (before.kind === kind) before.families.push(family);
        else if (kind === "twice") found.set(key, { kind, first, second, families: [family] });
      }
      around.push(index);
    }
  }

  #length(family: 4 | 6, index: number): number {
    const lengths = this.#words[index * STRIDE + LENGTHS] ?? 0;
    return family === 4 ? lengths >> 8 : lengths & 0xff;
  }

  /** By address, the shorter prefix first, and those that are the same in the order in which they were given. */
  #compare(family: 4 | 6, a: number, b: number): number {
    const from = family === 4 ? V4 : V6;
    for (let word = from; word < from + (family === 4 ? 1 : 4); word++) {
      const difference = (this.#words[a * STRIDE + word] ?? 0) - (this.#words[b * STRIDE + word] ?? 0);
      if (difference !== 0) return difference;
    }
    return this.#length(family, a) - this.#length(family, b) || a - b;
  }

  #holds(family: 4 | 6, outer: number, inner: number): boolean {
    const length = this.#length(family, outer);
    const from = family === 4 ? V4 : V6;
    for (let word = 0; word * 32 < length; word++) {
      const bits = Math.min(32, length - word * 32);
      const differing =
        (this.#words[outer * STRIDE + from + word] ?? 0) ^ (this.#words[inner * STRIDE + from + word] ?? 0);
      if (differing >>> (32 - bits) !== 0) return false;
    }
    return true;
  }

  #errors(findings: readonly Finding[]): Mistake[] {
    return listed(findings, "error", "mappings with a prefix that another one has", ({ first, second, families }) => {
      const mapping = this.#at(second);
      const which = families.length === 2 ? "it is the same as" : `its IPv${families[0]} prefix is that of`;
      return {
        severity: "error",
        place: placeOf(mapping),
        text:
          `cannot use mapping ${formatMapping(mapping)}: ${which} ${formatMapping(this.#at(first))} ` +
          `(${relativePlace(placeOf(this.#at(first)), placeOf(mapping))}); ` +
          "each prefix may stand in one mapping only (RFC 7757 §5)",
      };
    });
  }

  #warnings(findings: readonly Finding[]): Mistake[] {
    return listed(findings, "warning", "overlapping mappings", ({ first, second, families }) => {
      const mapping = this.#at(second);
      const sides = families.length === 2 ? "on both sides" : `on the IPv${families[0]} side`;
      return {
        severity: "warning",
        place: placeOf(mapping),
        text:
          `mapping ${formatMapping(mapping)} overlaps ${formatMapping(this.#at(first))} ` +
          `(${relativePlace(placeOf(this.#at(first)), placeOf(mapping))}) ${sides}: the longest match counts each ` +
          "way, so an address may come back as another one (RFC 7757 §5)",
      };
    });
  }

  #at(index: number): Mapping {
    return this.#mappings[index] ?? { v4: "?", v6: "?" };
  }
}

interface Finding {
  readonly kind: "twice" | "overlap";
  readonly first: number;
  readonly second: number;
  readonly families: (4 | 6)[];
}

function listed(
  findings: readonly Finding[],
  severity: Mistake["severity"],
  what: string,
  tell: (finding: Finding) => Mistake,
): Mistake[] {
  // The order in which they were written is the one that a person can follow.
  const inOrder = findings.toSorted((a, b) => a.second - b.second || a.first - b.first);
  const mistakes = inOrder.slice(0, LISTED[severity]).map(tell);
  const last = mistakes.at(-1);
  const more = inOrder.length - mistakes.length;
  if (more > 0 && last !== undefined) mistakes.push({ severity, place: last.place, text: `and ${more} more ${what}` });
  return mistakes;
}

function placeOf(mapping: Mapping): Place {
  return mapping.place ?? { in: "defaults" };
}

/** `line 3` within the same file. */
function relativePlace(place: Place, from: Place): string {
  const same = place.in === "file" && from.in === "file" && place.file === from.file;
  return same ? `line ${place.line}` : formatPlace(place);
}
