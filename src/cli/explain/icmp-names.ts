// ICMP types and codes in words (IANA's registries): those that translation speaks of.

interface Names {
  readonly name: string;
  readonly codes?: Readonly<Record<number, string>>;
}

const names4: Readonly<Record<number, Names>> = {
  0: { name: "echo reply" },
  3: {
    name: "destination unreachable",
    codes: {
      0: "net unreachable",
      1: "host unreachable",
      2: "protocol unreachable",
      3: "port unreachable",
      4: "fragmentation needed",
      5: "source route failed",
      6: "network unknown",
      7: "host unknown",
      8: "source host isolated",
      9: "network prohibited",
      10: "host prohibited",
      11: "network unreachable for TOS",
      12: "host unreachable for TOS",
      13: "prohibited",
      14: "host precedence violation",
      15: "precedence cutoff",
    },
  },
  4: { name: "source quench" },
  5: { name: "redirect" },
  8: { name: "echo request" },
  9: { name: "router advertisement" },
  10: { name: "router solicitation" },
  11: { name: "time exceeded", codes: { 0: "TTL used up", 1: "fragments missing" } },
  12: { name: "parameter problem", codes: { 0: "pointer", 1: "option missing", 2: "bad length" } },
  13: { name: "timestamp" },
  14: { name: "timestamp reply" },
  15: { name: "information request" },
  16: { name: "information reply" },
  17: { name: "address mask request" },
  18: { name: "address mask reply" },
};

const names6: Readonly<Record<number, Names>> = {
  1: {
    name: "destination unreachable",
    codes: {
      0: "no route",
      1: "prohibited",
      2: "beyond scope",
      3: "address unreachable",
      4: "port unreachable",
      5: "source address failed policy",
      6: "reject route",
    },
  },
  2: { name: "packet too big" },
  3: { name: "time exceeded", codes: { 0: "hop limit used up", 1: "fragments missing" } },
  4: {
    name: "parameter problem",
    codes: { 0: "erroneous field", 1: "unknown next header", 2: "unknown option" },
  },
  128: { name: "echo request" },
  129: { name: "echo reply" },
  130: { name: "multicast listener query" },
  131: { name: "multicast listener report" },
  132: { name: "multicast listener done" },
  133: { name: "router solicitation" },
  134: { name: "router advertisement" },
  135: { name: "neighbour solicitation" },
  136: { name: "neighbour advertisement" },
  137: { name: "redirect" },
};

function namesOf(family: 4 | 6, type: number): Names | undefined {
  return (family === 4 ? names4 : names6)[type];
}

/** `8 echo request`. */
export function icmpType(family: 4 | 6, type: number): string {
  const names = namesOf(family, type);
  return names === undefined ? `${type}` : `${type} ${names.name}`;
}

/** `4 fragmentation needed`. */
export function icmpCode(family: 4 | 6, type: number, code: number): string {
  const name = namesOf(family, type)?.codes?.[code];
  return name === undefined ? `${code}` : `${code} ${name}`;
}

/** `ICMPv4 3/4 (destination unreachable: fragmentation needed)`. */
export function icmpMessage(family: 4 | 6, type: number, code: number): string {
  const names = namesOf(family, type);
  const words = [names?.name, names?.codes?.[code]].filter((word) => word !== undefined).join(": ");
  return `ICMPv${family} ${type}/${code}${words === "" ? "" : ` (${words})`}`;
}
