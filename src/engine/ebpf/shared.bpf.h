/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * An address that the host has as well: whose is a packet to it, and what goes out from it? For all packets, the hard ones
 * too, whose transport header has to be looked for.
 */
#pragma once

#include "flows.bpf.h"
#include "packet.bpf.h"

/* Extension headers that are walked along. */
#define MOST_HEADERS 6

#define EXTENSION_HOP_BY_HOP 0
#define EXTENSION_ROUTING 43
#define EXTENSION_FRAGMENT 44
#define EXTENSION_DESTINATION 60

struct transport {
	/* Octets from the start of the packet. */
	__u32 at;
	__u32 protocol;
	__be32 identification;
	__u32 is_fragment;
	/* A fragment that does not begin with the transport header. */
	__u32 is_later;
};

static __always_inline int is_shared(const __be32 *words)
{
	return words[0] == config.shared_v6[0] && words[1] == config.shared_v6[1] && words[2] == config.shared_v6[2] &&
	       words[3] == config.shared_v6[3];
}

/* The transport header of the IPv6 packet at `at`; 0, or -1 where it can't be found. */
__attribute__((noinline)) int find_transport(struct __sk_buff *skb, __u32 at, struct transport *found)
{
	struct ipv6hdr ip;
	__u8 head[8];

	if (!found || bpf_skb_load_bytes(skb, at, &ip, sizeof(ip)))
		return -1;
	found->protocol = ip.nexthdr;
	found->is_fragment = 0;
	found->is_later = 0;
	found->identification = 0;
	at += sizeof(ip);
	for (int header = 0; header < MOST_HEADERS; header++) {
		found->at = at;
		switch (found->protocol) {
		case EXTENSION_HOP_BY_HOP:
		case EXTENSION_ROUTING:
		case EXTENSION_DESTINATION:
			if (found->is_later)
				return 0;
			if (bpf_skb_load_bytes(skb, at, head, 2))
				return -1;
			found->protocol = head[0];
			at += (head[1] + 1) << 3;
			break;
		case EXTENSION_FRAGMENT:
			if (bpf_skb_load_bytes(skb, at, head, sizeof(head)))
				return -1;
			found->protocol = head[0];
			found->is_fragment = head[2] || (head[3] & 0xf9);
			found->is_later = head[2] || (head[3] & 0xf8);
			__builtin_memcpy(&found->identification, head + 4, 4);
			at += sizeof(head);
			if (found->is_later)
				return 0;
			break;
		default:
			return 0;
		}
	}
	return -1;
}

/* The ports of the transport header into the key, as the sender has them if `outgoing`; 0, or -1 where there is no flow. */
__attribute__((noinline)) int put_ports(struct __sk_buff *skb, struct transport *transport,
					       struct flow_key *key, int outgoing)
{
	__be16 ports[2];
	struct icmp_head icmp;

	if (!transport || !key)
		return -1;
	key->protocol = transport->protocol;
	switch (transport->protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
		if (bpf_skb_load_bytes(skb, transport->at, ports, sizeof(ports)))
			return -1;
		key->local_port = outgoing ? ports[0] : ports[1];
		key->remote_port = outgoing ? ports[1] : ports[0];
		return 0;
	case IPPROTO_ICMPV6:
		if (bpf_skb_load_bytes(skb, transport->at, &icmp, sizeof(icmp)))
			return -1;
		if (icmp.type != (outgoing ? ICMP6_ECHO_REQUEST : ICMP6_ECHO_REPLY))
			return -1;
		key->local_port = icmp.id;
		return 0;
	default:
		return 0;
	}
}

/* Another port into the TCP or UDP header: the source's at offset 0, the destination's at 2. 0, or an error. */
__attribute__((noinline)) long put_port(struct __sk_buff *skb, struct transport *transport, __u32 offset,
					       __be16 port)
{
	__be16 before;
	__u32 at, field;
	__u64 flags = 0;

	if (!transport)
		return -1;
	at = transport->at;
	if (transport->protocol == IPPROTO_TCP) {
		field = at + CHECKSUM_OF_TCP;
	} else {
		field = at + CHECKSUM_OF_UDP;
		flags = BPF_F_MARK_MANGLED_0;
	}
	if (bpf_skb_load_bytes(skb, at + offset, &before, sizeof(before)))
		return -1;
	/* A first fragment may end before the checksum: there is nothing to bring in order then. */
	if (bpf_l4_csum_replace(skb, field, before, port, flags | sizeof(port)) && transport->protocol == IPPROTO_UDP)
		return -1;
	return bpf_skb_store_bytes(skb, at + offset, &port, sizeof(port), 0);
}

