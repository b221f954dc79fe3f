// Protocol numbers (IANA): IPv4's Protocol field and IPv6's Next Header share them.

export const PROTOCOL_ICMP = 1;
export const PROTOCOL_IGMP = 2;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;
export const PROTOCOL_DCCP = 33;
export const PROTOCOL_ICMPV6 = 58;
export const PROTOCOL_UDPLITE = 136;

export const EXTENSION_HOP_BY_HOP = 0;
export const EXTENSION_ROUTING = 43;
export const EXTENSION_FRAGMENT = 44;
export const EXTENSION_DESTINATION = 60;
