/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Addresses mapped both ways: explicit mappings first (RFC 7757), then the PREF64s (RFC 6052). What would take a decision
 * is no address here: the caller hands the packet to the translator, which knows the reason.
 */
#pragma once

#include "config.bpf.h"

struct key4 {
	__u32 length;
	__be32 address;
};

struct key6 {
	__u32 length;
	__be32 words[4];
};

/* Beside an IPv4 prefix. */
struct eam4 {
	__u32 length4;
	__u32 length6;
	__be32 v6[4];
};

/* Beside an IPv6 prefix. */
struct eam6 {
	__u32 length4;
	__u32 length6;
	__be32 v4;
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct key4);
	__type(value, struct eam4);
} eams4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct key6);
	__type(value, struct eam6);
} eams6 SEC(".maps");

/* IPv4 prefixes of this side (RFC 7756 section 6), where they are many. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct key4);
	__type(value, __u32);
} inside SEC(".maps");

/* What no router forwards: src/net/address-class.ts. Host order. */
static __always_inline int is_martian4(__u32 address)
{
	__u32 first = address >> 24;

	return first >= 224 || first == 0 || first == 127 || address >> 16 == 0xa9fe;
}

static __always_inline int is_martian6(const __be32 *words)
{
	__u32 first = bpf_ntohl(words[0]);

	if (first >> 24 == 0xff || first >> 22 == 0x3fa)
		return 1;
	return (words[0] | words[1] | words[2]) == 0 && bpf_ntohl(words[3]) >> 1 == 0;
}

/* What may not stand behind the well-known prefix (RFC 6052 section 3.1). Host order. */
static __always_inline int is_non_global4(__u32 address)
{
	__u32 first = address >> 24;

	switch (first) {
	case 0:
	case 10:
	case 127:
		return 1;
	case 100:
		return address >> 22 == 0x191;
	case 169:
		return address >> 16 == 0xa9fe;
	case 172:
		return address >> 20 == 0xac1;
	case 192:
		return address >> 8 == 0xc00000 || address >> 8 == 0xc00002 || address >> 16 == 0xc0a8;
	case 198:
		return address >> 17 == 0x6309 || address >> 8 == 0xc63364;
	case 203:
		return address >> 8 == 0xcb0071;
	default:
		return first >= 224;
	}
}

static __always_inline int is_inside(__be32 address)
{
	struct key4 key = { 32, address };

	if (config.compare_sides == INSIDE_ONE)
		return (address & config.inside_mask) == config.inside_v4;
	return bpf_map_lookup_elem(&inside, &key) != 0;
}

#define BY_TABLE 1
#define BY_PREF64 2

/* By the first PREF64. */
static __always_inline int embed(__be32 address, __be32 *out)
{
	__u32 host = bpf_ntohl(address);

	if (!config.outgoing || (config.out.strict && is_non_global4(host)))
		return 0;
	out[0] = config.out.words[0];
	out[1] = config.out.words[1];
	out[2] = config.out.words[2];
	out[3] = 0;
	switch (config.out.length) {
	case 32:
		out[1] = address;
		break;
	case 40:
		out[1] |= bpf_htonl(host >> 8);
		out[2] = bpf_htonl((host & 0xff) << 16);
		break;
	case 48:
		out[1] |= bpf_htonl(host >> 16);
		out[2] = bpf_htonl((host & 0xffff) << 8);
		break;
	case 56:
		out[1] |= bpf_htonl(host >> 24);
		out[2] = bpf_htonl(host & 0xffffff);
		break;
	case 64:
		out[2] = bpf_htonl(host >> 8);
		out[3] = bpf_htonl(host << 24);
		break;
	default:
		out[3] = address;
	}
	return BY_PREF64;
}

/* The prefix, the suffix of the IPv4 address, zeros (RFC 7757 section 3.3.1). */
static __always_inline void extend(const struct eam4 *eam, __be32 address, __be32 *out)
{
	__u32 length4 = eam->length4;

	out[0] = eam->v6[0];
	out[1] = eam->v6[1];
	out[2] = eam->v6[2];
	out[3] = eam->v6[3];
	if (length4 >= 32)
		return;
	__u64 suffix = (__u32)(bpf_ntohl(address) << length4);
#pragma unroll
	for (int word = 0; word < 4; word++) {
		int at = (int)eam->length6 - 32 * word;

		if (at >= 0 && at < 32)
			out[word] |= bpf_htonl(suffix >> at);
		else if (at < 0 && at > -32)
			out[word] |= bpf_htonl((__u32)(suffix << -at));
	}
}

