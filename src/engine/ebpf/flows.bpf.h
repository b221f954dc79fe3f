/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Whose a packet is where the host has the CLAT's address as well: flows that left through the CLAT are its, everything
 * else is the host's. No connection tracking: the map forgets what was used least lately.
 *
 * Who comes second gives way, since the network can't tell two flows of the same addresses and ports apart. A flow of the
 * CLAT whose addresses and ports a host socket has already goes out from another port. A UDP socket of the host that is
 * bound to the port, and connected to nobody, may speak to the same server any time (ntpd does); then all flows from this
 * port of the CLAT use one and the same other port, as peers of a peer-to-peer program expect it. The host's that give
 * way: host-flows.bpf.h.
 */
#pragma once

#include <linux/in.h>

#include "config.bpf.h"

/*
 * Nanoseconds of silence after which a flow is over: RFC 5382 section 5 (2 h 4 min), RFC 4787 section 4.3 (5 min); and 3 s,
 * by which `seen` may be behind.
 */
#define TCP_LIFE 7443000000000ull
#define OTHER_LIFE 303000000000ull

/*
 * Ticks of the kernel, 100 to 1000 a second. The verifier makes a look at them one instruction; a look at the clock is a call
 * of 30 ns, and writing to a flow for every packet takes it from the processor on which the other direction is under way.
 */
#define TICKS_BETWEEN_NOTES 256
/* Less than any life, whatever a tick is. */
#define TICKS_SURELY_ALIVE 16384

#define TRIES 4

/* Owners of flows. */
#define OF_CLAT 1
#define OF_HOST 2

/* In flow_key.about. */
#define FLOW 0
/* The key's port is the one that the CLAT's IPv4 side uses: the entry says by which it goes out. */
#define OUTER_PORT 1
/* The same of a host socket's port. */
#define OUTER_PORT_OF_HOST 2

struct flow_key {
	__be32 remote[4];
	__be16 local_port;
	__be16 remote_port;
	__u8 protocol;
	__u8 about;
	__u16 zero;
};

struct flow {
	/* When its owner sent by it last, or a little before: nanoseconds since the start of the machine, and ticks. */
	__u64 seen;
	__u64 tick;
	/* The local port as the owner knows it, and as the network does. */
	__be16 inner_port;
	__be16 outer_port;
	/* OF_HOST: a flow that gave way. */
	__u32 owner;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	/* src/engine/ebpf/encode.ts makes them more where the address is shared. */
	__uint(max_entries, 64);
	__type(key, struct flow_key);
	__type(value, struct flow);
} flows SEC(".maps");

/* Whose fragments of a datagram are, since only its first one has ports. */
struct fragment_key {
	__be32 remote[4];
	__be32 identification;
	__u32 protocol;
};

/* Values: owners. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 64);
	__type(key, struct fragment_key);
	__type(value, __u32);
} fragments SEC(".maps");

/* What a host socket has to do with a flow. */
#define SOCKET_NONE 0
/* It is bound to the port. */
#define SOCKET_BOUND 1
/* It has the very addresses and ports. */
#define SOCKET_EXACT 2

#define TCP_STATE_LISTEN 10

__attribute__((noinline)) int host_socket(struct __sk_buff *skb, const struct flow_key *key, __be16 local_port)
{
	struct bpf_sock_tuple tuple = {};
	struct bpf_sock *socket;
	int found = SOCKET_NONE;

	if (!key)
		return SOCKET_NONE;
	__builtin_memcpy(tuple.ipv6.saddr, key->remote, 16);
	tuple.ipv6.daddr[0] = config.shared_v6[0];
	tuple.ipv6.daddr[1] = config.shared_v6[1];
	tuple.ipv6.daddr[2] = config.shared_v6[2];
	tuple.ipv6.daddr[3] = config.shared_v6[3];
	tuple.ipv6.sport = key->remote_port;
	tuple.ipv6.dport = local_port;
	if (key->protocol == IPPROTO_TCP) {
		socket = bpf_skc_lookup_tcp(skb, &tuple, sizeof(tuple.ipv6), BPF_F_CURRENT_NETNS, 0);
		if (!socket)
			return SOCKET_NONE;
		if (socket->state != TCP_STATE_LISTEN)
			found = SOCKET_EXACT;
		bpf_sk_release(socket);
		return found;
	}
	if (key->protocol != IPPROTO_UDP)
		return SOCKET_NONE;
	socket = bpf_sk_lookup_udp(skb, &tuple, sizeof(tuple.ipv6), BPF_F_CURRENT_NETNS, 0);
	if (!socket)
		return SOCKET_NONE;
	found = socket->dst_port ? SOCKET_EXACT : SOCKET_BOUND;
	bpf_sk_release(socket);
	return found;
}

/* Its owner sends by it. */
static __always_inline void note_use(struct flow *flow)
{
	__u64 tick = bpf_jiffies64();

	if (tick - flow->tick < TICKS_BETWEEN_NOTES)
		return;
	flow->tick = tick;
	flow->seen = bpf_ktime_get_coarse_ns();
}

