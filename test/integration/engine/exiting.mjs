// A process that exits while its translator waits for packets in poll(2). Its argument is the URL of the compiled host.
import koffi from "koffi";

const { userspaceHost } = await import(process.argv[2] ?? "");
const socketpair = koffi.load(null).func("int socketpair(int domain, int type, int protocol, _Out_ int *pair)");
const pair = [0, 0];
if (socketpair(1, 5, 0, pair) !== 0) throw new Error("socketpair failed");
const host = userspaceHost({ tun: () => ({ fd: pair[0], headerLength: 0 }) });
await host.start("clat", {
  pref64s: ["2001:db8:64::/96"],
  eams: [{ v4: "192.0.0.1/32", v6: "2001:db8:1::c1a7/128" }],
  mtuV4: 1480,
  mtuV6: 1500,
  lowestIpv6Mtu: 1280,
  udpZeroChecksum: "compute",
  translatorV4: "192.0.0.2",
  icmpSource: "192.0.0.8",
});
process.exit(7);