/* The other way (RFC 7757 section 3.3.2). */
static __always_inline __be32 shorten(const struct eam6 *eam, const __be32 *words)
{
	__u32 length4 = eam->length4;
	__u32 suffix = 0;

	if (length4 >= 32)
		return eam->v4;
#pragma unroll
	for (int word = 0; word < 4; word++) {
		int at = (int)eam->length6 - 32 * word;

		if (at >= 0 && at < 32)
			suffix |= bpf_ntohl(words[word]) << at;
		else if (at < 0 && at > -32)
			suffix |= bpf_ntohl(words[word]) >> -at;
	}
	return eam->v4 | bpf_htonl(suffix >> length4);
}

/* How the address is mapped; 0 where the translator has to decide. */
static __always_inline int to_v6(__be32 address, __be32 *out)
{
	if (config.eams == EAMS_ONE && address == config.eam_v4) {
		out[0] = config.eam_v6[0];
		out[1] = config.eam_v6[1];
		out[2] = config.eam_v6[2];
		out[3] = config.eam_v6[3];
		return BY_TABLE;
	}
	if (config.eams == EAMS_MANY) {
		struct key4 key = { 32, address };
		struct eam4 *eam = bpf_map_lookup_elem(&eams4, &key);

		if (eam) {
			extend(eam, address, out);
			return BY_TABLE;
		}
	}
	return embed(address, out);
}

/* Returns 0 where the table does not have the address. */
static __always_inline int by_table(const __be32 *words, __be32 *out)
{
	if (config.eams == EAMS_ONE) {
		if (words[0] != config.eam_v6[0] || words[1] != config.eam_v6[1] || words[2] != config.eam_v6[2] ||
		    words[3] != config.eam_v6[3])
			return 0;
		*out = config.eam_v4;
		return 1;
	}
	if (config.eams == EAMS_MANY) {
		struct key6 key = { 128, { words[0], words[1], words[2], words[3] } };
		struct eam6 *eam = bpf_map_lookup_elem(&eams6, &key);

		if (eam) {
			*out = shorten(eam, words);
			return 1;
		}
	}
	return 0;
}

static __always_inline int is_of(const volatile struct pref64 *pref64, const __be32 *words)
{
	__u32 length = pref64->length;

	if (words[0] != pref64->words[0])
		return 0;
	if (length == 96)
		return words[1] == pref64->words[1] && words[2] == pref64->words[2];
	if (bpf_ntohl(words[2]) >> 24 != 0)
		return 0;
	if (length == 64)
		return words[1] == pref64->words[1];
	return length == 32 || bpf_ntohl(words[1] ^ pref64->words[1]) >> ((64 - length) & 31) == 0;
}

static __always_inline __be32 extract(__u32 length, const __be32 *words)
{
	__u32 w1 = bpf_ntohl(words[1]);
	__u32 w2 = bpf_ntohl(words[2]);

	switch (length) {
	case 32:
		return words[1];
	case 40:
		return bpf_htonl(w1 << 8 | (w2 >> 16 & 0xff));
	case 48:
		return bpf_htonl(w1 << 16 | (w2 >> 8 & 0xffff));
	case 56:
		return bpf_htonl(w1 << 24 | (w2 & 0xffffff));
	case 64:
		return bpf_htonl(w2 << 8 | bpf_ntohl(words[3]) >> 24);
	default:
		return words[3];
	}
}

/* Where an IPv6 packet comes from, as IPv4; 0 where the translator has to decide. */
static __always_inline int to_v4(const __be32 *words, __be32 *out)
{
#pragma unroll
	for (__u32 index = 0; index < MOST_PREF64S; index++) {
		if (index >= config.incoming)
			break;
		const volatile struct pref64 *pref64 = &config.in[index];

		if (!is_of(pref64, words))
			continue;
		if (!pref64->apart && by_table(words, out))
			return 1;
		*out = extract(pref64->length, words);
		return !(pref64->strict && is_non_global4(bpf_ntohl(*out)));
	}
	return by_table(words, out);
}
