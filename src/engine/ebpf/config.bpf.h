/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What the programs know of the configuration: constants that the verifier sees when a program is loaded, so that it takes
 * out what a configuration does not use. src/engine/ebpf/encode.ts writes the same octets; addresses are in network order.
 */
#pragma once

#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define MOST_PREF64S 8
#define MOST_UPLINKS 16

/* How addresses are mapped by the table (RFC 7757). */
#define EAMS_NONE 0
/* One host: a CLAT. */
#define EAMS_ONE 1
#define EAMS_MANY 2

#define INSIDE_UNKNOWN 0
/* One prefix: a CLAT's. Where it stands in a map, two look-ups are 1 % of a packet. */
#define INSIDE_ONE 1
#define INSIDE_MANY 2

/* uplinks_l2: they differ, so it takes a look at the table. */
#define L2_MIXED 255

struct pref64 {
	__be32 words[4];
	__u32 length;
	/* The well-known prefix, and RFC 6052 section 3.1 is observed. */
	__u32 strict;
	/* No mapping has an address of it. */
	__u32 apart;
};

struct uplink {
	__u32 ifindex;
	__u32 l2;
};

struct config {
	/* 0: everything passes. */
	__u32 active;
	/* Nothing is translated here: packets are only led to the translator, and away from it. */
	__u32 leads_only;
	__u32 clat_ifindex;
	/* Octets of link header on the CLAT's device: 0, as on every TUN; 14 where BPF_PROG_TEST_RUN makes up packets. */
	__u32 clat_l2;
	__u32 uplink_ifindex;
	/* Octets of link header: 0 or 14. */
	__u32 uplink_l2;
	/* Super-packets are cut in software before it, and what the translator has written wants no owner then: disown(). */
	__u32 uplink_cuts;
	/* Whether all that goes to a PREF64 goes to one neighbour, so that no route has to be looked up: 8 % of a packet. */
	__u32 has_next_hop;
	__be32 next_hop[4];
	/* The same of all uplinks, or L2_MIXED. */
	__u32 uplinks_l2;
	__u32 hops;
	__u32 mtu_v4;
	__u32 mtu_v6;
	/* What an IPv6 packet may have where the IPv4 sender did not set DF. */
	__u32 fragment_mtu_v6;
	__be32 translator_v4;
	/* 256: copied. */
	__u32 traffic_class_v6;
	__u32 tos_v4;
	/* INSIDE_*: whether packets must go from this side to the other one, and what this side is. */
	__u32 compare_sides;
	__be32 inside_v4;
	__be32 inside_mask;
	/* Sources from IPv4 are never mapped by the table (RFC 7757 section 4.2.1). */
	__u32 simple_hairpinning;
	/* Whether the host has the CLAT's address as well. */
	__u32 shared;
	__be32 shared_v6[4];
	__u32 eams;
	__be32 eam_v4;
	__be32 eam_v6[4];
	__u32 outgoing;
	struct pref64 out;
	__u32 incoming;
	/* Longest first. */
	struct pref64 in[MOST_PREF64S];
	__u32 uplinks;
	struct uplink uplink[MOST_UPLINKS];
};

SEC(".rodata.config") const volatile struct config config = {};
