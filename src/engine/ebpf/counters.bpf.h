/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What is counted, for each CPU by itself. src/engine/ebpf/counters.ts has the same names in the same order. */
#pragma once

#include "config.bpf.h"

#define V4_TO_V6 0
#define V6_TO_V4 1

/* Why a packet is the translator's in user space. */
enum slow {
	SLOW_HEADER,
	SLOW_OPTIONS,
	SLOW_FRAGMENT,
	SLOW_EXPIRING,
	SLOW_ADDRESS,
	SLOW_OWN_ADDRESS,
	SLOW_ICMP,
	SLOW_PROTOCOL,
	SLOW_CHECKSUM,
	SLOW_SIZE,
	SLOW_OFFLOAD,
	SLOW_SHARED,
	/* The engine leads all packets there. */
	SLOW_LED,
	SLOWS,
};

enum drop {
	/* The kernel had no memory for another header. */
	DROP_NO_MEMORY,
	/* A host socket has the flow's addresses and ports, and no other port was found. */
	DROP_NO_PORT,
	DROPS,
};

struct direction {
	__u64 packets;
	__u64 octets;
	__u64 drops[DROPS];
	__u64 slow[SLOWS];
};

struct tally {
	struct direction of[2];
	/* The last IPv4 identification handed out. */
	__u64 identification;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tally);
} counters SEC(".maps");

static __always_inline struct tally *find_tally(void)
{
	__u32 first = 0;

	return bpf_map_lookup_elem(&counters, &first);
}

static __always_inline void count(struct direction *direction, __u32 octets)
{
	direction->packets++;
	direction->octets += octets;
}
