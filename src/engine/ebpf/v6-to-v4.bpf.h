/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * IPv6 -> IPv4 (RFC 7915 section 5) for the plain packets. src/xlat/v6-to-v4.ts is what it must agree with, octet for
 * octet but for the identification, which is anybody's where there is no Fragment Header.
 */
#pragma once

#include "addresses.bpf.h"
#include "flows.bpf.h"
#include "packet.bpf.h"
#include "sums.bpf.h"

#define HEADER4 20

/* Up to this length packets go without DF (RFC 7915 section 5.1). */
#define LARGEST_WITHOUT_DF 1260

/* Looks at the packet, whose header is at hand at `l2`; a reason for the slow path, or PLAIN. */
static __always_inline int read6(struct __sk_buff *skb, __u32 l2, struct plain *plain)
{
	void *end = end_of(skb);
	struct ipv6hdr *ip = start_of(skb) + l2;
	void *upper = ip + 1;

	if (upper > end)
		return SLOW_HEADER;
	__u32 payload = bpf_ntohs(ip->payload_len);

	if (ip->version != 6 || payload != skb->len - l2 - sizeof(*ip))
		return SLOW_HEADER;
	if (ip->hop_limit <= config.hops)
		return SLOW_EXPIRING;
	plain->payload = payload;
	plain->protocol = ip->nexthdr;
	plain->hop_limit = ip->hop_limit - config.hops;
	plain->traffic_class = config.tos_v4 == 256 ? bpf_ntohl(*(__be32 *)ip) >> 20 & 0xff : config.tos_v4;

	__u32 whole = HEADER4 + payload;
	__u32 segment = skb->gso_size;

	if (whole > 0xffff)
		return SLOW_SIZE;
	if (ip->nexthdr == IPPROTO_TCP) {
		struct tcphdr *tcp = upper;

		if (upper + CHECKSUM_OF_TCP + 2 > end)
			return SLOW_HEADER;
		plain->source_port = tcp->source;
		plain->destination_port = tcp->dest;
		if (segment) {
			__u32 head = (*(__u8 *)(upper + 12) >> 4) << 2;

			if (head > payload)
				return SLOW_OFFLOAD;
			if (whole > HEADER4 + head + segment)
				whole = HEADER4 + head + segment;
		}
	} else if (segment) {
		return SLOW_OFFLOAD;
	} else if (ip->nexthdr == IPPROTO_UDP) {
		struct udphdr *udp = upper;

		if (upper + sizeof(*udp) > end)
			return SLOW_HEADER;
		/* In IPv6 only tunnels have none (RFC 6935). */
		if (udp->check == 0)
			return SLOW_CHECKSUM;
		plain->source_port = udp->source;
		plain->destination_port = udp->dest;
	} else if (ip->nexthdr == IPPROTO_ICMPV6) {
		struct icmp_head *icmp = upper;

		if (upper + sizeof(*icmp) > end)
			return SLOW_HEADER;
		if (icmp->type != ICMP6_ECHO_REQUEST && icmp->type != ICMP6_ECHO_REPLY)
			return SLOW_ICMP;
		plain->icmp_type = icmp->type;
	} else if (!goes_as_it_is(ip->nexthdr)) {
		return SLOW_PROTOCOL;
	}
	plain->largest = whole;
	return whole > config.mtu_v4 ? SLOW_SIZE : PLAIN;
}

/* Brings the type and the checksum of an echo to what IPv4 wants. `sum`: of the IPv6 addresses. 0, an error, or 1: slow path. */
static __always_inline long put_echo4(struct __sk_buff *skb, __u32 l2, const struct plain *plain, __u64 sum)
{
	__u32 at = l2 + sizeof(struct ipv6hdr);
	struct icmp_head *icmp = start_of(skb) + at;
	__u8 type = plain->icmp_type == ICMP6_ECHO_REQUEST ? ICMP4_ECHO_REQUEST : ICMP4_ECHO_REPLY;
	struct {
		__u8 type;
		__u8 code;
		__be16 checksum;
	} head;

	if ((void *)(icmp + 1) > end_of(skb))
		return 1;
	sum += bpf_htons(plain->icmp_type << 8);
	sum += bpf_htons(plain->payload);
	sum += bpf_htons(IPPROTO_ICMPV6);
	head.type = type;
	head.code = icmp->code;
	head.checksum = ~fold16((__u64)(__u16)~icmp->checksum + (__u16)~fold16(sum) + bpf_htons(type << 8));
	/* Zero may stand for 0xffff where a reply has nothing but zeros in it (RFC 1624 section 3): who knows looks at them. */
	if (head.checksum == 0)
		return 1;
	return bpf_skb_store_bytes(skb, at, &head, sizeof(head), BPF_F_RECOMPUTE_CSUM) ? -1 : 0;
}