static __always_inline int is_over(const struct flow *flow, __u8 protocol)
{
	/* Signed: another processor may have noted a tick that this one has not seen yet. */
	if ((__s64)(bpf_jiffies64() - flow->tick) < TICKS_SURELY_ALIVE)
		return 0;
	return bpf_ktime_get_coarse_ns() - flow->seen > (protocol == IPPROTO_TCP ? TCP_LIFE : OTHER_LIFE);
}

static __always_inline __be16 random_port(void)
{
	return bpf_htons(1024 + (bpf_get_prandom_u32() >> 16) % (65536 - 1024));
}

static __always_inline int put_flow(const struct flow_key *key, __be16 inner, __be16 outer, __u32 owner)
{
	struct flow flow = {
		.seen = bpf_ktime_get_coarse_ns(),
		.tick = bpf_jiffies64(),
		.inner_port = inner,
		.outer_port = outer,
		.owner = owner,
	};

	return bpf_map_update_elem(&flows, key, &flow, BPF_ANY);
}

/* So that what comes back is known by the port that it comes to. */
static __always_inline int keep_flow(const struct flow_key *key, __be16 inner, __be16 outer, __u32 owner)
{
	struct flow_key way_back = *key;

	way_back.local_port = outer;
	way_back.about = FLOW;
	return put_flow(&way_back, inner, outer, owner);
}

/* The entry that says by which port the CLAT's one goes out: of the flow, or of all flows from this port. */
static __always_inline struct flow_key outer_key(const struct flow_key *key, int of_all)
{
	struct flow_key other = *key;

	other.about = OUTER_PORT;
	if (of_all) {
		__builtin_memset(other.remote, 0, sizeof(other.remote));
		other.remote_port = 0;
	}
	return other;
}

/* Whether the CLAT sends by it from the key's port. */
static __always_inline int is_clats(const struct flow *flow, const struct flow_key *key)
{
	return flow->inner_port == key->local_port && flow->owner == OF_CLAT;
}

/*
 * A flow that has no entry yet, or goes out from another port. Returns the port (network order), or -1 where it can't go
 * out. `port`: the CLAT's own.
 */
__attribute__((noinline)) int new_flow(struct __sk_buff *skb, const struct flow_key *key)
{
	struct flow_key own, all, wanted;
	struct flow *known;
	int socket;

	if (!key)
		return -1;
	own = outer_key(key, 0);
	known = bpf_map_lookup_elem(&flows, &own);
	if (known) {
		__be16 port = known->outer_port;

		note_use(known);
		return keep_flow(key, key->local_port, port, OF_CLAT) == 0 ? port : -1;
	}
	all = outer_key(key, 1);
	known = key->protocol == IPPROTO_UDP ? bpf_map_lookup_elem(&flows, &all) : 0;
	if (known) {
		__be16 port = known->outer_port;

		wanted = *key;
		wanted.local_port = port;
		struct flow *there = bpf_map_lookup_elem(&flows, &wanted);

		if (there && is_clats(there, key)) {
			note_use(there);
			return port;
		}
		if (!there && host_socket(skb, key, port) != SOCKET_EXACT)
			return keep_flow(key, key->local_port, port, OF_CLAT) == 0 ? port : -1;
		/* The port has been taken since. */
	}
	wanted = *key;
	socket = host_socket(skb, key, key->local_port);
	if (!bpf_map_lookup_elem(&flows, &wanted) && (known ? socket != SOCKET_EXACT : socket == SOCKET_NONE))
		return keep_flow(key, key->local_port, key->local_port, OF_CLAT) == 0 ? key->local_port : -1;
#pragma unroll
	for (int attempt = 0; attempt < TRIES; attempt++) {
		__be16 port = random_port();

		wanted.local_port = port;
		if (bpf_map_lookup_elem(&flows, &wanted) || host_socket(skb, key, port) != SOCKET_NONE)
			continue;
		struct flow_key *by = socket == SOCKET_BOUND && !known ? &all : &own;

		if (put_flow(by, key->local_port, port, OF_CLAT) == 0 && keep_flow(key, key->local_port, port, OF_CLAT) == 0)
			return port;
		return -1;
	}
	return -1;
}

/* A packet leaves through the CLAT; returns the port that it goes out from (network order), or -1 where it can't. */
static __always_inline int flow_out(struct __sk_buff *skb, const struct flow_key *key)
{
	struct flow *flow = bpf_map_lookup_elem(&flows, key);

	if (flow && is_clats(flow, key)) {
		note_use(flow);
		return key->local_port;
	}
	return new_flow(skb, key);
}

/* A packet comes in; returns its flow where it is the CLAT's, or one of the host that gave way. */
static __always_inline struct flow *flow_in(struct __sk_buff *skb, const struct flow_key *key)
{
	struct flow *flow = bpf_map_lookup_elem(&flows, key);

	if (flow && is_over(flow, key->protocol) && host_socket(skb, key, key->local_port) != SOCKET_NONE)
		return 0;
	return flow;
}
