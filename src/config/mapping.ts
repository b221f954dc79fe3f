// Explicit address mappings (EAMs, RFC 7757) as text: `V4/len,V6/len`, the value of `eam` and the lines of an eam-file.

import { formatPrefix, type Prefix, parseInterfaceAddress, parsePrefix, prefixFamily } from "../net/prefix.js";
import type { Place } from "./mistake.js";
import { bad, good, type Parsed, type ValueType } from "./value-type.js";

/** One mapping. Both texts are prefixes; a bare address means its full length. */
export interface Mapping {
  readonly v4: string;
  readonly v6: string;
  /** Where it was set; absent where nobody wrote it down. */
  readonly place?: Place;
}

export interface ParsedMapping {
  readonly v4: Prefix;
  readonly v6: Prefix;
}

/** For people: what a mapping looks like. */
export const mappingForm = "V4/len,V6/len such as 192.0.2.1,2001:db8::c000:201 or 192.0.2.0/24,2001:db8::/120";

/** Reads `V4/len,V6/len`, spaces around the comma allowed (RFC 7757 §3.2: the IPv6 suffix is as long as the IPv4 one, or longer). */
export function parseMapping(text: string): Parsed<ParsedMapping> {
  const comma = text.indexOf(",");
  if (comma < 0) return bad("there is no comma between an IPv4 and an IPv6 prefix");
  const first = text.slice(0, comma).trim();
  const second = text.slice(comma + 1).trim();
  const v4 = parsePrefix(first);
  const v6 = parsePrefix(second);
  if (v4 === undefined || prefixFamily(v4) !== 4) return bad(notPrefix(first, 4));
  if (v6 === undefined || prefixFamily(v6) !== 6) return bad(notPrefix(second, 6));
  const suffix4 = 32 - v4.length;
  const suffix6 = 128 - v6.length;
  if (suffix4 > suffix6) {
    return bad(
      `the IPv4 prefix leaves ${suffix4} bits and the IPv6 prefix ${suffix6}, ` +
        "which must be as many or more (RFC 7757 §3.2)",
    );
  }
  return good({ v4, v6 });
}

function notPrefix(text: string, family: 4 | 6): string {
  const name = `"${text.length > 50 ? `${text.slice(0, 49)}…` : text}"`;
  const loose = parseInterfaceAddress(text);
  if (loose === undefined) return `${name} is not an IPv${family} prefix`;
  if (prefixFamily(loose) !== family) return `${name} is an IPv${prefixFamily(loose)} prefix; the IPv4 one comes first`;
  return `bits behind the length of ${name} are set`;
}

/** `192.0.2.1/32,2001:db8::1/128`. */
export function formatMapping(mapping: Pick<Mapping, "v4" | "v6">): string {
  return `${mapping.v4},${mapping.v6}`;
}

/** The texts of the prefixes, in canonical form and with their lengths. */
export function canonicalMapping(parsed: ParsedMapping): Mapping {
  return { v4: formatPrefix(parsed.v4), v6: formatPrefix(parsed.v6) };
}

/** The value of `eam`: one mapping, or several with spaces between them. */
export const mappingList: ValueType<readonly Mapping[]> = {
  allowed: `${mappingForm}; or nothing`,
  parse(text) {
    const mappings: Mapping[] = [];
    for (const item of splitMappings(text)) {
      const parsed = parseMapping(item);
      if (!parsed.ok) return parsed;
      mappings.push(canonicalMapping(parsed.value));
    }
    return good(mappings);
  },
  format: (mappings) => mappings.map(formatMapping).join(" "),
};

function splitMappings(text: string): string[] {
  return text
    .replaceAll(/\s*,\s*/g, ",")
    .split(/\s+/)
    .filter((item) => item !== "");
}
