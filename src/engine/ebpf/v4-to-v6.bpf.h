/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * IPv4 -> IPv6 (RFC 7915 section 4) for the plain packets. src/xlat/v4-to-v6.ts is what it must agree with, octet for
 * octet; what it would refuse, fragment or answer is handed to it untouched.
 */
#pragma once

#include "addresses.bpf.h"
#include "flows.bpf.h"
#include "packet.bpf.h"
#include "sums.bpf.h"

/* Looks at the packet; a reason for the slow path, or PLAIN. */
static __always_inline int read4(struct __sk_buff *skb, struct plain *plain, __be32 *from, __be32 *to)
{
	__u32 l2 = config.clat_l2;

	at_hand(skb, l2 + sizeof(struct iphdr) + TRANSPORT_READ);
	void *start = start_of(skb);
	void *end = end_of(skb);
	struct iphdr *ip = start + l2;
	__be32 *words = start + l2;

	if ((void *)(ip + 1) > end)
		return SLOW_HEADER;
	if (*(__u8 *)(start + l2) != 0x45)
		return SLOW_OPTIONS;
	__u32 length = bpf_ntohs(ip->tot_len);

	if (length != skb->len - l2 || fold16(sum6(words) + words[4]) != 0xffff)
		return SLOW_HEADER;
	if (ip->frag_off & bpf_htons(IP_MF | IP_OFFSET))
		return SLOW_FRAGMENT;
	if (ip->ttl <= 1)
		return SLOW_EXPIRING;
	if (is_martian4(bpf_ntohl(ip->saddr)) || is_martian4(bpf_ntohl(ip->daddr)))
		return SLOW_ADDRESS;
	if (ip->daddr == config.translator_v4)
		return SLOW_OWN_ADDRESS;
	if (config.compare_sides && (!is_inside(ip->saddr) || is_inside(ip->daddr)))
		return SLOW_ADDRESS;
	*from = ip->saddr;
	*to = ip->daddr;
	plain->payload = length - sizeof(*ip);
	plain->protocol = ip->protocol;
	plain->traffic_class = config.traffic_class_v6 == 256 ? ip->tos : config.traffic_class_v6;
	plain->hop_limit = ip->ttl - config.hops;

	void *upper = ip + 1;
	__u32 whole = sizeof(struct ipv6hdr) + plain->payload;
	__u32 segment = skb->gso_size;

	if (ip->protocol == IPPROTO_TCP) {
		struct tcphdr *tcp = upper;

		if (upper + CHECKSUM_OF_TCP + 2 > end)
			return SLOW_HEADER;
		plain->source_port = tcp->source;
		plain->destination_port = tcp->dest;
		if (segment) {
			__u32 head = (*(__u8 *)(upper + 12) >> 4) << 2;

			if (head > plain->payload)
				return SLOW_OFFLOAD;
			if (whole > sizeof(struct ipv6hdr) + head + segment)
				whole = sizeof(struct ipv6hdr) + head + segment;
		}
	} else if (segment) {
		/* UDP: a program can't tell super-packets from tunnels that hold super-packets. */
		return SLOW_OFFLOAD;
	} else if (ip->protocol == IPPROTO_UDP) {
		struct udphdr *udp = upper;

		if (upper + sizeof(*udp) > end)
			return SLOW_HEADER;
		if (udp->check == 0)
			return SLOW_CHECKSUM;
		plain->source_port = udp->source;
		plain->destination_port = udp->dest;
	} else if (ip->protocol == IPPROTO_ICMP) {
		struct icmp_head *icmp = upper;

		if (upper + sizeof(*icmp) > end)
			return SLOW_HEADER;
		if (icmp->type == ICMP4_ECHO_REQUEST)
			plain->icmp_type = ICMP6_ECHO_REQUEST;
		else if (icmp->type == ICMP4_ECHO_REPLY)
			plain->icmp_type = ICMP6_ECHO_REPLY;
		else
			return SLOW_ICMP;
		plain->source_port = icmp->id;
	} else if (!goes_as_it_is(ip->protocol)) {
		return SLOW_PROTOCOL;
	}
	if (whole > (ip->frag_off & bpf_htons(IP_DF) ? config.mtu_v6 : config.fragment_mtu_v6))
		return SLOW_SIZE;
	return PLAIN;
}

