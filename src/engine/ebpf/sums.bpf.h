/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The Internet checksum (RFC 1071): sums of 16-bit words in the order in which the machine loads them. */
#pragma once

#include "config.bpf.h"

static __always_inline __u32 fold32(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	return sum;
}

static __always_inline __u16 fold16(__u64 sum)
{
	__u32 half = fold32(sum);

	half = (half & 0xffff) + (half >> 16);
	half = (half & 0xffff) + (half >> 16);
	return half;
}

static __always_inline __u64 sum6(const __be32 *words)
{
	return (__u64)words[0] + words[1] + words[2] + words[3];
}

/* Adds the complement: what one's complement has for subtraction. */
static __always_inline __u64 minus(__u32 word)
{
	return ~word;
}

/* Whether a difference changes no checksum. */
static __always_inline int is_neutral(__u32 difference)
{
	__u16 folded = fold16(difference);

	return folded == 0 || folded == 0xffff;
}
