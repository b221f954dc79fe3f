// What came out of a device behind which another program translates (TAYGA, nat46, Jool), by the kernel's counters. Pure.
//
// Both families go in and come out at one device. What went in cannot be told apart: a large TCP packet is one to IPv6's
// counter and many to the device's. What comes out does not come merged, so the device's counter less IPv6's is IPv4.

interface Volume {
  readonly packets: number;
  /** IP headers included. */
  readonly octets: number;
}

/** Since the device came. */
export interface DeviceTraffic {
  readonly v4: Volume;
  readonly v6: Volume;
}

export interface DeviceCounters {
  readonly name: string;
  /** The text of /proc/net/dev. */
  readonly dev: string;
  /** The text of /proc/net/dev_snmp6/NAME. */
  readonly snmp6: string;
  /** Octets of a link header, which the device's counter has in. */
  readonly header: number;
}

/** Undefined where the device, or its IPv6, is not there. */
export function deviceTraffic({ name, dev, snmp6, header }: DeviceCounters): DeviceTraffic | undefined {
  const row = dev.split("\n").find((line) => line.trimStart().startsWith(`${name}:`));
  const [octets, packets] =
    row
      ?.slice(row.indexOf(":") + 1)
      .trim()
      .split(/\s+/)
      .map(Number) ?? [];
  const v6 = { packets: counterOf(snmp6, "Ip6InReceives"), octets: counterOf(snmp6, "Ip6InOctets") };
  if (octets === undefined || packets === undefined || v6.packets === undefined || v6.octets === undefined) {
    return undefined;
  }
  // The two are not read in one moment.
  const v4 = {
    packets: Math.max(0, packets - v6.packets),
    octets: Math.max(0, octets - packets * header - v6.octets),
  };
  return { v4, v6: { packets: v6.packets, octets: v6.octets } };
}

function counterOf(text: string, name: string): number | undefined {
  const value = new RegExp(`^${name}\\s+(\\d+)$`, "m").exec(text)?.[1];
  return value === undefined ? undefined : Number(value);
}
