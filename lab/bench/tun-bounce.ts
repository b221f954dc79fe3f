// Sends a host's traffic with the server through a TUN and back, either way, without changing it: what passing through user
// space costs, whatever is done there.

import type { Lab } from "../lab.js";
import { programs } from "../programs.js";
import type { Started } from "./started.js";

const server = "2001:db8:64::c633:640a";

const script = [
  // Packets of the host's own sockets are forwarded twice: early demultiplexing would have ip6_forward drop them.
  "echo 0 > /proc/sys/net/ipv4/ip_early_demux",
  "cd /proc/sys/net/ipv6/conf && echo 2 > eth0/accept_ra && echo 1 > all/forwarding",
  "ip link set bounce up",
  "ip -6 route add default dev bounce table 100",
  `ip -6 rule add pref 1 iif eth0 from ${server} lookup 100`,
  `ip -6 rule add pref 2 iif lo to ${server} lookup 100`,
  "ip -6 rule add pref 3 lookup local",
  "ip -6 rule del pref 0",
].join(" && ");

export async function startTunBounce(lab: Lab, node: string): Promise<Started> {
  const running = lab.spawn(node, [programs.node, `${programs.dist}/lab/bench/bounce.js`]);
  try {
    await running.line("ready");
    const { code, stderr } = await lab.exec(node, ["sh", "-c", script]);
    if (code !== 0) throw new Error(`Cannot lead traffic through a TUN in "${node}": ${stderr.trim()}`);
    return { engines: [await running.pid()], [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
  } catch (error) {
    await running[Symbol.asyncDispose]();
    throw error;
  }
}