/* An IPv4 header without options. */
static __always_inline void put_header4(__be32 *words, const struct plain *plain, __be32 from, __be32 to,
					__u16 identification)
{
	__u32 last = (__u32)plain->hop_limit << 24 | (__u32)plain->protocol << 16;

	words[0] = bpf_htonl(0x45 << 24 | (__u32)plain->traffic_class << 16 | (HEADER4 + plain->payload));
	words[1] = bpf_htonl((__u32)identification << 16 | (plain->largest > LARGEST_WITHOUT_DF ? IP_DF : 0));
	words[3] = from;
	words[4] = to;
	words[2] = bpf_htonl(last);
	words[2] = bpf_htonl(last | bpf_ntohs(~fold16(sum6(words) + words[4])));
}

/*
 * Translates a packet that is the CLAT's: `v6` holds its addresses, `to` is where it goes. Returns a verdict for tc; PASS
 * where it is the translator's (nothing has been changed then).
 */
static __always_inline int v6_to_v4(struct __sk_buff *skb, __u32 l2, const struct plain *plain_in, const __be32 *v6,
				    __be32 from, __be32 to, __be16 port, struct tally *tally)
{
	struct direction *direction = &tally->of[V6_TO_V4];
	struct plain plain = *plain_in;
	__be32 out[HEADER4 / 4];
	long failed = 0;
	__u64 sum = sum6(v6) + sum6(v6 + 4);

	if (plain.icmp_type) {
		failed = put_echo4(skb, l2, &plain, sum);
		if (failed > 0) {
			direction->slow[SLOW_CHECKSUM]++;
			return PASS;
		}
		plain.protocol = IPPROTO_ICMP;
	} else if (plain.protocol == IPPROTO_TCP || plain.protocol == IPPROTO_UDP) {
		__u32 at = l2 + sizeof(struct ipv6hdr);
		__u32 field = at + (plain.protocol == IPPROTO_TCP ? CHECKSUM_OF_TCP : CHECKSUM_OF_UDP);
		__u64 flags = plain.protocol == IPPROTO_UDP ? BPF_F_MARK_MANGLED_0 : 0;
		__u32 difference = fold32((__u64)from + to + minus(fold32(sum)));

		if (!is_neutral(difference))
			failed = bpf_l4_csum_replace(skb, field, 0, difference, BPF_F_PSEUDO_HDR | flags);
		if (!failed && config.shared && port != plain.destination_port) {
			failed = bpf_l4_csum_replace(skb, field, plain.destination_port, port, flags | sizeof(port));
			if (!failed)
				failed = bpf_skb_store_bytes(skb, at + 2, &port, sizeof(port), 0);
		}
	}
	count(direction, sizeof(struct ipv6hdr) + plain.payload);
	/* One for each CPU, far apart; whoever cuts a super-packet numbers its parts on from it. */
	__u32 segments = skb->gso_segs;
	__u16 identification = tally->identification + bpf_get_smp_processor_id() * 0x2f35;

	tally->identification += segments > 1 ? segments : 1;
	put_header4(out, &plain, from, to, identification);
	failed = failed || bpf_skb_change_proto(skb, bpf_htons(ETH_P_IP), 0) ||
		 bpf_skb_store_bytes(skb, l2, out, sizeof(out), BPF_F_RECOMPUTE_CSUM);
	if (failed) {
		direction->drops[DROP_NO_MEMORY]++;
		return TC_ACT_SHOT;
	}
	return bpf_redirect(config.clat_ifindex, BPF_F_INGRESS);
}
