/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The fast path of the eBPF engine (DESIGN section 5): tc programs that translate the plain packets in the kernel and
 * leave the rest to the translator behind the TUN `clat`.
 *
 *   clat_egress     on the way out of `clat`: IPv4 packets of this host are translated and sent to the uplink. Hard ones go
 *                   on into the TUN, and so does the IPv6 that `uplink_ingress` has put there.
 *   clat_ingress    what comes out of the TUN: IPv6 that the translator has written goes to the uplink, past the host's
 *                   forwarding; IPv4 goes up.
 *   uplink_ingress  IPv6 to the CLAT: plain packets are translated and come in on `clat`, hard ones go into the TUN. All
 *                   else is the host's, and so is neighbour discovery.
 *   uplink_egress   only where the host has the CLAT's address as well: a socket of the host that would be taken for a flow of
 *                   the CLAT goes out from another port; a super-packet of the translator's loses its owner where that costs.
 *
 * Where the configuration says so they translate nothing and only lead packets to the translator and away from it: that is
 * how the userspace engine does without the host's forwarding.
 *
 * Helpers are those of kernel 6.1.
 */
#include "host-flows.bpf.h"
#include "shared.bpf.h"
#include "v4-to-v6.bpf.h"
#include "v6-to-v4.bpf.h"

#define PACKET_TO_HOST 0
#define VLAN_ID 0x0fff

SEC("tc")
int clat_egress(struct __sk_buff *skb)
{
	if (!config.active || config.leads_only || skb->protocol != bpf_htons(ETH_P_IP))
		return PASS;
	struct tally *tally = find_tally();

	return tally ? v4_to_v6(skb, &tally->of[V4_TO_V6]) : PASS;
}

/* Of an IPv6 packet as the translator has written it. */
static __always_inline int goes_to_pref64(struct __sk_buff *skb)
{
	__be32 to[4];

	return !bpf_skb_load_bytes(skb, config.clat_l2 + 24, to, sizeof(to)) && is_of(&config.out, to);
}

SEC("tc")
int clat_ingress(struct __sk_buff *skb)
{
	if (!config.active || skb->protocol != bpf_htons(ETH_P_IPV6))
		return PASS;
	struct tally *tally = find_tally();

	if (!tally)
		return PASS;
	if (config.shared && leave_shared(skb)) {
		tally->of[V4_TO_V6].drops[DROP_NO_PORT]++;
		return TC_ACT_SHOT;
	}
	if (config.shared && config.uplink_cuts)
		skb->cb[1] = skb->gso_size ? OWNED_SIGN : 0;
	return to_uplink(skb, &tally->of[V4_TO_V6], config.has_next_hop && goes_to_pref64(skb));
}

/* Octets of link header in front of a packet that comes in, or -1 from a device that is no uplink. */
static __always_inline int l2_of(struct __sk_buff *skb)
{
	if (config.uplinks_l2 != L2_MIXED)
		return config.uplinks_l2;
	for (__u32 index = 0; index < MOST_UPLINKS && index < config.uplinks; index++)
		if (config.uplink[index].ifindex == skb->ifindex)
			return config.uplink[index].l2;
	return -1;
}

SEC("tc")
int uplink_egress(struct __sk_buff *skb)
{
	__be32 v6[8];
	__be32 unused;

	if (!config.active || !config.shared || skb->protocol != bpf_htons(ETH_P_IPV6))
		return PASS;
	if (is_of_clat(skb))
		return config.uplink_cuts && skb->cb[1] == OWNED_SIGN ? disown(skb) : PASS;
	int l2 = l2_of(skb);

	if (l2 < 0 || bpf_skb_load_bytes(skb, l2 + 8, v6, sizeof(v6)))
		return PASS;
	if (is_shared(v6) && to_v4(v6 + 4, &unused))
		give_way(skb, l2);
	return PASS;
}

static __always_inline int to_translator(void)
{
	return bpf_redirect(config.clat_ifindex, 0);
}

/* Whether a plain packet may be translated; leaves its IPv4 source in `from`. */
static __always_inline int may_go(const __be32 *v6, __be32 *from, __be32 to)
{
	if (is_martian6(v6) || is_martian6(v6 + 4) || !to_v4(v6, from))
		return 0;
	if (is_martian4(bpf_ntohl(*from)) || is_martian4(bpf_ntohl(to)))
		return 0;
	return !(config.compare_sides && is_inside(*from));
}

SEC("tc")
int uplink_ingress(struct __sk_buff *skb)
{
	struct plain plain = {};
	__be32 v6[8];
	__be32 from = 0;
	__be32 to = 0;

	if (!config.active || skb->protocol != bpf_htons(ETH_P_IPV6) || skb->pkt_type != PACKET_TO_HOST)
		return PASS;
	if (skb->vlan_present) {
		/* Of a VLAN, and so of another device; an identifier of zero only carries a priority. */
		if (skb->vlan_tci & VLAN_ID || bpf_skb_vlan_pop(skb))
			return PASS;
	}
	int l2 = l2_of(skb);

	if (l2 < 0)
		return PASS;
	at_hand(skb, l2 + sizeof(struct ipv6hdr) + TRANSPORT_READ);
	void *end = end_of(skb);
	struct ipv6hdr *ip = start_of(skb) + l2;

	if ((void *)(ip + 1) > end)
		return PASS;
	__builtin_memcpy(v6, &ip->saddr, sizeof(v6));
	if (!by_table(v6 + 4, &to))
		return PASS;
	if (ip->nexthdr == IPPROTO_ICMPV6) {
		struct icmp_head *icmp = (void *)(ip + 1);

		if ((void *)(icmp + 1) <= end && icmp->type >= ICMP6_FIRST_ND && icmp->type <= ICMP6_LAST_ND)
			return PASS;
	}
	struct tally *tally = find_tally();

	if (!tally)
		return PASS;
	int slow = config.leads_only ? SLOW_LED : read6(skb, l2, &plain);
	__be16 port = plain.destination_port;

	if (slow == PLAIN && !may_go(v6, &from, to))
		slow = SLOW_ADDRESS;
	if (config.shared && is_shared(v6 + 4)) {
		int is_plain = slow == PLAIN && !plain.icmp_type;
		struct flow_key key = {};

		__builtin_memcpy(key.remote, v6, sizeof(key.remote));
		switch (is_plain ? whose_plain(skb, l2, &plain, &key, &port) : whose(skb, l2, &key, &port, slow != PLAIN)) {
		case THE_HOSTS:
			return PASS;
		case BOTHS:
			tally->of[V6_TO_V4].slow[SLOW_SHARED]++;
			bpf_clone_redirect(skb, config.clat_ifindex, 0);
			return PASS;
		}
	}
	if (slow == PLAIN) {
		int verdict = v6_to_v4(skb, l2, &plain, v6, from, to, port, tally);

		if (verdict != PASS)
			return verdict;
	} else {
		tally->of[V6_TO_V4].slow[slow & 15]++;
	}
	return to_translator();
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
