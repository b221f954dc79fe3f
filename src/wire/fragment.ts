// The IPv6 Fragment Header (RFC 8200 §4.5).

/** Octets. */
export const FRAGMENT_HEADER = 8;

export const FRAGMENT_NEXT_HEADER = 0;
/** The offset in octets (its low three bits masked out), and the M flag. */
export const FRAGMENT_OFFSET = 2;
export const FRAGMENT_IDENTIFICATION = 4;

export const FRAGMENT_OFFSET_MASK = 0xfff8;
export const FRAGMENT_MORE = 1;
