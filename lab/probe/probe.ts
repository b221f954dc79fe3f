// Programs that checks run in a node: `probe.js KIND JSON`, the outcome as JSON on standard output. Each uses sockets of
// one family only where it is told so. Exit 0 whatever the outcome; anything else is a mistake of ours.

import { type DnsRequest, dnsProbe } from "./dns-probe.js";
import { type HttpRequest, httpProbe } from "./http-probe.js";
import { type LoadRequest, loadProbe } from "./load-probe.js";
import type { Outcome } from "./outcome.js";
import { type TcpRequest, tcpProbe } from "./tcp-probe.js";
import { type UdpRequest, udpProbe } from "./udp-probe.js";

const [, , kind = "", json = "{}"] = process.argv;

async function probe(): Promise<Outcome> {
  const request: unknown = JSON.parse(json);
  switch (kind) {
    case "http":
      return httpProbe(request as HttpRequest);
    case "udp-echo":
      return udpProbe(request as UdpRequest);
    case "tcp":
      return tcpProbe(request as TcpRequest);
    case "dns":
      return dnsProbe(request as DnsRequest);
    case "load":
      return loadProbe(request as LoadRequest);
    default:
      throw new Error(`Cannot probe "${kind}": there are http, udp-echo, tcp, dns, load`);
  }
}

const outcome = await probe();
process.stdout.write(`${JSON.stringify(outcome)}\n`);
process.exit(0);
