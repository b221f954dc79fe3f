// Why packets are dropped: every drop names one of these rows. The rows drive the counters, the ICMP error that goes
// back, `clatd explain` and the documents. Their order is the order of the counters.

/** An ICMP error by type and code. */
interface IcmpError {
  readonly type: number;
  readonly code: number;
}

export interface Reason {
  readonly name: string;
  readonly direction: "v4ToV6" | "v6ToV4" | "both";
  /** Where it is written. */
  readonly rfc: string;
  /** Sent back to the source of an IPv4 packet; absent: silence. */
  readonly icmpv4?: IcmpError;
  /** Sent back to the source of an IPv6 packet; absent: silence. */
  readonly icmpv6?: IcmpError;
  /** What is the matter. */
  readonly sentence: string;
  /** What to do about it. */
  readonly hint: string;
}

/** Communication administratively prohibited: what is sent unless something else is specified (RFC 7915 §4.4, §5.4). */
const prohibited4 = { type: 3, code: 13 } as const;
const prohibited6 = { type: 1, code: 1 } as const;

export const reasons = [
  {
    name: "truncated",
    direction: "both",
    rfc: "RFC 1812 §5.2.2, RFC 8200 §3",
    sentence: "The packet is shorter than its headers say.",
    hint: "Capture on the device: something before the translator cuts packets.",
  },
  {
    name: "malformed-header",
    direction: "both",
    rfc: "RFC 1812 §5.2.2, RFC 8200 §3",
    sentence: "The version or the length of the IP header is wrong.",
    hint: "Capture on the device: something sends what is no IP packet.",
  },
  {
    name: "bad-header-checksum",
    direction: "v4ToV6",
    rfc: "RFC 1812 §5.2.2",
    sentence: "The checksum of the IPv4 header is wrong.",
    hint: "The packet was damaged on its way; look at the links before the translator.",
  },
  {
    name: "no-headroom",
    direction: "both",
    rfc: "–",
    sentence: "The frame leaves no room in front of the packet for the new headers.",
    hint: "A mistake of the program that hands over the packet; please report it.",
  },
  {
    name: "offload-unsupported",
    direction: "both",
    rfc: "virtio 1.2 §5.1.6.2",
    sentence: "The packet asks for an offload (segmentation or checksum) that does not fit what it carries.",
    hint: "Switch that offload off on the device, and please report it.",
  },
  {
    name: "illegal-source",
    direction: "both",
    rfc: "RFC 7915 §4.1, §5.1; RFC 1812 §5.3.7",
    sentence:
      "The source address is none that a router forwards (unspecified, loopback, link-local, multicast, reserved, broadcast).",
    hint: "Usually harmless chatter of the host; if not, give the sender a proper address.",
  },
  {
    name: "illegal-destination",
    direction: "both",
    rfc: "RFC 7915 §1.2, RFC 1812 §5.3.7",
    sentence:
      "The destination is multicast, broadcast, reserved, loopback or link-local: such packets are not translated.",
    hint: "Usually harmless chatter of the host (multicast DNS, router solicitations).",
  },
  {
    name: "unmapped-source",
    direction: "both",
    rfc: "RFC 7915 §6",
    icmpv4: prohibited4,
    icmpv6: prohibited6,
    sentence: "No mapping and no PREF64 covers the source address.",
    hint: "Add a mapping for it (eam=), or set the source address that has one.",
  },
  {
    name: "unmapped-destination",
    direction: "both",
    rfc: "RFC 7915 §6",
    icmpv4: prohibited4,
    icmpv6: prohibited6,
    sentence: "No mapping and no PREF64 covers the destination address.",
    hint: "Set the PREF64 (plat-prefix=) or add a mapping (eam=).",
  },
  {
    name: "spoofed-source",
    direction: "both",
    rfc: "RFC 7756 §6",
    icmpv4: prohibited4,
    sentence:
      "The source is on the wrong side: an IPv4 packet from an address that is not of this side, or an IPv6 packet from one that is.",
    hint: "Bind to the CLAT's or a service address; add a mapping for the source (eam=); or source-filter=no.",
  },
  {
    name: "inside-destination",
    direction: "v4ToV6",
    rfc: "RFC 7756 §6",
    icmpv4: { type: 3, code: 1 },
    sentence: "The destination is a service address of this side that nobody here has.",
    hint: "Give the address to a node behind the relay and route it there (relay=), or set eam-local.",
  },
  {
    name: "well-known-prefix",
    direction: "both",
    rfc: "RFC 6052 §3.1",
    icmpv4: prohibited4,
    icmpv6: prohibited6,
    sentence: "The well-known prefix 64:ff9b::/96 may not stand for an IPv4 address that is not global.",
    hint: "Use a network-specific PREF64 for private addresses, or wkp-strict=no if the PLAT is known to take them.",
  },
  {
    name: "hop-limit",
    direction: "both",
    rfc: "RFC 7915 §4.1, §5.1",
    icmpv4: { type: 11, code: 0 },
    icmpv6: { type: 3, code: 0 },
    sentence: "The time to live (hop limit) is used up.",
    hint: "Normal for traceroute; otherwise look for a routing loop.",
  },
  {
    name: "too-big",
    direction: "both",
    rfc: "RFC 7915 §4.1, §1.4",
    icmpv4: { type: 3, code: 4 },
    icmpv6: { type: 2, code: 0 },
    sentence: "The translated packet does not fit the next link and must not be fragmented.",
    hint: "Normal for path MTU discovery: the sender is told the size that fits.",
  },
  {
    name: "source-route",
    direction: "v4ToV6",
    rfc: "RFC 7915 §4.1",
    icmpv4: { type: 3, code: 5 },
    sentence: "The packet carries an IPv4 source route that is not used up.",
    hint: "Source routes can't be translated; send without.",
  },
  {
    name: "routing-header",
    direction: "v6ToV4",
    rfc: "RFC 7915 §5.1",
    icmpv6: { type: 4, code: 0 },
    sentence: "The packet carries an IPv6 Routing header with segments left.",
    hint: "Routing headers can't be translated; send without.",
  },
  {
    name: "fragmented-extension",
    direction: "v6ToV4",
    rfc: "RFC 7915 §5.1.1",
    sentence: "An extension header follows the Fragment Header.",
    hint: "Such fragments can't be translated; send without extension headers.",
  },
  {
    name: "bad-fragment",
    direction: "both",
    rfc: "RFC 791 §3.2, RFC 8200 §4.5",
    sentence: "The fragment's length is no multiple of eight octets, or it ends beyond 65535.",
    hint: "A broken or hostile sender.",
  },
  {
    name: "truncated-transport",
    direction: "both",
    rfc: "RFC 7915 §4.5, §5.5",
    sentence: "The transport header is cut off before its checksum, which has to be updated.",
    hint: "A broken or hostile sender.",
  },
  {
    name: "igmp",
    direction: "v4ToV6",
    rfc: "RFC 7915 §4.2",
    sentence: "IGMP messages are for one link only.",
    hint: "Harmless.",
  },
  {
    name: "icmp-type",
    direction: "both",
    rfc: "RFC 7915 §4.2, §5.2",
    sentence: "This ICMP type or code has no counterpart in the other family, or is for one link only.",
    hint: "Harmless.",
  },
  {
    name: "icmp-pointer",
    direction: "both",
    rfc: "RFC 7915 §4.2 figure 3, §5.2 figure 6",
    sentence: "A Parameter Problem points at a field that the other family does not have.",
    hint: "Harmless.",
  },
  {
    name: "icmp-checksum",
    direction: "both",
    rfc: "RFC 7915 §5",
    sentence: "The checksum of an ICMP error is wrong.",
    hint: "The packet was damaged on its way, or forged.",
  },
  {
    name: "icmp-inner",
    direction: "both",
    rfc: "RFC 7915 §4.3, §5.3",
    sentence: "The packet inside an ICMP error is cut off or can't be translated.",
    hint: "An error about a packet that did not come through here.",
  },
  {
    name: "icmp-nested",
    direction: "both",
    rfc: "RFC 7915 §4.3, §5.3",
    sentence: "An ICMP error about an ICMP error.",
    hint: "Nobody may send these.",
  },
  {
    name: "reassembly-timeout",
    direction: "both",
    rfc: "RFC 6146 §3.4",
    sentence:
      "Fragments of a message that has to be put together (ICMP, UDP without a checksum) waited in vain for the rest.",
    hint: "Fragments are lost on the way; send smaller packets.",
  },
  {
    name: "reassembly-full",
    direction: "both",
    rfc: "RFC 6146 §3.4",
    sentence: "Fragments made room for newer ones: too many messages had to be put together at a time.",
    hint: "Many large pings at once, or somebody who floods with fragments.",
  },
  {
    name: "reassembly-overlap",
    direction: "both",
    rfc: "RFC 5722 §3",
    sentence: "Fragments overlap or contradict each other; the whole message is given up.",
    hint: "A broken or hostile sender.",
  },
  {
    name: "udp-checksum-zero",
    direction: "v4ToV6",
    rfc: "RFC 7915 §4.5",
    icmpv4: prohibited4,
    sentence: "A UDP packet without a checksum, and the policy is to drop these.",
    hint: "Set udp-zero-checksum=compute.",
  },
  {
    name: "translator-port",
    direction: "v4ToV6",
    rfc: "RFC 1122 §4.1.3.1",
    icmpv4: { type: 3, code: 3 },
    sentence: "UDP to the translator's own IPv4 address.",
    hint: "Normal for traceroute to it; there is no service.",
  },
  {
    name: "translator-protocol",
    direction: "v4ToV6",
    rfc: "RFC 1122 §3.2.2.1",
    icmpv4: { type: 3, code: 2 },
    sentence: "A packet to the translator's own IPv4 address: it answers ping and nothing else.",
    hint: "There is no service on that address.",
  },
  {
    name: "error-rate",
    direction: "both",
    rfc: "RFC 4443 §2.4 (f), RFC 1812 §4.3.2.8",
    sentence:
      "An ICMP error of our own was not sent, since many had just gone out; the packet itself was dropped for another reason.",
    hint: "Look at the other reasons: something keeps sending what can't be translated, or probes; or raise icmp-rate-limit.",
  },
] as const satisfies readonly Reason[];

export type ReasonName = (typeof reasons)[number]["name"];

/** The index of each reason by its name. */
export const R = Object.fromEntries(reasons.map((reason, index) => [reason.name, index])) as Readonly<
  Record<ReasonName, number>
>;

export function findReason(name: string): Reason | undefined {
  return reasons.find((reason) => reason.name === name);
}
