/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The host's own IPv6 to where the CLAT speaks as well, from an address that both have. A host socket that comes second,
 * with the addresses and ports of a flow of the CLAT, gives way: it goes out from another port, and `whose()` gives what
 * comes back the port that the socket knows.
 */
#pragma once

#include "shared.bpf.h"

/* Which port a packet of the host goes out from (network order); its own, where nothing is in its way. */
__attribute__((noinline)) int host_port(struct __sk_buff *skb, const struct flow_key *from)
{
	struct flow_key own, there;
	struct flow *known, *flow;
	__be16 port;

	if (!from)
		return 0;
	own = *from;
	own.about = OUTER_PORT_OF_HOST;
	there = *from;
	known = bpf_map_lookup_elem(&flows, &own);
	if (known) {
		port = known->outer_port;
		there.local_port = port;
		flow = bpf_map_lookup_elem(&flows, &there);
		if (!flow || (flow->owner == OF_HOST && flow->inner_port == from->local_port)) {
			note_use(known);
			keep_flow(from, from->local_port, port, OF_HOST);
			return port;
		}
		/* The port has been taken since. */
	} else {
		flow = bpf_map_lookup_elem(&flows, &there);
		if (!flow)
			return from->local_port;
		if (is_over(flow, from->protocol)) {
			bpf_map_delete_elem(&flows, &there);
			return from->local_port;
		}
	}
#pragma unroll
	for (int attempt = 0; attempt < TRIES; attempt++) {
		port = random_port();
		there.local_port = port;
		if (bpf_map_lookup_elem(&flows, &there) || host_socket(skb, from, port) != SOCKET_NONE)
			continue;
		if (put_flow(&own, from->local_port, port, OF_HOST) || keep_flow(from, from->local_port, port, OF_HOST))
			break;
		return port;
	}
	return from->local_port;
}

/* A packet of the host from the shared address. */
__attribute__((noinline)) int give_way(struct __sk_buff *skb, __u32 l2)
{
	struct transport transport = {};
	struct flow_key key = {};
	__be16 port;

	if (bpf_skb_load_bytes(skb, l2 + 24, key.remote, sizeof(key.remote)) || find_transport(skb, l2, &transport))
		return 0;
	if (transport.is_later || (transport.protocol != IPPROTO_TCP && transport.protocol != IPPROTO_UDP))
		return 0;
	if (put_ports(skb, &transport, &key, 1))
		return 0;
	port = host_port(skb, &key);
	return port == key.local_port ? 0 : put_port(skb, &transport, 0, port);
}
