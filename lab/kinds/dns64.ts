// dns64: answers the names of its zone and ipv4only.arpa (RFC 7050 §5), and makes AAAA records for names that have only
// A records (RFC 6147). It is the whole DNS of the lab: what it does not know does not exist.

import type { Dns64Node } from "../topology.js";
import { inNode, ownService, type Programs, type Service } from "./service.js";

/** What the builtin DNS64 reads. */
export interface Dns64Configuration {
  readonly pref64: string;
  readonly zone: Readonly<Record<string, readonly string[]>>;
}

/** RFC 7050 §2.2. */
const wellKnown = { "ipv4only.arpa": ["192.0.0.170", "192.0.0.171"] };

export function dns64Service(node: Dns64Node, programs: Programs): Service[] {
  return node.engine === "unbound" ? [unbound(node)] : [builtin(node, programs)];
}

function builtin(node: Dns64Node, programs: Programs): Service {
  const configuration: Dns64Configuration = { pref64: node.pref64, zone: { ...wellKnown, ...node.zone } };
  const { files, start } = ownService(node.name, "dns64", configuration, programs);
  return { name: "dns64", what: "our DNS64", files, effects: [start], needs: [], optional: false };
}

function unbound(node: Dns64Node): Service {
  return {
    name: "dns64",
    what: "unbound with its dns64 module",
    files: { "unbound.conf": unboundConf(node), "root.zone": rootZone(node) },
    effects: [
      {
        do: "process.start",
        in: node.name,
        name: `${node.name}/unbound`,
        command: ["unbound", "-d", "-c", inNode("unbound.conf")],
        ready: "start of service",
      },
    ],
    needs: ["unbound"],
    optional: false,
  };
}

/**
 * The zone is an auth-zone that only the iterator sees: what unbound answers from local-data or downstream never passes
 * the dns64 module. It is the root, so nothing is ever asked elsewhere.
 */
function unboundConf(node: Dns64Node): string {
  return `server:
  interface: ::0
  interface: 0.0.0.0
  access-control: ::0/0 allow
  access-control: 0.0.0.0/0 allow
  module-config: "dns64 iterator"
  dns64-prefix: ${node.pref64}
  do-daemonize: no
  use-syslog: no
  logfile: ""
  username: ""
  chroot: ""
  directory: "${inNode("")}"
  pidfile: ""
  cache-max-negative-ttl: 1
remote-control:
  control-enable: no
auth-zone:
  name: "."
  zonefile: "${inNode("root.zone")}"
  for-downstream: no
  for-upstream: yes
  fallback-enabled: no
`;
}

function rootZone(node: Dns64Node): string {
  const records = Object.entries({ ...wellKnown, ...node.zone }).flatMap(([name, addresses]) =>
    addresses.map((address) => `${name}. 60 IN ${address.includes(":") ? "AAAA" : "A"} ${address}`),
  );
  return [
    ". 3600 IN SOA ns.invalid. hostmaster.invalid. 1 3600 600 86400 1",
    ". 3600 IN NS ns.invalid.",
    "ns.invalid. 3600 IN AAAA ::1",
    ...records,
    "",
  ].join("\n");
}
