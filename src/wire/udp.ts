// The UDP header (RFC 768): offsets by name.

/** Octets. */
export const UDP_HEADER = 8;

export const UDP_LENGTH = 4;
/** Zero: none (RFC 768); a checksum that comes out as zero is sent as 0xffff. */
export const UDP_CHECKSUM = 6;