/* Brings the type and the checksum of an echo to what IPv6 wants. `sum`: of the IPv6 addresses. 0, or an error. */
static __always_inline long put_echo6(struct __sk_buff *skb, const struct plain *plain, __u64 sum)
{
	__u32 at = config.clat_l2 + sizeof(struct iphdr);
	struct icmp_head *icmp = start_of(skb) + at;
	struct {
		__u8 type;
		__u8 code;
		__be16 checksum;
	} head;

	if ((void *)(icmp + 1) > end_of(skb))
		return -1;
	head.type = plain->icmp_type;
	head.code = icmp->code;
	sum += (__u16)~icmp->checksum;
	sum += minus(bpf_htons(icmp->type << 8));
	sum += bpf_htons(plain->icmp_type << 8);
	sum += bpf_htons(plain->payload);
	sum += bpf_htons(IPPROTO_ICMPV6);
	head.checksum = ~fold16(sum);
	return bpf_skb_store_bytes(skb, at, &head, sizeof(head), BPF_F_RECOMPUTE_CSUM);
}

/* The same for TCP and UDP. `difference`: of the addresses. */
static __always_inline long put_transport6(struct __sk_buff *skb, const struct plain *plain, __u32 difference,
					   __be16 port)
{
	__u32 at = config.clat_l2 + sizeof(struct iphdr);
	__u32 field = at + (plain->protocol == IPPROTO_TCP ? CHECKSUM_OF_TCP : CHECKSUM_OF_UDP);
	__u64 flags = plain->protocol == IPPROTO_UDP ? BPF_F_MARK_MANGLED_0 : 0;
	long failed = 0;

	/* With the flag the helper also knows what to do where the device completes the checksum. */
	if (!is_neutral(difference))
		failed = bpf_l4_csum_replace(skb, field, 0, difference, BPF_F_PSEUDO_HDR | flags);
	if (!failed && config.shared && port != plain->source_port) {
		failed = bpf_l4_csum_replace(skb, field, plain->source_port, port, flags | sizeof(port));
		if (!failed)
			failed = bpf_skb_store_bytes(skb, at, &port, sizeof(port), 0);
	}
	return failed;
}

/* Translates the packet and sends it on, or lets it pass, as it is, to the translator. */
static __always_inline int v4_to_v6(struct __sk_buff *skb, struct direction *direction)
{
	struct plain plain = {};
	/* An IPv6 header: version, traffic class and flow label; lengths and kinds; both addresses. */
	__be32 out[10];
	__be32 *source = out + 2;
	__be32 *destination = out + 6;
	__be32 from = 0;
	__be32 to = 0;
	__be16 port;
	long failed = 0;
	int mapped = 0;
	int slow = read4(skb, &plain, &from, &to);

	if (slow == PLAIN && !(config.simple_hairpinning ? embed(from, source) : to_v6(from, source)))
		slow = SLOW_ADDRESS;
	if (slow == PLAIN) {
		mapped = to_v6(to, destination);
		if (!mapped)
			slow = SLOW_ADDRESS;
	}
	if (slow != PLAIN) {
		direction->slow[slow & 15]++;
		return PASS;
	}
	count(direction, sizeof(struct iphdr) + plain.payload);
	port = plain.source_port;
	if (config.shared && source[0] == config.shared_v6[0] && source[1] == config.shared_v6[1] &&
	    source[2] == config.shared_v6[2] && source[3] == config.shared_v6[3] && plain.icmp_type != ICMP6_ECHO_REPLY) {
		struct flow_key key = {};

		__builtin_memcpy(key.remote, destination, sizeof(key.remote));
		key.local_port = plain.source_port;
		key.remote_port = plain.destination_port;
		key.protocol = plain.icmp_type ? IPPROTO_ICMPV6 : plain.protocol;
		int outer = flow_out(skb, &key);

		if (outer < 0) {
			direction->drops[DROP_NO_PORT]++;
			return TC_ACT_SHOT;
		}
		port = outer;
	}

	__u64 sum = sum6(source) + sum6(destination);

	if (plain.icmp_type) {
		failed = put_echo6(skb, &plain, sum);
		plain.protocol = IPPROTO_ICMPV6;
	} else if (plain.protocol == IPPROTO_TCP || plain.protocol == IPPROTO_UDP) {
		failed = put_transport6(skb, &plain, fold32(sum + minus(from) + minus(to)), port);
	}
	out[0] = bpf_htonl((__u32)6 << 28 | (__u32)plain.traffic_class << 20);
	out[1] = bpf_htonl(plain.payload << 16 | (__u32)plain.protocol << 8 | plain.hop_limit);
	failed = failed || bpf_skb_change_proto(skb, bpf_htons(ETH_P_IPV6), 0) ||
		 bpf_skb_store_bytes(skb, config.clat_l2, out, sizeof(out), BPF_F_RECOMPUTE_CSUM);
	if (failed) {
		direction->drops[DROP_NO_MEMORY]++;
		return TC_ACT_SHOT;
	}
	return to_uplink(skb, direction, mapped == BY_PREF64);
}
