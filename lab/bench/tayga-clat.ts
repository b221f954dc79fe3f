// Debian's TAYGA as the CLAT of the topology `bench`, set up by hand in the way its users do: what clatd is measured
// against. It has an address of its own, which the router reaches by proxy-ND: no connection tracking slows it down.

import type { Lab } from "../lab.js";
import { missingPrograms } from "../programs.js";
import type { Started } from "./started.js";

const configuration = `tun-device clat
ipv4-addr 192.0.0.2
ipv6-addr 2001:db8:4::c1a7:2
prefix 2001:db8:64::/96
map 192.0.0.1 2001:db8:4::c1a7:1
`;

const script = [
  "cat > /run/tayga.conf",
  // Forwarding would throw away the default route that the router advertised.
  "cd /proc/sys/net/ipv6/conf && echo 2 > eth0/accept_ra && echo 1 > all/forwarding && echo 1 > eth0/proxy_ndp",
  // Proxies wait up to 0.8 s before they answer, by default.
  "echo 0 > /proc/sys/net/ipv6/neigh/eth0/proxy_delay",
  "tayga --config /run/tayga.conf --mktun",
  "ip link set clat up",
  "ip address add 192.0.0.1 dev clat",
  "ip -4 route add default dev clat mtu 1480",
  "ip -6 route add 2001:db8:4::c1a7:0/112 dev clat",
  "ip -6 neighbour add proxy 2001:db8:4::c1a7:1 dev eth0",
].join(" && ");

export async function startTaygaClat(lab: Lab, node: string): Promise<Started> {
  const missing = missingPrograms(["tayga"]);
  if (missing !== undefined) throw new Error(missing);
  const { code, stderr } = await lab.exec(node, ["sh", "-c", script], { input: configuration });
  if (code !== 0) throw new Error(`Cannot set up TAYGA in "${node}": ${stderr.trim()}`);
  const running = lab.spawn(node, ["tayga", "--config", "/run/tayga.conf", "--nodetach"]);
  return { engines: [await running.pid()], [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}
