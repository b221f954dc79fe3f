// Values that are addresses, prefixes and names of the network. Canonical text comes out (RFC 5952), so that nothing
// behind the configuration sees two forms of one address.

import { formatAddress, formatIpv4, formatIpv6, parseAddress, parseIpv4, parseIpv6 } from "../net/address.js";
import { formatPrefix, parseInterfaceAddress, parsePrefix, prefixFamily } from "../net/prefix.js";
import { isPref64Length, PREF64_LENGTHS } from "../net/rfc6052.js";
import { bad, good, hasControl, type ValueType } from "./value-type.js";

const text = (value: string): string => value;

/** An IPv4 address that a host can have. */
export const ipv4Address: ValueType<string> = {
  allowed: "an IPv4 address such as 192.0.0.1",
  parse(given) {
    const octets = parseIpv4(given);
    if (octets === undefined) return bad(given.includes(":") ? "it is an IPv6 address" : notAnAddress(given, "IPv4"));
    const first = octets[0] ?? 0;
    if (first === 0) return bad("0.0.0.0/8 means this network (RFC 1122)");
    if (first === 127) return bad("it is a loopback address");
    if (first >= 224) return bad(first < 240 ? "it is a multicast address" : "it is reserved (240.0.0.0/4)");
    return good(formatIpv4(octets));
  },
  format: text,
};

/** An IPv6 address that a host can have beyond its link. */
export const ipv6Address: ValueType<string> = {
  allowed: "an IPv6 address such as 2001:db8::c1a7",
  parse(given) {
    const octets = parseIpv6(given);
    if (octets === undefined) {
      return bad(parseIpv4(given) === undefined ? notAnAddress(given, "IPv6") : "it is an IPv4 address");
    }
    if (octets.every((octet) => octet === 0)) return bad("it is the unspecified address");
    if (octets.every((octet, index) => octet === (index === 15 ? 1 : 0))) return bad("it is the loopback address");
    if (octets[0] === 0xff) return bad("it is a multicast address");
    if (octets[0] === 0xfe && ((octets[1] ?? 0) & 0xc0) === 0x80) return bad("it is a link-local address");
    return good(formatIpv6(octets));
  },
  format: text,
};

/** An IPv4 address, or a prefix whose addresses are a pool. */
export const icmpSource: ValueType<string> = {
  allowed: "an IPv4 address such as 192.0.0.8, or a prefix such as 198.51.100.0/28",
  parse(given) {
    const slash = given.indexOf("/");
    const address = ipv4Address.parse(slash < 0 ? given : given.slice(0, slash));
    if (slash < 0 || !address.ok) return address;
    if (parseInterfaceAddress(given) === undefined) return bad("its length is no number from 0 to 32");
    const prefix = parsePrefix(given);
    if (prefix === undefined) return bad("bits behind its length are set");
    // A larger pool is a slip: these are addresses that nobody else may have.
    if (prefix.length < 8) return bad("it is larger than /8");
    return good(prefix.length === 32 ? address.value : formatPrefix(prefix));
  },
  format: text,
};

/** IPv4 prefixes separated by commas or spaces; a bare address means its full length. */
export const ipv4Prefixes: ValueType<readonly string[]> = {
  allowed: "IPv4 prefixes separated by commas, such as 192.0.2.24/29,192.0.2.77; or nothing",
  parse(given) {
    const prefixes: string[] = [];
    for (const item of given.split(/[\s,]+/).filter((part) => part !== "")) {
      const prefix = parsePrefix(item);
      if (prefix !== undefined && prefixFamily(prefix) === 4) prefixes.push(formatPrefix(prefix));
      else if (prefix !== undefined) return bad(`"${item}" is an IPv6 prefix`);
      else if (parseInterfaceAddress(item) !== undefined) return bad(`bits behind the length of "${item}" are set`);
      else return bad(`"${item}" is not a prefix`);
    }
    return good(prefixes);
  },
  format: (prefixes) => prefixes.join(","),
};

/** Where the CLAT's IPv6 address comes from. */
export type ClatV6Choice =
  | { readonly how: "shared" }
  | { readonly how: "derived" }
  | { readonly how: "given"; readonly address: string };

/** `shared`, `derived` or an address. */
export const clatV6Choice: ValueType<ClatV6Choice> = {
  allowed: `shared, derived, or ${ipv6Address.allowed}`,
  completion: { from: "words", words: ["shared", "derived"] },
  parse(given) {
    const word = given.toLowerCase();
    if (word === "shared" || word === "derived") return good({ how: word });
    const address = ipv6Address.parse(given);
    return address.ok ? good({ how: "given", address: address.value }) : address;
  },
  format: (value) => (value.how === "given" ? value.address : value.how),
};

/** A PREF64 (RFC 6052 §2.2). A bare address with enough zeros at its end is not guessed at: the length must be there. */
export const pref64: ValueType<string> = {
  allowed: `an IPv6 prefix of length ${PREF64_LENGTHS.join(", ")}, such as 64:ff9b::/96`,
  parse(given) {
    const loose = parseInterfaceAddress(given);
    if (loose === undefined) return bad("it is not a prefix");
    if (prefixFamily(loose) === 4) return bad("it is an IPv4 prefix");
    if (!given.includes("/")) return bad("it has no length");
    if (!isPref64Length(loose.length)) return bad(`its length is ${loose.length}`);
    const prefix = parsePrefix(given);
    if (prefix === undefined) return bad("bits behind its length are set");
    if (prefix.octets[8] !== 0) return bad("bits 64 to 71 must be zero (RFC 6052 §2.2)");
    return good(formatPrefix(prefix));
  },
  format: text,
};

/** Addresses separated by commas or spaces; an IPv6 address may carry a zone (`fe80::1%eth0`). */
export const serverList: ValueType<readonly string[]> = {
  allowed: "addresses separated by commas, such as 2001:db8::53,192.0.2.53",
  parse(given) {
    const servers: string[] = [];
    for (const item of given.split(/[\s,]+/).filter((part) => part !== "")) {
      const [address = "", zone] = item.split("%", 2);
      const octets = parseAddress(address);
      if (octets === undefined) return bad(`"${item}" is not an address`);
      if (zone !== undefined && (octets.length === 4 || !deviceName.parse(zone).ok))
        return bad(`the zone of "${item}" has no meaning`);
      servers.push(zone === undefined ? formatAddress(octets) : `${formatAddress(octets)}%${zone}`);
    }
    return servers.length === 0 ? bad("it names no server") : good(servers);
  },
  format: (servers) => servers.join(","),
};

/**
 * The name of a network device, as the kernel takes it (dev_valid_name: 15 octets, no slash, colon or space), less what
 * would have to be quoted in a rule of nft.
 */
export const deviceName: ValueType<string> = {
  allowed: "the name of a device: 1 to 15 characters, without spaces, quotes and any of / : % \\",
  completion: { from: "devices" },
  parse(given) {
    if (given === "") return bad("it is empty");
    if (new TextEncoder().encode(given).length > 15) return bad("it is longer than 15 characters");
    if (hasControl(given) || /[\s/:%"'`\\]/.test(given))
      return bad("it has a character that a device's name cannot have");
    // "all" and "default" are names that sysctls give to every device: a device called so could not be addressed.
    if ([".", "..", "all", "default"].includes(given)) return bad("the system keeps that name for itself");
    return good(given);
  },
  format: text,
};

function notAnAddress(given: string, family: string): string {
  if (given.includes("/")) return "it has a prefix length, which does not belong here";
  return `it is not an ${family} address`;
}