/* What the translator has written leaves the CLAT. 0, or -1 where its flow can't have a port. */
__attribute__((noinline)) int leave_shared(struct __sk_buff *skb)
{
	struct transport transport = {};
	struct flow_key key = {};
	__be32 source[4];
	__u32 l2 = config.clat_l2;
	int port;

	if (bpf_skb_load_bytes(skb, l2 + 8, source, sizeof(source)) || !is_shared(source))
		return 0;
	if (bpf_skb_load_bytes(skb, l2 + 24, key.remote, sizeof(key.remote)))
		return 0;
	if (find_transport(skb, l2, &transport) || transport.is_later || put_ports(skb, &transport, &key, 1))
		return 0;
	port = flow_out(skb, &key);
	if (port < 0)
		return -1;
	return port == key.local_port ? 0 : put_port(skb, &transport, 0, port) ? -1 : 0;
}

/* Whose a packet is. */
#define THE_HOSTS 0
#define THE_CLATS 1
/* Nobody can tell: both get it. */
#define BOTHS 2

/*
 * An ICMPv6 error is about a packet that somebody has sent from here: the quoted one says who. Where that went out from
 * another port, the quotation gets the port that its sender knows, and the checksum goes with it.
 */
__attribute__((noinline)) int whose_error(struct __sk_buff *skb, __u32 at)
{
	struct transport inner = {};
	struct flow_key key = {};
	struct flow *flow;
	__be32 source[4];
	__u32 quoted = at + 8;

	if (bpf_skb_load_bytes(skb, quoted + 8, source, sizeof(source)) || !is_shared(source))
		return THE_HOSTS;
	if (bpf_skb_load_bytes(skb, quoted + 24, key.remote, sizeof(key.remote)))
		return THE_HOSTS;
	if (find_transport(skb, quoted, &inner))
		return THE_HOSTS;
	if (inner.is_later)
		return BOTHS;
	if (put_ports(skb, &inner, &key, 1))
		return THE_HOSTS;
	flow = flow_in(skb, &key);
	if (!flow)
		return THE_HOSTS;
	if (key.protocol == IPPROTO_ICMPV6)
		return BOTHS;

	__be16 port = flow->inner_port;
	int owner = flow->owner == OF_HOST ? THE_HOSTS : THE_CLATS;

	if (port == key.local_port)
		return owner;
	if (bpf_l4_csum_replace(skb, at + 2, key.local_port, port, sizeof(port)))
		return THE_HOSTS;
	bpf_skb_store_bytes(skb, inner.at, &port, sizeof(port), 0);
	return owner;
}

/*
 * A packet to the shared address, at `l2`, from `from->remote`. Leaves the port that the CLAT's IPv4 side knows in `port` and, if
 * `put`, in the packet.
 */
__attribute__((noinline)) int whose(struct __sk_buff *skb, __u32 l2, const struct flow_key *from, __be16 *port, int put)
{
	struct transport transport = {};
	struct fragment_key fragment = {};
	struct flow_key key = {};
	struct flow *flow;
	__u8 type = 0;
	__u32 owner;

	if (!from || !port || find_transport(skb, l2, &transport))
		return THE_HOSTS;
	/* A key of its own: kernels before 6.2 take none from a caller's stack. */
	__builtin_memcpy(key.remote, from->remote, sizeof(key.remote));
	__builtin_memcpy(fragment.remote, from->remote, sizeof(fragment.remote));
	fragment.identification = transport.identification;
	fragment.protocol = transport.protocol;
	if (transport.is_later) {
		__u32 *known = bpf_map_lookup_elem(&fragments, &fragment);

		if (!known)
			return BOTHS;
		return *known == OF_CLAT ? THE_CLATS : THE_HOSTS;
	}
	if (transport.protocol == IPPROTO_ICMPV6) {
		if (bpf_skb_load_bytes(skb, transport.at, &type, sizeof(type)))
			return THE_HOSTS;
		if (type < 128)
			return whose_error(skb, transport.at);
	}
	if (put_ports(skb, &transport, &key, 0))
		return THE_HOSTS;
	flow = flow_in(skb, &key);
	if (transport.is_fragment && transport.protocol != IPPROTO_ICMPV6) {
		owner = flow ? flow->owner : OF_HOST;
		bpf_map_update_elem(&fragments, &fragment, &owner, BPF_ANY);
	}
	if (!flow)
		return THE_HOSTS;
	/* Which identifiers the host's own pings have, no program can know. */
	if (transport.protocol == IPPROTO_ICMPV6)
		return BOTHS;
	owner = flow->owner;
	*port = flow->inner_port;
	if ((put || owner == OF_HOST) && *port != key.local_port && put_port(skb, &transport, 2, *port))
		return THE_HOSTS;
	return owner == OF_HOST ? THE_HOSTS : THE_CLATS;
}

/* The same of a plain packet, whose ports have been read already; `key` has where it comes from. */
static __always_inline int whose_plain(struct __sk_buff *skb, __u32 l2, const struct plain *plain, struct flow_key *key,
				       __be16 *port)
{
	struct flow *flow;

	key->local_port = plain->destination_port;
	key->remote_port = plain->source_port;
	key->protocol = plain->protocol;
	flow = flow_in(skb, key);
	if (!flow)
		return THE_HOSTS;
	if (flow->owner == OF_HOST)
		return whose(skb, l2, key, port, 0);
	*port = flow->inner_port;
	return THE_CLATS;
}
