/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What both directions need: headers at hand, verdicts, the ways out. */
#pragma once

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include "counters.bpf.h"

/* Other filters, and then the kernel, see the packet as it is. */
#define PASS TC_ACT_UNSPEC

/* What a translation found out before it changed anything. */
#define PLAIN -1

#ifndef IP_DF
#define IP_DF 0x4000
#define IP_MF 0x2000
#define IP_OFFSET 0x1fff
#endif

/* uapi/linux/icmp.h and icmpv6.h bring in more than they are worth. */
struct icmp_head {
	__u8 type;
	__u8 code;
	__be16 checksum;
	__be16 id;
	__be16 sequence;
};

#define ICMP4_ECHO_REPLY 0
#define ICMP4_ECHO_REQUEST 8
#define ICMP6_ECHO_REQUEST 128
#define ICMP6_ECHO_REPLY 129
/* Neighbour discovery (RFC 4861): of the link, and so the host's. */
#define ICMP6_FIRST_ND 133
#define ICMP6_LAST_ND 137

#define CHECKSUM_OF_TCP 16
#define CHECKSUM_OF_UDP 6

/* What of the transport header is read: TCP up to its urgent pointer. */
#define TRANSPORT_READ 20

/* What the new header and the new checksum need to know of a packet. */
struct plain {
	/* Octets from the transport header on. */
	__u32 payload;
	__u8 protocol;
	__u8 traffic_class;
	__u8 hop_limit;
	__u8 icmp_type;
	__be16 source_port;
	__be16 destination_port;
	/* 0: super-packets and others are at most so long. */
	__u32 largest;
};

static __always_inline void *start_of(struct __sk_buff *skb)
{
	return (void *)(long)skb->data;
}

static __always_inline void *end_of(struct __sk_buff *skb)
{
	return (void *)(long)skb->data_end;
}

/* The first `octets` of the packet (all of it, where there are fewer) where programs can read them; mostly they are. */
static __always_inline void at_hand(struct __sk_buff *skb, __u32 octets)
{
	__u32 length = skb->len;

	if (start_of(skb) + octets > end_of(skb))
		bpf_skb_pull_data(skb, length < octets ? length : octets);
}

/* Protocols whose checksum has nothing to do with addresses, and that mean the same in both families. */
static __always_inline int goes_as_it_is(__u8 protocol)
{
	switch (protocol) {
	case 0: /* hop-by-hop options */
	case IPPROTO_ICMP:
	case IPPROTO_IGMP:
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case 33: /* DCCP */
	case 43: /* routing */
	case 44: /* fragment */
	case IPPROTO_ICMPV6:
	case 59: /* none */
	case 60: /* destination options */
	case 136: /* UDP-Lite */
		return 0;
	default:
		return 1;
	}
}

#define FAMILY_IPV6 10

/* In a packet's control block, which goes with it to the uplink: the CLAT has sent it, not the host. */
#define OF_CLAT_SIGN 0xc1a7c1a7
/* The word behind: it is a super-packet out of the TUN, and has an owner that it must lose (disown()). */
#define OWNED_SIGN 0x7a17a17a

static __always_inline int is_of_clat(struct __sk_buff *skb)
{
	return skb->cb[0] == OF_CLAT_SIGN;
}

#define NO_MEMORY -12
#define NOWHERE 0

/*
 * Sends a super-packet of the translator's on without its owner. What a TUN's reader writes belongs to the TUN's socket, and
 * a packet that is redirected keeps its owner, as none does that the host forwards. Whoever cuts it leaves the owner to the
 * last part; another veth's GRO takes that part for another flow's and gives up what it has put together. Each super-packet
 * came in two pieces there, and three times the acknowledgements came back (measured). A copy has no owner, and no octets
 * of its own either. Where nobody cuts, there is nothing to gain, and the engine spends 5 % more.
 */
static __always_inline int disown(struct __sk_buff *skb)
{
	skb->cb[1] = 0;
	if (bpf_clone_redirect(skb, skb->ifindex, 0) == NO_MEMORY)
		return PASS;
	/* Gone, and no drop: what bpf_redirect_neigh() is told of as one it counts as an error of the uplink. */
	return bpf_redirect(NOWHERE, 0);
}

/* To the uplink: an IPv6 packet without a link header, from the CLAT's device. `by_pref64`: it goes to a PREF64. */
static __always_inline int to_uplink(struct __sk_buff *skb, struct direction *direction, int by_pref64)
{
	if (config.shared)
		skb->cb[0] = OF_CLAT_SIGN;
	if (!config.uplink_l2)
		return bpf_redirect(config.uplink_ifindex, 0);
	/* Without room for a link header bpf_redirect_neigh() drops the packet (seen on kernel 6.18). */
	if (!config.clat_l2 && bpf_skb_change_head(skb, ETH_HLEN, 0)) {
		direction->drops[DROP_NO_MEMORY]++;
		return TC_ACT_SHOT;
	}
	if (config.has_next_hop && by_pref64) {
		struct bpf_redir_neigh next = { .nh_family = FAMILY_IPV6 };

		next.ipv6_nh[0] = config.next_hop[0];
		next.ipv6_nh[1] = config.next_hop[1];
		next.ipv6_nh[2] = config.next_hop[2];
		next.ipv6_nh[3] = config.next_hop[3];
		return bpf_redirect_neigh(config.uplink_ifindex, &next, sizeof(next), 0);
	}
	return bpf_redirect_neigh(config.uplink_ifindex, 0, 0, 0);
}
