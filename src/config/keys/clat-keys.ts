// Keys about the CLAT: its device and its addresses.

import { clatV6Choice, deviceName, ipv4Address } from "../address-type.js";
import { key } from "../key-spec.js";
import { integer, orAuto } from "../value-type.js";

export const clatKeys = {
  "clat-dev": key({
    type: deviceName,
    group: "clat",
    default: "clat",
    help: "name of the CLAT's network device",
    description: "clatd makes this device, and removes it when it ends.",
  }),
  "clat-v4-addr": key({
    type: ipv4Address,
    group: "clat",
    default: "192.0.0.1",
    help: "IPv4 address of the CLAT",
    description:
      "The address that applications on this host see as their own. The default is from RFC 7335. An Edge Relay " +
      "(RFC 7756) has its IPv4 service address here, the one that the Border Relay maps.",
  }),
  "clat-v6-addr": key({
    type: clatV6Choice,
    group: "clat",
    default: "shared",
    help: "IPv6 address of the CLAT: shared, derived, or an address",
    description:
      "`shared`: the address that the host itself uses towards the PLAT; nothing else need be set up, but connections " +
      "that begin at the PLAT do not reach the CLAT. `derived`: an address of its own in the uplink's prefix, made " +
      "from an EUI-64 address by putting c1a7 in the place of fffe, else with a random interface ID where the prefix " +
      "is /120 or shorter. Or an address: an Edge Relay has the one of its mapping here.",
    perl:
      "A random interface ID is random in all its bits, is no anycast address, and stays the same for as long as " +
      "clatd runs.",
  }),
  ctmark: key({
    type: orAuto(integer([[0, 0xffffffff]], "", "hex")),
    group: "clat",
    default: "auto",
    defaultText: "0xc1a7 if clat-v6-addr=shared, else 0",
    help: "connection mark that tells the CLAT's connections; 0: off",
    description:
      "With a shared address, packets from the PLAT may belong to the CLAT or to the host's own IPv6 sockets. " +
      "Connections that leave through the CLAT get this mark, and only packets of those go back to it. With 0 the " +
      "host cannot talk IPv6 to the PLAT's prefix by itself (which it does where it uses DNS64).",
    perl:
      "`engine=ebpf` needs no mark, since it knows its own connections: nothing is marked then, and scripts see " +
      "0.",
  }),
  "tayga-v4-addr": key({
    type: ipv4Address,
    group: "clat",
    default: "192.0.0.2",
    help: "the translator's own IPv4 address",
    description:
      "It answers ping, is the source of ICMPv4 errors made here, and so the first hop of a traceroute. The name is " +
      "from TAYGA; it holds for every engine.",
  }),
} as const;
