// Asks the node's own resolver.

import { Resolver } from "node:dns/promises";
import { parseAddress } from "../../src/net/address.js";
import { parsePrefix, prefixContains } from "../../src/net/prefix.js";
import { bad, good, type Outcome, reasonOf } from "./outcome.js";

export interface DnsRequest {
  readonly query: string;
  readonly type: "A" | "AAAA";
  /** An address or a prefix. */
  readonly answer?: string;
  /** Milliseconds. */
  readonly timeout: number;
}

export async function dnsProbe({ query, type, answer, timeout }: DnsRequest): Promise<Outcome> {
  const resolver = new Resolver({ timeout, tries: 1 });
  try {
    const addresses = await (type === "A" ? resolver.resolve4(query) : resolver.resolve6(query));
    const words = addresses.join(", ");
    const wanted = answer === undefined ? undefined : parsePrefix(answer);
    const fits = addresses.some((address) => {
      const octets = parseAddress(address);
      return wanted === undefined || (octets !== undefined && prefixContains(wanted, octets));
    });
    return fits ? good(words) : bad(`the answer is ${words}, not ${answer}`);
  } catch (error) {
    return bad(reasonOf(error));
  }
}
