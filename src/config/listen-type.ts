// An address and a port to listen on, as they stand in a URL: `[::1]:9464`, `127.0.0.1:9464`.

import { formatAddress, parseAddress } from "../net/address.js";
import { bad, good, type ValueType } from "./value-type.js";

export interface ListenAddress {
  /** Canonical text. */
  readonly address: string;
  readonly port: number;
}

export const listenAddress: ValueType<ListenAddress> = {
  allowed: "an address and a port, such as [::1]:9464 or 127.0.0.1:9464",
  parse(given) {
    const parts = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(given);
    if (parts === null) {
      const bare = parseAddress(given.replace(/^\[(.*)\]$/, "$1"));
      return bad(bare === undefined ? "it is not an address and a port" : "it has no port");
    }
    const [, v6, v4, digits] = parts;
    const octets = parseAddress(v6 ?? v4 ?? "");
    if (octets === undefined || (octets.length === 16) !== (v6 !== undefined)) {
      return bad("it is not an address and a port; an IPv6 address stands in square brackets");
    }
    const port = Number(digits);
    if (port < 1 || port > 65535) return bad("its port is not one from 1 to 65535");
    return good({ address: formatAddress(octets), port });
  },
  format: ({ address, port }) => `${address.includes(":") ? `[${address}]` : address}:${port}`,
};
