// Names of sysctls, which of them a snapshot shows, and the forwarding trap. Pure.
//
// A key is written as sysctl(8) writes it: dots between the parts; a dot inside a device's name is a slash
// (`net.ipv6.conf.eth0/100.forwarding`).

/** Where the key stands in the file system. */
export function sysctlPath(key: string): string {
  return `/proc/sys/${swapDotsAndSlashes(key)}`;
}

export function sysctlKey(path: string): string {
  return swapDotsAndSlashes(path.replace(/^\/proc\/sys\//, ""));
}

function swapDotsAndSlashes(text: string): string {
  return text.replace(/[./]/g, (character) => (character === "." ? "/" : "."));
}

/** Per-device keys that a snapshot shows, by family. */
export const deviceSysctls = {
  ipv4: ["forwarding", "rp_filter", "proxy_arp"],
  ipv6: ["forwarding", "accept_ra", "proxy_ndp", "disable_ipv6", "autoconf"],
} as const;

/** Keys without a device that a snapshot shows. */
export const plainSysctls = ["net.ipv4.ip_forward", "net.ipv4.ip_early_demux"] as const;

/** The key of a device (or `all`, `default`). */
export function deviceKey(family: "ipv4" | "ipv6", dev: string, name: string): string {
  return `net.${family}.conf.${dev.replaceAll(".", "/")}.${name}`;
}

const devicePattern = /^net\.(ipv[46])\.conf\.([^.]+)\.([a-z0-9_]+)$/;

export interface DeviceSysctl {
  readonly family: "ipv4" | "ipv6";
  /** A device, `all` or `default`. */
  readonly dev: string;
  readonly name: string;
}

/** Undefined where the key is not about a device. */
export function parseDeviceKey(key: string): DeviceSysctl | undefined {
  const match = devicePattern.exec(key);
  const [, family, dev, name] = match ?? [];
  if ((family !== "ipv4" && family !== "ipv6") || dev === undefined || name === undefined) return undefined;
  return { family, dev: dev.replaceAll("/", "."), name };
}

/** Whether a snapshot shows this key as long as its device exists. */
export function volatileSysctl(key: string): boolean {
  const parsed = parseDeviceKey(key);
  if (parsed === undefined) return false;
  const shown: readonly string[] = deviceSysctls[parsed.family];
  return shown.includes(parsed.name);
}

/**
 * Writing these sets every device's value and the default's, to what is written, whatever it was before (IPv6:
 * addrconf_fixup_forwarding; IPv4, where the value changes: inet_forward_change, which turns accept_redirects over as
 * well). So the undo must know them all.
 */
export function forwardingTrap(key: string): "ipv4" | "ipv6" | undefined {
  if (key === "net.ipv6.conf.all.forwarding") return "ipv6";
  return key === "net.ipv4.ip_forward" || key === "net.ipv4.conf.all.forwarding" ? "ipv4" : undefined;
}

/** What the kernel shows has lost spaces and leading zeros. */
export function sameSetting(a: string, b: string): boolean {
  const words = (text: string): string => text.trim().split(/\s+/).join(" ");
  return words(a) === words(b);
}
