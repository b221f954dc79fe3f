// How far in front of a packet its translation may begin: an ICMPv4 error about a fragment becomes an ICMPv6 error with
// 40 + 8 + 40 + 8 octets of headers where there were 20 + 8 + 20, and up to 7 octets of padding (RFC 4884 §4.4).
// Refusals need 48. HEADROOM leaves more, since a packet that was translated once may be translated again.

/** Octets. */
export const NEEDED_HEADROOM = 64;

/** Octets that stay free whatever is written in front: who sends the packet on puts a virtio header there (12 octets). */
export const LEFT_IN_FRONT = 16;
