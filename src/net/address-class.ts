// Classes of addresses that decide whether a packet may be translated, on words (signed 32 bits): the packet path asks.

const LINK_LOCAL_169_254 = 0xa9fe;
const BROADCAST = -1;

/** 224.0.0.0/4 (RFC 5771). */
export function isMulticast4(address: number): boolean {
  return address >>> 28 === 0xe;
}

/** 255.255.255.255. */
export function isBroadcast4(address: number): boolean {
  return address === BROADCAST;
}

/** 240.0.0.0/4 without the broadcast address (RFC 1112 §4). */
export function isReserved4(address: number): boolean {
  return address >>> 28 === 0xf && address !== BROADCAST;
}

/**
 * What no router forwards (RFC 1812 §5.3.7, RFC 3927 §7; "forwardable: false" in the registry of RFC 6890): 0.0.0.0/8,
 * 127.0.0.0/8, 169.254.0.0/16, multicast, 240.0.0.0/4 with the broadcast address. Linux does forward 240.0.0.0/4; a
 * translator is at the border of a network, and what such an address means ends there.
 */
export function isMartian4(address: number): boolean {
  const first = address >>> 24;
  return first >= 224 || first === 0 || first === 127 || address >>> 16 === LINK_LOCAL_169_254;
}

/** ff00::/8; takes the first word. */
export function isMulticast6(w0: number): boolean {
  return w0 >>> 24 === 0xff;
}

/** fe80::/10; takes the first word. */
export function isLinkLocal6(w0: number): boolean {
  return w0 >>> 22 === 0x3fa;
}

/** `::` or `::1`. */
function isUnspecifiedOrLoopback6(w0: number, w1: number, w2: number, w3: number): boolean {
  return (w0 | w1 | w2) === 0 && w3 >>> 1 === 0;
}

/** What is no source of a packet that a router forwards (RFC 4291 §2.5 to §2.7): unspecified, loopback, multicast, link-local. */
export function isMartian6(w0: number, w1: number, w2: number, w3: number): boolean {
  return isMulticast6(w0) || isLinkLocal6(w0) || isUnspecifiedOrLoopback6(w0, w1, w2, w3);
}

/** Prefixes that are not "globally reachable" (IANA's IPv4 Special-Purpose Address Registry, RFC 6890), and multicast. */
export const nonGlobalPrefixes4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
] as const;

/** The table above as a decision: what may not stand behind the well-known prefix (RFC 6052 §3.1). */
export function isNonGlobal4(address: number): boolean {
  const first = address >>> 24;
  switch (first) {
    case 0:
    case 10:
    case 127:
      return true;
    case 100:
      return address >>> 22 === 0x191;
    case 169:
      return address >>> 16 === LINK_LOCAL_169_254;
    case 172:
      return address >>> 20 === 0xac1;
    case 192: {
      const three = address >>> 8;
      return three === 0xc00000 || three === 0xc00002 || address >>> 16 === 0xc0a8;
    }
    case 198:
      return address >>> 17 === 0x6309 || address >>> 8 === 0xc63364;
    case 203:
      return address >>> 8 === 0xcb0071;
    default:
      return first >= 224;
  }
}
